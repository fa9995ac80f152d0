"""This is where it is looked back on what was earned: by what was paid, not by what was asked; and what a person may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from services.catalog.baskets import SkuDay
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import Invalid
from services.kit.store import Document

from .costs import WHOLE_BP, Terms, up
from .floor import percent
from .terms import FACTS, Standing, Unit, unit_of

_MOST_SKUS, _AT_ONCE, _MOST_PROPOSED = 5_000, 1_000, 100
_SELLS_A_LOT = 30  # units in the days looked at, before a thin margin may be on purpose


class InvalidDays(Invalid):
    """From 1 to 366 days."""


class Action(StrEnum):
    """What a person may do."""

    RAISE_PRICE = "raise_price"
    END_PROMOTION = "end_promotion"
    MAKE_TRAFFIC = "make_traffic"


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold of a SKU in some days."""

    unit: Unit
    terms: Terms
    product_id: str
    role: str
    units: int
    gross_minor: int
    paid_minor: int

    def earned(self, minor: int) -> int:
        """What is left of so much once all its units are paid for."""
        rates = self.terms.rates
        fixed = self.unit.cost.minor + rates.freight_minor(self.unit.weight_g)
        return minor - up(minor * rates.fees_bp, WHOLE_BP) - self.units * fixed


@dataclass
class CategoryMargin:
    """What a category earned in a currency: as paid, and as the list prices would have."""

    category: str
    currency: str
    units: int = 0
    gross_minor: int = 0
    paid_minor: int = 0
    model_minor: int = 0
    contribution_minor: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A SKU that earned too little, and what to do about it. `price_minor` when it is to be raised."""

    sold: Sold
    contribution_minor: int
    contribution_bp: int
    action: Action
    price_minor: int
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Review:
    """What was earned from one day to another."""

    from_day: str
    to_day: str
    skus: int
    left_out: int
    categories: list[CategoryMargin]
    proposals: list[Proposal]


def propose(sold: Sold) -> Proposal | None:
    """What to do about a SKU that left less than it must of what was paid; nothing for a traffic item that loses nothing.
    Pure."""
    left = sold.earned(sold.paid_minor)
    left_bp = left * WHOLE_BP // sold.paid_minor if sold.paid_minor else -WHOLE_BP
    if left_bp >= sold.terms.floor_bp or (left >= 0 and sold.role == "traffic"):
        return None
    lowest = sold.terms.lowest_minor(sold.unit.cost.minor, sold.unit.weight_g)
    share = f"{percent(left_bp)} of what was paid was left"
    said = f"实收的 {percent(left_bp)} 为贡献毛利"
    if lowest is not None and sold.unit.price.minor < lowest:
        en, zh = f"{share}: the price itself is below the floor price of {lowest}", f"{said}：标价低于底价 {lowest}"
        return Proposal(sold, left, left_bp, Action.RAISE_PRICE, lowest, en, zh)
    if left >= 0 and sold.units >= _SELLS_A_LOT:
        en = f"{share}, and {sold.units} were sold: make it a traffic item, or end what makes it cheaper"
        zh = f"{said}，售出 {sold.units} 件：可设为引流款，或结束相关促销"
        return Proposal(sold, left, left_bp, Action.MAKE_TRAFFIC, 0, en, zh)
    en, zh = f"{share}: its price would do, its discounts take too much", f"{said}：标价合理，折扣过大"
    return Proposal(sold, left, left_bp, Action.END_PROMOTION, 0, en, zh)


class Reviewing:
    """Looks back."""

    def __init__(self, days: Table[SkuDay], skus: Table[Sku], standing: Standing, clock: Clock) -> None:
        self._days, self._skus, self._standing, self._clock = days, skus, standing, clock

    async def review(self, days: int) -> Review:
        """The last days, today included: the 5,000 SKUs that sold for most. Refuses with INVALID_DAYS."""
        days = days or 30
        if not 1 <= days <= 366:
            raise InvalidDays("from 1 to 366 days")
        today = self._clock.now().date()
        first, last = (today - timedelta(days=days - 1)).isoformat(), today.isoformat()
        sums = await self._days.aggregate(_sums(first, last))
        sold: list[Sold] = []
        for start in range(0, len(sums), _AT_ONCE):
            sold += await self._sold(sums[start : start + _AT_ONCE])
        proposals = sorted(
            filter(None, map(propose, sold)), key=lambda each: (each.contribution_minor, each.sold.unit.sku)
        )
        return Review(first, last, len(sums), len(sums) - len(sold), by_category(sold), proposals[:_MOST_PROPOSED])

    async def _sold(self, sums: Sequence[Document]) -> list[Sold]:
        """Those of which it is known what they cost, in the currency they were sold in."""
        known = await self._skus.by_keys([each["_id"]["sku"] for each in sums], {**FACTS, "product_id": 1, "role": 1})
        pairs = [(each, unit_of(known[each["_id"]["sku"]])) for each in sums if each["_id"]["sku"] in known]
        pairs = [(each, unit) for each, unit in pairs if _comparable(unit, each["_id"]["currency"])]
        terms = await self._standing.of([unit for _, unit in pairs])
        return [
            Sold(
                unit,
                held,
                known[unit.sku]["product_id"],
                known[unit.sku].get("role", ""),
                each["units"],
                each["gross_minor"],
                each["paid_minor"],
            )
            for (each, unit), held in zip(pairs, terms, strict=True)
        ]


def by_category(sold: Sequence[Sold]) -> list[CategoryMargin]:
    """What categories earned, in order. Pure."""
    found: dict[tuple[str, str], CategoryMargin] = {}
    for each in sold:
        key = (each.unit.category, each.unit.price.currency)
        category = found.setdefault(key, CategoryMargin(*key))
        category.units += each.units
        category.gross_minor += each.gross_minor
        category.paid_minor += each.paid_minor
        category.model_minor += each.earned(each.gross_minor)
        category.contribution_minor += each.earned(each.paid_minor)
    return [found[key] for key in sorted(found)]


def _comparable(unit: Unit, currency: str) -> bool:
    return unit.cost.minor > 0 and unit.cost.currency == unit.price.currency == currency


def _sums(first: str, last: str) -> list[dict[str, Any]]:
    sums = {name: {"$sum": f"${name}"} for name in ("units", "gross_minor", "paid_minor")}
    return [
        {"$match": {"day": {"$gte": first, "$lte": last}}},
        {"$group": {"_id": {"sku": "$sku", "currency": "$currency"}, **sums}},
        {"$sort": {"gross_minor": -1, "_id": 1}},
        {"$limit": _MOST_SKUS},
    ]
