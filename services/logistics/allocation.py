"""This is where it is chosen from which warehouses an order leaves, by one sum, and said why. Pure.

The sum is in minor units: freight of each parcel, a handling charge for each parcel beyond the first, days later than
promised, what a full warehouse costs, and for goods that sell well what it costs to empty a shelf. The set of warehouses
and who sends what is the cheapest of all (`optimum`); stock is a condition, never a price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .numbering import MOST_PARTS
from .optimum import Offer, best_of
from .regions import DISTANCES, Region, distance
from .shipments import Line
from .tariffs import Tariff
from .warehouses import Warehouse

Stock = Mapping[str, Mapping[str, int]]  # warehouse code → SKU → units on its shelf
_FAR = len(DISTANCES)
# By distance, where no carrier's rate card says it: minor units a parcel and a kilogram, days. The last: place unknown.
_FIRST = (600, 800, 1000, 6000, 20_000)
_KILO = (100, 150, 250, 3000, 5000)
_DAYS = (1, 2, 4, 10, 14)
SPLIT = 400  # each parcel beyond the first: a box, a picker, a second ring at the door
_LATE = 500  # each day later than promised
_WAIT = 50  # each day until it is there
_FULL = 50_000  # a warehouse that has got its orders for today: only when nobody else can
_UNKNOWN = 100_000  # one that nobody described
_SCARCE = {
    "A": 300,
    "B": 100,
    "C": 0,
}  # of a shelf that is emptied, in all: where it sells best it is kept for the near


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the sum looks at beside stock and distance: carriers' rate cards, days promised (0: none), the SKUs' classes,
    days before a warehouse works again, those that are full today, and in how many
    parcels at most it is sent."""

    cards: Sequence[Tariff] = ()
    within_days: int = 0
    classes: Mapping[str, str] = field(default_factory=dict)
    wait_days: Mapping[str, int] = field(default_factory=dict)
    full: frozenset[str] = frozenset()
    most: int = MOST_PARTS


PLAIN = Circumstances()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A warehouse as one order sees it. `depth`: how many such orders its scarcest line would serve. `first`: minor units
    for a parcel from there, `per_unit` for one more of each SKU in it."""

    code: str
    far: int
    here: Mapping[str, int]
    lacking: int
    lines: int
    depth: int
    days: int
    first: int
    per_unit: Mapping[str, int]
    full: bool

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """Of equally good ones the smaller: near, deep on the shelf."""
        return (self.lacking > 0, self.far, -self.depth, self.code)

    def said(self, role: str, wanted: Mapping[str, int]) -> str:
        """Why, in words."""
        place = DISTANCES[self.far] if self.far < _FAR else "place unknown"
        if self.lacking:
            return f"{self.code}: {role}; lacks {self.lacking} of {self.lines} lines; {place}{self._full}"
        cost = self.first + sum(self.per_unit[sku] * units for sku, units in wanted.items())
        return (
            f"{self.code}: {role}; has all {self.lines} lines; {place}; enough for {self.depth} such orders; "
            f"costs {cost} in all, {self.days} days{self._full}"
        )

    @property
    def _full(self) -> str:
        return "; full today" if self.full else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What each chosen warehouse sends, best first, and a reason a candidate, the chosen first. Empty when none can.
    `cost`: the sum it was chosen by."""

    parts: Sequence[tuple[str, Sequence[Line]]]
    reasons: Sequence[str]
    cost: int = 0


def only(warehouse: Warehouse, lines: Sequence[Line], why: str = "the only open warehouse") -> Choice:
    """The choice where there is none."""
    return Choice([(warehouse.id, lines)], [f"{warehouse.id}: chosen; {why}"])


def wanted(lines: Sequence[Line]) -> dict[str, int]:
    """Units by SKU."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def choose(
    lines: Sequence[Line],
    to: Region,
    warehouses: Mapping[str, Warehouse],
    stock: Stock,
    given: Circumstances = PLAIN,
) -> Choice:
    """The cheapest of all ways to send everything; none when all together have not enough.

    A warehouse that has stock but is not described comes last; a closed one is no candidate.
    """
    units = wanted(lines)
    candidates = sorted(_candidates(lines, units, to, warehouses, stock, given), key=lambda one: one.rank)
    offers = [Offer(one.code, one.first, one.here, one.per_unit) for one in candidates]
    best = best_of(units, offers, SPLIT, given.most)
    taken = best.taken if best else {}
    chosen = [one for one in candidates if one.code in taken]
    role = "chosen" if len(chosen) == 1 else f"chosen, one of {len(chosen)}"
    reasons = [one.said(role, units) for one in chosen]
    reasons += [one.said("not chosen", units) for one in candidates if one.code not in taken]
    if best is None:
        return Choice([], ["no warehouse: together they have not enough", *reasons])
    if not best.proved:
        reasons.append("too many warehouses for all sets of them: the cheapest that was found")
    return Choice(_filled(lines, {one.code: dict(taken[one.code]) for one in chosen}), reasons, best.cost)


def _candidates(
    lines: Sequence[Line],
    units: Mapping[str, int],
    to: Region,
    warehouses: Mapping[str, Warehouse],
    stock: Stock,
    given: Circumstances,
) -> Iterator[Candidate]:
    grams = {line.sku: line.weight_g for line in lines}
    for code in {**warehouses, **stock}:
        known = warehouses.get(code)
        if known is not None and not known.open:
            continue
        shelf = stock.get(code, {})
        here = {sku: min(count, max(0, shelf.get(sku, 0))) for sku, count in units.items()}
        if not any(here.values()) and known is None:
            continue
        lacking = sum(here[sku] < count for sku, count in units.items())
        depth = min((max(0, shelf.get(sku, 0)) // count for sku, count in units.items()), default=0)
        far = distance(known.region, to) if known else _FAR
        first, kilo, days = _lane(code, far, to, given.cards)
        days += given.wait_days.get(code, 0)
        first += days * _WAIT + (max(0, days - given.within_days) * _LATE if given.within_days else 0)
        first += (_FULL if code in given.full else 0) + (0 if known else _UNKNOWN)
        per_unit = {
            sku: -(-grams[sku] * kilo // 1000) + _SCARCE.get(given.classes.get(sku, ""), 0) // max(1, shelf.get(sku, 0))
            for sku in units
        }
        yield Candidate(code, far, here, lacking, len(units), depth, days, first, per_unit, code in given.full)


def _lane(code: str, far: int, to: Region, cards: Sequence[Tariff]) -> tuple[int, int, int]:
    """Minor units a parcel and a kilogram, and days: of the cheapest rate card from there, else by distance."""
    zones = [
        (zone.first_price, zone.step_price * 1000 // zone.step_units, zone.max_days)
        for card in cards
        if code in card.template.warehouses and card.template.by == "weight" and (zone := card.zone(to))
    ]
    return min(zones, default=(_FIRST[far], _KILO[far], _DAYS[far]))


def _filled(lines: Sequence[Line], left: dict[str, dict[str, int]]) -> list[tuple[str, Sequence[Line]]]:
    """Who sends what, line by line."""
    boxes: dict[str, list[Line]] = {code: [] for code in left}
    for line in lines:
        missing = line.quantity
        for code, box in boxes.items():
            if units := min(missing, left[code].get(line.sku, 0)):
                box.append(replace(line, quantity=units))
                left[code][line.sku] -= units
                missing -= units
    return [(code, box) for code, box in boxes.items() if box]
