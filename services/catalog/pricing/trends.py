"""This is where it is seen what sells more than it did, and what less: 28 days beside the 28 before, by SKU and by category.

A change counts when chance alone would rarely make it: orders of the later days are, if nothing changed, half of both (a
binomial test), and of all that are named one in twenty is expected to be named wrongly (Benjamini and Hochberg 1995).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.catalog.baskets import SkuDay
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.store import Document

FALSE_NAMED = 0.05
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Sold:
    """What sold in the later days and in the ones before: orders, units, money in minor units."""

    orders: int = 0
    orders_before: int = 0
    units: int = 0
    units_before: int = 0
    paid: int = 0
    paid_before: int = 0

    def __add__(self, other: "Sold") -> "Sold":
        names = Sold.__slots__
        return Sold(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(frozen=True, slots=True)
class Trend:
    """A SKU or category and its change; `chance` is how likely chance alone makes one as great."""

    id: str
    title: str
    currency: str
    sold: Sold
    chance: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Trends:
    """Rising and falling, the surest first; `hot` are those with most money in the later days."""

    first_day: str
    last_day: str
    days: int
    rising: Sequence[Trend]
    falling: Sequence[Trend]
    hot: Sequence[Trend]
    tested: int


def chance(later: int, before: int) -> float:
    """Two-sided, by the normal approximation with continuity correction: exact enough from ten orders on. Pure."""
    both = later + before
    if both == 0:
        return 1.0
    return math.erfc(max(0.0, abs(later - before) - 1) / math.sqrt(both) / math.sqrt(2))


def sure_of(chances: Mapping[str, float]) -> set[str]:
    """Which of them may be named, by Benjamini and Hochberg. Pure."""
    ranked = sorted(chances.items(), key=lambda item: item[1])
    last = max((i for i, (_, p) in enumerate(ranked, 1) if p <= FALSE_NAMED * i / len(ranked)), default=0)
    return {key for key, _ in ranked[:last]}


class Assortment:
    """Reports trends."""

    def __init__(self, days: Table[SkuDay], skus: Table[Sku], clock: Clock) -> None:
        self._days, self._skus, self._clock = days, skus, clock

    async def trends(self, by_category: bool, days: int) -> Trends:
        """Whole days up to yesterday, beside as many before them."""
        last = self._clock.now().date() - timedelta(days=1)
        middle, first = last - timedelta(days=days), last - timedelta(days=2 * days)
        rows = await self._days.aggregate(_stages(first, middle, last))
        known = await self._skus.by_keys(list({row["_id"]["sku"] for row in rows}), {"title": 1, "category": 1})
        sums: dict[tuple[str, str], Sold] = defaultdict(Sold)
        titles: dict[str, str] = {}
        for row in rows:
            sku = row["_id"]["sku"]
            own = known.get(sku, {})
            key = str(own.get("category", "")) if by_category else sku
            titles[key] = key if by_category else str(own.get("title", ""))
            sums[key, row["_id"]["currency"]] += _sold(row)
        ranked = _ranked(sums, titles)
        return Trends(
            first_day=(middle + timedelta(days=1)).isoformat(),
            last_day=last.isoformat(),
            days=days,
            rising=_first(each for each in ranked if each.sure and each.sold.orders > each.sold.orders_before),
            falling=_first(each for each in ranked if each.sure and each.sold.orders < each.sold.orders_before),
            hot=sorted(ranked, key=lambda each: (-each.sold.paid, each.id))[:_SHOWN],
            tested=len(ranked),
        )


def _stages(first: date, middle: date, last: date) -> list[Mapping[str, object]]:
    later = {"$gt": ["$day", middle.isoformat()]}
    sums: dict[str, object] = {}
    for name, kept in (("orders", "orders"), ("units", "units"), ("paid", "paid_minor")):
        sums[name] = {"$sum": {"$cond": [later, f"${kept}", 0]}}
        sums[f"{name}_before"] = {"$sum": {"$cond": [later, 0, f"${kept}"]}}
    return [
        {"$match": {"day": {"$gt": first.isoformat(), "$lte": last.isoformat()}}},
        {"$group": {"_id": {"sku": "$sku", "currency": "$currency"}, **sums}},
    ]


def _sold(row: Document) -> Sold:
    return Sold(**{name: row[name] for name in Sold.__slots__})


def _ranked(sums: Mapping[tuple[str, str], Sold], titles: Mapping[str, str]) -> list[Trend]:
    chances = {f"{key}|{money}": chance(sold.orders, sold.orders_before) for (key, money), sold in sums.items()}
    sure = sure_of(chances)
    ranked = [
        Trend(key, titles[key], money, sold, chances[f"{key}|{money}"], f"{key}|{money}" in sure)
        for (key, money), sold in sums.items()
    ]
    return sorted(ranked, key=lambda each: (each.chance, each.id))


def _first(trends: Iterable[Trend]) -> list[Trend]:
    return list(trends)[:_SHOWN]
