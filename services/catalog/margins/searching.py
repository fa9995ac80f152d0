"""This is where it is found what on the shelf is too cheap, or would be: all for a discount, page by page for people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.fields import Faults
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.errors import Invalid
from services.kit.store import Document, decode_cursor, encode_cursor

from .cost_models import CostModels
from .costs import Margin, Rates, Terms
from .discounts import Discount, Selection, Shortfall, worst_way
from .overrides import Overrides
from .store import Alike, on_sale, too_cheap
from .terms import Standing, Unit, unit_of

MOST_NAMED = 20
MOST_DISCOUNTS, _MOST_WAYS, _MOST_STEPS, _MOST_CHOSEN = 200, 50, 50, 20_000
_LOOKED_AT, MOST_LOOKED_UP = 1_000, 500
UNIT = {"category": 1, "price.currency": 1, "price.minor": 1, "cost.currency": 1, "cost.minor": 1, "weight_g": 1}
IN_ORDER = (("live", 1), ("category", 1), ("_id", 1))


class InvalidDiscount(Invalid):
    """More of it than can be looked at at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many SKUs would fall below their lowest price, and the worst of them."""

    below: int
    worst: list[Shortfall]


def check(discounts: Sequence[Discount]) -> None:
    """Refuses with INVALID_DISCOUNT."""
    faults = Faults()
    faults.number("/discounts", len(discounts), 0, MOST_DISCOUNTS)
    for place, each in enumerate(discounts[:MOST_DISCOUNTS]):
        faults.number(f"/discounts/{place}/ways", len(each.ways), 1, _MOST_WAYS)
        chosen = (
            each.selection.skus,
            each.selection.but_skus,
            each.selection.categories,
            each.selection.but_categories,
        )
        faults.number(f"/discounts/{place}/selection", max(map(len, chosen)), 0, _MOST_CHOSEN)
        for way in each.ways[:_MOST_WAYS]:
            faults.number(f"/discounts/{place}/ways/steps", len(way), 0, _MOST_STEPS)
            faults.number(f"/discounts/{place}/ways/amounts", sum(len(step.amounts) for step in way), 0, _MOST_STEPS)
    faults.refuse(InvalidDiscount)


def shortfall_of(unit: Unit, terms: Terms, ways: Sequence[Any], discount: int = 0) -> Shortfall | None:
    """What is missing of a unit's lowest price after the worst of these ways; None when nothing is."""
    left, way = worst_way(unit.price.minor, ways)
    margin = unit.margin(terms, left)
    if margin.keeps_floor:
        return None
    missing = margin.cost_minor if margin.shortfall_minor is None else margin.shortfall_minor
    price = unit.price
    return Shortfall(discount, way, unit.sku, price.currency, price.minor, left, margin.lowest_minor, missing)


class Shelf:
    """What is on sale, as its margins are."""

    def __init__(self, skus: Table[Sku], models: CostModels, overrides: Overrides, standing: Standing) -> None:
        self._skus, self._models, self._overrides, self._standing = skus, models, overrides, standing

    async def check(self, discounts: Sequence[Discount]) -> Verdict:
        """What these discounts would sell below the floor. Refuses with INVALID_DISCOUNT.

        SKUs with terms of their own (at most 20,000) are worked out one by one, all others by MongoDB.
        """
        check(discounts)
        usual, others = await self._models.by_category()
        own = sorted({*await self._models.skus_with_their_own(), *await self._overrides.skus_in_force()})
        alike = _alike(usual, others)
        below, worst = 0, list[Shortfall]()
        for place, discount in enumerate(discounts):
            for some in alike:
                count, found = await self._of_many(place, discount, some, own)
                below, worst = below + count, worst + found
            found = await self._one_by_one(place, discount, own)
            below, worst = below + len(found), worst + found
        return Verdict(below, sorted(worst, key=lambda each: each.order)[:MOST_NAMED])

    async def _of_many(
        self, place: int, discount: Discount, alike: Alike, own: Sequence[str]
    ) -> tuple[int, list[Shortfall]]:
        where = on_sale(discount.selection, alike, own)
        if where is None:
            return 0, []
        below, worst = await too_cheap(self._skus, where, discount.ways, alike.rates, MOST_NAMED)
        terms = Terms(alike.rates)
        named = [shortfall_of(_unit(each), terms, discount.ways, place) for each in worst]
        return below, [each for each in named if each]

    async def _one_by_one(self, place: int, discount: Discount, own: Sequence[str]) -> list[Shortfall]:
        chosen = set(own) & set(discount.selection.skus) if discount.selection.skus else set(own)
        of_those = Selection(
            tuple(sorted(chosen)),
            discount.selection.but_skus,
            discount.selection.categories,
            discount.selection.but_categories,
            discount.selection.currencies,
            discount.selection.but_currencies,
        )
        where = on_sale(of_those, Alike(Rates()), ()) if chosen else None
        if where is None:
            return []
        units = [unit_of(document) for document in await self._skus.parts(where, UNIT)]
        terms = await self._standing.of(units)
        found = [shortfall_of(unit, each, discount.ways, place) for unit, each in zip(units, terms, strict=True)]
        return [each for each in found if each]

    async def lowest(self, skus: Sequence[str]) -> list[tuple[Unit, Margin]]:
        """These SKUs as far as they exist and it is known what they cost. Refuses with INVALID_DISCOUNT."""
        faults = Faults()
        faults.number("/skus", len(skus), 0, MOST_LOOKED_UP)
        faults.refuse(InvalidDiscount)
        units = [unit_of(document) for document in await self._skus.parts({"_id": {"$in": list(skus)}}, UNIT)]
        terms = await self._standing.of(units)
        margins = [(unit, unit.margin(each)) for unit, each in zip(units, terms, strict=True)]
        return [(unit, margin) for unit, margin in margins if margin.cost_known]

    async def walk(
        self, cursor: str, most: int = _LOOKED_AT, where: dict[str, Any] | None = None
    ) -> tuple[list[tuple[Unit, Margin]], str]:
        """The next SKUs on sale by category and SKU with what each earns, and where to go on; empty at the end."""
        wanted: dict[str, Any] = {"live": True, **(where or {})}
        if cursor:
            category, sku = decode_cursor(cursor, 2)
            wanted["$or"] = [{"category": category, "_id": {"$gt": sku}}, {"category": {"$gt": category}}]
        documents: list[Document] = await self._skus.parts(wanted, UNIT, IN_ORDER, most)
        units = [unit_of(document) for document in documents]
        terms = await self._standing.of(units)
        margins = [(unit, unit.margin(each)) for unit, each in zip(units, terms, strict=True)]
        last = units[-1] if len(units) == most else None
        return margins, encode_cursor(last.category, last.sku) if last else ""

    async def below(self, limit: int, cursor: str) -> tuple[list[tuple[Unit, Margin]], str]:
        """SKUs on sale below their floor. A page looks at 1,000 SKUs at most, so it may be short, and another follow."""
        size = min(limit or 20, 100)
        margins, more = await self.walk(cursor)
        found = [(unit, margin) for unit, margin in margins if not margin.keeps_floor]
        if len(found) > size:
            last = found[size - 1][0]
            more = encode_cursor(last.category, last.sku)
        return found[:size], more


def _alike(usual: Rates, others: dict[str, Rates]) -> list[Alike]:
    categories: dict[Rates, list[str]] = defaultdict(list)
    for category, rates in others.items():
        categories[rates].append(category)
    return [Alike(usual, but=tuple(others)), *(Alike(rates, tuple(found)) for rates, found in categories.items())]


def _unit(found: Document) -> Unit:
    price = {"currency": found["currency"], "minor": found["price"]}
    cost = {"currency": found["currency"], "minor": found["cost"]}
    return unit_of({"_id": found["_id"], "category": "", "price": price, "cost": cost, "weight_g": found["weight_g"]})
