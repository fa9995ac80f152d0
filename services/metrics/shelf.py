"""This is where it is known what is on sale and what is gone: now, and day by day. Pure.

It is told by three types of facts. `listing`: a product's SKUs, on sale or not. `availability`: a SKU's last unit is
spoken for, or the first is back; before the first such change it was the other way round. `stock_moved`: units on hand
and available after a movement; for SKUs whose availability never changed it says whether there is anything.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .facts import Fact

SHELF_TYPES = ("listing", "availability", "stock_moved")
_DAY_S = 86400.0
_NEVER = (datetime.min.replace(tzinfo=UTC), "")
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
Step = tuple[datetime, str, int]  # when, the fact's id (for those of one moment), the value from then on
Interval = tuple[datetime, datetime]


@dataclass
class Shelf:
    """What is on sale now. Facts may come late, twice or shuffled: the latest by time stands."""

    listings: dict[str, tuple[datetime, str, frozenset[str]]] = field(default_factory=dict)
    available: dict[str, Step] = field(default_factory=dict)
    stocked: dict[str, tuple[datetime, str, int, int]] = field(default_factory=dict)
    changed: bool = False

    def take(self, fact: Fact) -> None:
        """Learns from a fact."""
        values, stamp = fact.values, (fact.at, fact.id)
        if fact.type == "listing":
            skus = frozenset(values["skus"]) if values["live"] else frozenset()
            if stamp > self.listings.get(values["product"], _NEVER)[:2]:
                self.listings[values["product"]] = (*stamp, skus)
        elif fact.type == "availability":
            if stamp > self.available.get(values["sku"], _NEVER)[:2]:
                self.available[values["sku"]] = (*stamp, values["in_stock"])
        elif fact.type == "stock_moved":
            if stamp > self.stocked.get(values["sku"], _NEVER)[:2]:
                self.stocked[values["sku"]] = (*stamp, values["on_hand"], values["available"])
        else:
            return
        self.changed = True

    def on_sale(self) -> int:
        """SKUs on sale."""
        return sum(len(skus) for _, _, skus in self.listings.values())

    def out_of_stock(self) -> int:
        """SKUs on sale with nothing available."""
        return sum(not self._has(sku) for _, _, skus in self.listings.values() for sku in skus)

    def on_hand(self) -> int:
        """Units of all SKUs."""
        return sum(on_hand for _, _, on_hand, _ in self.stocked.values())

    def _has(self, sku: str) -> bool:
        if sku in self.available:
            return bool(self.available[sku][2])
        return sku in self.stocked and self.stocked[sku][3] > 0


class ShelfHistory:
    """What was on sale when, from all facts of the shelf up to some moment."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        products: dict[str, list[tuple[datetime, str, frozenset[str]]]] = defaultdict(list)
        self._available: dict[str, list[Step]] = defaultdict(list)
        self._units: dict[str, list[Step]] = defaultdict(list)
        self._fallback: dict[str, list[Step]] = defaultdict(list)
        for fact in sorted(facts, key=lambda fact: (fact.at, fact.id)):
            values = fact.values
            if fact.type == "listing":
                skus = frozenset(values["skus"]) if values["live"] else frozenset()
                products[values["product"]].append((fact.at, fact.id, skus))
            elif fact.type == "availability":
                self._available[values["sku"]].append((fact.at, fact.id, values["in_stock"]))
            else:
                self._units[values["sku"]].append((fact.at, fact.id, values["on_hand"]))
                self._fallback[values["sku"]].append((fact.at, fact.id, int(values["available"] > 0)))
        self._on_sale = _on_sale(products)

    def sku_days(self, start: datetime, end: datetime) -> float:
        """SKU-days on sale between two moments."""
        return sum(_seconds(cut) for cut in self._cuts(start, end)) / _DAY_S

    def sku_days_out(self, start: datetime, end: datetime) -> float:
        """SKU-days on sale with nothing available between two moments."""
        out = 0.0
        for sku in self._on_sale:
            for begin, stop in _within(self._on_sale[sku], start, end):
                out += (stop - begin).total_seconds() - _integral(self._stock_steps(sku), begin, stop)
        return out / _DAY_S

    def skus(self, start: datetime, end: datetime) -> int:
        """SKUs on sale at any time between two moments."""
        return sum(1 for cut in self._cuts(start, end) if cut)

    def units(self, start: datetime, end: datetime) -> float:
        """Units on hand, the mean over the time between two moments."""
        if end <= start:
            return 0.0
        total = sum(_integral((0, steps), start, end) for steps in self._units.values())
        return total / (end - start).total_seconds()

    def _cuts(self, start: datetime, end: datetime) -> list[list[Interval]]:
        return [_within(intervals, start, end) for intervals in self._on_sale.values()]

    def _stock_steps(self, sku: str) -> tuple[int, Sequence[Step]]:
        if changes := self._available.get(sku):
            return 1 - changes[0][2], changes
        return 0, self._fallback.get(sku, ())


def _on_sale(products: dict[str, list[tuple[datetime, str, frozenset[str]]]]) -> dict[str, list[Interval]]:
    """The intervals each SKU was on sale."""
    found: dict[str, list[Interval]] = defaultdict(list)
    for steps in products.values():
        since: dict[str, datetime] = {}
        for at, _, skus in steps:
            for sku in [sku for sku in since if sku not in skus]:
                found[sku].append((since.pop(sku), at))
            for sku in skus:
                since.setdefault(sku, at)
        for sku, at in since.items():
            found[sku].append((at, _FOR_EVER))
    return found


def _within(intervals: Sequence[Interval], start: datetime, end: datetime) -> list[Interval]:
    cut = [(max(begin, start), min(stop, end)) for begin, stop in intervals]
    return [(begin, stop) for begin, stop in cut if begin < stop]


def _seconds(intervals: Sequence[Interval]) -> float:
    return sum((stop - begin).total_seconds() for begin, stop in intervals)


def _integral(timeline: tuple[int, Sequence[Step]], start: datetime, end: datetime) -> float:
    """Value × seconds between two moments of what changes in steps; the number is what it is before the first."""
    value, steps = timeline
    position = bisect_left(steps, (start, ""))
    if position:
        value = steps[position - 1][2]
    total, at = 0.0, start
    for moment, _, after in steps[position:]:
        if moment >= end:
            break
        total += value * (moment - at).total_seconds()
        value, at = after, moment
    return total + value * (end - at).total_seconds()
