"""This is where the margins' indexes are, and the one query that finds what a discount would sell too cheaply.

It reads an index that holds all it needs (live SKUs with price, cost and weight), so the documents that everybody buys from
stay where they are; it is MongoDB that works, not the process that answers buyers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo import IndexModel

from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.store import Document

from .costs import WHOLE_BP, Rates
from .discounts import Selection, Step

Expression = Any
_WAIT_S = 8.0
_BEYOND = 10**15
MOST_COUNTED = 10_000

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


async def too_cheap(
    skus: Table[Sku], where: dict[str, Any], ways: Sequence[Sequence[Step]], rates: Rates, most: int
) -> tuple[int, list[Document]]:
    """How many of these SKUs fall below the floor (at most 10,000 are counted), and the worst of those."""
    by_id = "$in" in where.get("_id", {})
    with pymongo.timeout(_WAIT_S):  # staff wait for it: a rule for all goods looks at all goods
        pipeline = stages(where, ways, rates, most)
        found = await skus.aggregate(pipeline, hint="" if by_id else "margins")
    return (found[0]["below"], found[0]["worst"]) if found else (0, [])


def stages(where: dict[str, Any], ways: Sequence[Sequence[Step]], rates: Rates, most: int) -> list[dict[str, Any]]:
    """First the index's fields are taken out under other names: a condition on the fields themselves would have MongoDB
    read each document for it.

    left < lowest, where lowest is what is fixed divided by the share that fees and floor leave, rounded up: as left is
    whole, left × share < fixed says the same.
    """
    share = WHOLE_BP - rates.fees_bp - rates.floor_bp
    left, fixed = _left(ways), {"$multiply": [_fixed(rates), WHOLE_BP]}
    below = {"$lt": [{"$multiply": [left, share]}, fixed]} if share > 0 else True
    one_currency = {"$eq": ["$cost_currency", "$currency"]}
    lowest = {"$divide": [fixed, share]} if share > 0 else _BEYOND
    fields = {"price": "$price.minor", "currency": "$price.currency", "cost": "$cost.minor"}
    worst = {
        "n": most,
        "sortBy": {"short": -1, "_id": 1},
        "output": {name: f"${name}" for name in ("_id", *fields, "weight_g")},
    }
    return [
        {"$match": {**where, "cost.minor": {"$gt": 0}}},
        {"$project": {**fields, "cost_currency": "$cost.currency", "weight_g": "$weight_g"}},
        {"$match": {"$expr": {"$and": [below, one_currency]}}},
        {"$limit": MOST_COUNTED},
        {"$set": {"short": {"$subtract": [lowest, left]}}},
        {"$group": {"_id": None, "below": {"$sum": 1}, "worst": {"$topN": worst}}},
    ]


def _fixed(rates: Rates) -> Expression:
    """Cost and freight, as `Terms.lowest_minor` has them."""
    fixed: Expression = "$cost"
    if rates.freight_per_kg_minor:
        by_weight = {"$ceil": {"$divide": [{"$multiply": ["$weight_g", rates.freight_per_kg_minor]}, 1_000]}}
        fixed = {"$add": [fixed, by_weight]}
    return {"$add": [fixed, rates.freight_per_unit_minor]} if rates.freight_per_unit_minor else fixed


def _left(ways: Sequence[Sequence[Step]]) -> Expression:
    """What the worst way leaves, as `left_after` has it."""
    each = [_left_by(way) for way in ways]
    return {"$min": each} if len(each) > 1 else each[0]


def _left_by(way: Sequence[Step]) -> Expression:
    left: Expression = "$price"
    for step in way:
        if step.percent_bp:
            share = {"$multiply": [left, WHOLE_BP - step.percent_bp]}
            left = {"$floor": {"$divide": [share, WHOLE_BP]}}
        if step.fixed_minor is not None:
            left = {"$min": [left, max(0, step.fixed_minor)]}
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
