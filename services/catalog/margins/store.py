"""This is where the margins' indexes are, and the one query that finds what a discount would sell too cheaply.

It reads an index that holds all it needs (live SKUs with price, cost and weight), so the documents that everybody buys from
stay where they are; it is MongoDB that works, not the process that answers buyers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import IndexModel

from .costs import WHOLE_BP, Rates
from .discounts import Selection, Step

Expression = Any

COST_MODELS = [IndexModel([("kind", 1), ("_id", 1)])]
COST_CHANGES = [IndexModel([("scope", 1), ("number", -1)], unique=True)]
OVERRIDES = [IndexModel([("lapsed", 1), ("expires_at", 1)])]
OVERRIDE_ENTRIES = [IndexModel([("sku", 1), ("number", -1)], unique=True)]


@dataclass(frozen=True, slots=True)
class Alike:
    """Categories in which the same rates hold; all but `but` when there are none."""

    rates: Rates
    categories: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


def on_sale(selection: Selection, alike: Alike, but_skus: Sequence[str]) -> dict[str, Any] | None:
    """The condition for SKUs on sale of both; None when there can be none."""
    skus = _either(selection.skus, (), (*selection.but_skus, *but_skus))
    categories = _either(selection.categories, alike.categories, (*selection.but_categories, *alike.but))
    currencies = _either(selection.currencies, (), selection.but_currencies)
    if skus is None or categories is None or currencies is None:
        return None
    where: dict[str, Any] = {"live": True}
    for name, condition in (("category", categories), ("price.currency", currencies), ("_id", skus)):
        if condition:
            where[name] = condition
    return where


def _either(one: Sequence[str], other: Sequence[str], but: Iterable[str]) -> dict[str, list[str]] | None:
    """In both lists (an empty one asks for nothing), and not among some."""
    left_out = set(but)
    if one or other:
        both = set(one or other) & set(other or one)
        return {"$in": sorted(both - left_out)} if both - left_out else None
    return {"$nin": sorted(left_out)} if left_out else {}


def too_cheap(where: dict[str, Any], ways: Sequence[Sequence[Step]], rates: Rates, most: int) -> list[dict[str, Any]]:
    """The stages that count what falls below the floor, and name the worst."""
    fields = {"price": "$price.minor", "currency": "$price.currency", "cost": "$cost.minor", "weight_g": 1}
    known = {"$expr": {"$and": [{"$gt": ["$cost.minor", 0]}, {"$eq": ["$cost.currency", "$price.currency"]}]}}
    short = {"$subtract": [_lowest(rates), _left(ways)]}
    worst = {
        "$topN": {
            "n": most,
            "sortBy": {"short": -1, "_id": 1},
            "output": {name: f"${name}" for name in ("_id", "price", "currency", "cost", "weight_g")},
        }
    }
    return [
        {"$match": {**where, **known}},
        {"$project": fields},
        {"$set": {"short": short}},
        {"$match": {"short": {"$gt": 0}}},
        {"$group": {"_id": None, "below": {"$sum": 1}, "worst": worst}},
    ]


def _lowest(rates: Rates) -> Expression:
    """The lowest price, as `Terms.lowest_minor` has it; beyond any price when fees and floor leave nothing."""
    left_bp = WHOLE_BP - rates.fees_bp - rates.floor_bp
    if left_bp <= 0:
        return 10**15
    fixed: Expression = "$cost"
    if rates.freight_per_kg_minor:
        by_weight = {"$ceil": {"$divide": [{"$multiply": ["$weight_g", rates.freight_per_kg_minor]}, 1_000]}}
        fixed = {"$add": [fixed, by_weight]}
    if rates.freight_per_unit_minor:
        fixed = {"$add": [fixed, rates.freight_per_unit_minor]}
    return {"$ceil": {"$divide": [{"$multiply": [fixed, WHOLE_BP]}, left_bp]}}


def _left(ways: Sequence[Sequence[Step]]) -> Expression:
    """What the worst way leaves, as `left_after` has it."""
    return {"$min": [_left_by(way) for way in ways]} if ways else "$price"


def _left_by(way: Sequence[Step]) -> Expression:
    left: Expression = "$price"
    for step in way:
        if step.percent_bp:
            share = {"$multiply": [left, WHOLE_BP - step.percent_bp]}
            left = {"$floor": {"$divide": [share, WHOLE_BP]}}
        if step.amounts:
            offs = [
                {
                    "$ceil": {
                        "$divide": [
                            {"$multiply": ["$$left", each.amount_minor]},
                            {"$max": ["$$left", each.over_minor, 1]},
                        ]
                    }
                }
                for each in step.amounts
            ]
            rest = {"$max": [0, {"$subtract": ["$$left", {"$add": offs}]}]}
            left = {"$let": {"vars": {"left": left}, "in": rest}}
    return left
