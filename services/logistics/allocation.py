"""This is where it is chosen from which warehouses an order leaves, and said why. Pure."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .regions import DISTANCES, Region, distance
from .shipments import MOST_PARTS, Line
from .warehouses import Warehouse

Stock = Mapping[str, Mapping[str, int]]  # warehouse code → SKU → units on its shelf
_EXACT_UP_TO = 12  # warehouses; all sets of them are looked at
_EXACT_LINES = 40
_FAR = len(DISTANCES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A warehouse as one order sees it. `depth`: how many such orders its scarcest line would serve."""

    code: str
    far: int
    here: Mapping[str, int]
    lacking: int
    lines: int
    depth: int

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """The smaller the better: everything here, near, deep on the shelf."""
        return (self.lacking > 0, self.far, -self.depth, self.code)

    def said(self, role: str) -> str:
        """Why, in words."""
        place = DISTANCES[self.far] if self.far < _FAR else "place unknown"
        if not self.lacking:
            return f"{self.code}: {role}; has all {self.lines} lines; {place}; enough for {self.depth} such orders"
        return f"{self.code}: {role}; lacks {self.lacking} of {self.lines} lines; {place}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What each chosen warehouse sends, best first, and a reason a candidate, the chosen first. Empty when none can."""

    parts: Sequence[tuple[str, Sequence[Line]]]
    reasons: Sequence[str]


def only(warehouse: Warehouse, lines: Sequence[Line]) -> Choice:
    """The choice where there is none."""
    return Choice([(warehouse.id, lines)], [f"{warehouse.id}: chosen; the only open warehouse"])


def wanted(lines: Sequence[Line]) -> dict[str, int]:
    """Units by SKU."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def choose(lines: Sequence[Line], to: Region, warehouses: Mapping[str, Warehouse], stock: Stock) -> Choice:
    """All from the best warehouse that has all; else from as few as can be, the near ones first; else from none.

    A warehouse that has stock but is not described comes last; a closed one is no candidate.
    """
    units = wanted(lines)
    candidates = sorted(_candidates(units, to, warehouses, stock), key=lambda one: one.rank)
    whole = candidates[:1] if candidates and not candidates[0].lacking else []
    chosen = whole or _fewest(units, candidates)
    role = "chosen" if len(chosen) == 1 else f"chosen, one of {len(chosen)}"
    rest = [one for one in candidates if one not in chosen]
    reasons = [one.said(role) for one in chosen] + [one.said("not chosen") for one in rest]
    parts = _filled(lines, chosen)
    return Choice(parts, reasons if parts else ["no warehouse: together they have not enough", *reasons])


def _candidates(
    units: Mapping[str, int], to: Region, warehouses: Mapping[str, Warehouse], stock: Stock
) -> Iterator[Candidate]:
    for code in {**warehouses, **stock}:
        known = warehouses.get(code)
        if known is not None and not known.open:
            continue
        here = {sku: min(count, stock.get(code, {}).get(sku, 0)) for sku, count in units.items()}
        if not any(here.values()) and known is None:
            continue
        lacking = sum(here[sku] < count for sku, count in units.items())
        depth = min((stock.get(code, {}).get(sku, 0) // count for sku, count in units.items()), default=0)
        yield Candidate(code, distance(known.region, to) if known else _FAR, here, lacking, len(units), depth)


def _covers(units: Mapping[str, int], some: Sequence[Candidate]) -> bool:
    return all(sum(one.here[sku] for one in some) >= count for sku, count in units.items())


def _fewest(units: Mapping[str, int], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The smallest set that has everything; of equally small ones the nearest. Empty when all together have not."""
    useful = [one for one in candidates if any(one.here.values())]
    if not _covers(units, useful):
        return []
    if len(useful) > _EXACT_UP_TO or len(units) > _EXACT_LINES:
        return _greedy(units, useful)
    for size in range(2, len(useful) + 1):
        fitting = [some for some in itertools.combinations(useful, size) if _covers(units, some)]
        if fitting:
            return list(min(fitting, key=lambda some: (sum(one.far for one in some), [one.code for one in some])))
    return []


def _greedy(units: Mapping[str, int], useful: Sequence[Candidate]) -> list[Candidate]:
    """Always the one that fills most of what is still missing; too many for all sets to be looked at."""
    missing, chosen = dict(units), list[Candidate]()

    def fills(one: Candidate) -> int:
        return sum(min(one.here[sku], count) for sku, count in missing.items())

    while any(missing.values()) and len(chosen) < MOST_PARTS:
        best = max((one for one in useful if one not in chosen), key=lambda one: (fills(one), -one.far), default=None)
        if best is None:
            break
        chosen.append(best)
        missing = {sku: count - min(best.here[sku], count) for sku, count in missing.items()}
    return [] if any(missing.values()) else chosen


def _filled(lines: Sequence[Line], chosen: Sequence[Candidate]) -> list[tuple[str, Sequence[Line]]]:
    """Who sends what: each line from the one that has all of it, before it is divided."""
    left = {one.code: dict(one.here) for one in chosen}
    boxes: dict[str, list[Line]] = {one.code: [] for one in chosen}
    for line in lines:
        missing = line.quantity
        for code in sorted(left, key=lambda code: left[code][line.sku] < line.quantity):
            if units := min(missing, left[code][line.sku]):
                boxes[code].append(Line(line.sku, line.title, units, line.weight_g))
                left[code][line.sku] -= units
                missing -= units
    return [(code, box) for code, box in boxes.items() if box]
