"""This is where the cheapest set of warehouses for an order is found, and who of them sends what: exactly. Pure.

A set costs what each parcel in it costs, a charge for each beyond the first, and each unit what it costs from where it is
taken. In a given set every SKU is best taken from where a unit of it is cheapest, so only the sets have to be searched:
depth first, a branch is left as soon as it can neither cover the order nor be cheaper than the best that is known. What is
found is proved to be the cheapest unless the search is cut off (`_MOST_STEPS`), which takes more than a dozen warehouses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MOST_STEPS = 20_000
_MOST_SETS = 12  # warehouses of which all sets are looked at, however many they are


@dataclass(frozen=True, slots=True)
class Offer:
    """What a warehouse could send: minor units for a parcel at all, units it has, minor units for one of each."""

    code: str
    first: int
    here: Mapping[str, int]
    per_unit: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Best:
    """What each warehouse of the set sends (SKU → units), what it costs, and whether nothing can be cheaper."""

    taken: Mapping[str, Mapping[str, int]]
    cost: int
    proved: bool = True


def best_of(wanted: Mapping[str, int], offers: Sequence[Offer], split: int, most: int) -> Best | None:
    """The cheapest set of at most `most` offers that together have everything; of equal ones the earlier offers. None when
    there is none."""
    return _Search(wanted, [one for one in offers if any(one.here.values())], split, most).result()


class _Search:
    """One search: offers in the order of what they cost alone, so that good sets are met early."""

    def __init__(self, wanted: Mapping[str, int], useful: Sequence[Offer], split: int, most: int) -> None:
        self._wanted, self._split, self._most = wanted, split, most
        self._places = {one.code: place for place, one in enumerate(useful)}
        self._offers = sorted(useful, key=lambda one: one.first - sum(one.here.values()))
        # What all from here on have together, and what a unit costs at the least: bounds for a branch.
        self._rest = [dict.fromkeys(wanted, 0)]
        for one in reversed(self._offers):
            self._rest.append({sku: self._rest[-1][sku] + one.here.get(sku, 0) for sku in wanted})
        self._rest.reverse()
        self._cheapest = {sku: min((one.per_unit[sku] for one in useful if one.here[sku]), default=0) for sku in wanted}
        self._floor = sum(self._cheapest[sku] * count for sku, count in wanted.items())
        self._best: tuple[int, list[int]] | None = None
        self._steps = 0
        self._bound = _MOST_STEPS if len(useful) > _MOST_SETS else 1 << (_MOST_SETS + 2)

    def result(self) -> Best | None:
        for greedy in (self._greedy(), *([one] for one in self._offers)):
            self._seen(greedy)
        self._walk(0, [], dict(self._wanted), 0)
        if self._best is None:
            return None
        chosen = sorted((self._offers[place] for place in self._set), key=lambda one: self._places[one.code])
        return Best(self._divided(chosen), self._best[0], self._steps <= self._bound)

    def _walk(self, place: int, chosen: list[Offer], missing: dict[str, int], fixed: int) -> None:
        """All sets that go on from `chosen` with offers from `place` on."""
        self._steps += 1
        if self._steps > self._bound:
            return
        if not any(missing.values()):
            self._seen(chosen)  # and more may still be cheaper a unit
        if place == len(self._offers) or len(chosen) == self._most:
            return
        rest = self._rest[place]
        if any(count > rest[sku] for sku, count in missing.items()):
            return
        one = self._offers[place]
        more = fixed + one.first + (self._split if chosen else 0)
        if self._best is None or more + self._floor < self._best[0]:
            left = {sku: max(0, count - one.here.get(sku, 0)) for sku, count in missing.items()}
            self._walk(place + 1, [*chosen, one], left, more)
        self._walk(place + 1, chosen, missing, fixed)

    def _seen(self, chosen: Sequence[Offer]) -> None:
        """Remembers a set if it has everything and is cheaper than the best."""
        if not chosen or len(chosen) > self._most:
            return
        cost = sum(one.first for one in chosen) + self._split * (len(chosen) - 1)
        for sku, count in self._wanted.items():
            for one in sorted(chosen, key=lambda one: one.per_unit[sku]):
                units = min(count, one.here[sku])
                cost, count = cost + units * one.per_unit[sku], count - units
            if count:
                return
        places = sorted(self._places[one.code] for one in chosen)
        if self._best is None or (cost, places) < self._best:
            self._best = (cost, places)

    @property
    def _set(self) -> list[int]:
        codes = {place: code for code, place in self._places.items()}
        named = {codes[place] for place in (self._best[1] if self._best else ())}
        return [place for place, one in enumerate(self._offers) if one.code in named]

    def _divided(self, chosen: Sequence[Offer]) -> dict[str, dict[str, int]]:
        taken: dict[str, dict[str, int]] = {one.code: {} for one in chosen}
        for sku, missing in self._wanted.items():
            for one in sorted(chosen, key=lambda one: one.per_unit[sku]):
                if units := min(missing, one.here[sku]):
                    taken[one.code][sku] = units
                    missing -= units
        return {code: box for code, box in taken.items() if box}

    def _greedy(self) -> list[Offer]:
        """Always the one that fills a unit of what is missing for the least."""
        missing, chosen = dict(self._wanted), list[Offer]()
        while any(missing.values()) and len(chosen) < self._most:
            fills = {one.code: sum(min(one.here[s], n) for s, n in missing.items()) for one in self._offers}
            able = [one for one in self._offers if one not in chosen and fills[one.code]]
            if not able:
                return []
            best = min(able, key=lambda one: (one.first + self._split) / fills[one.code])
            chosen.append(best)
            missing = {sku: count - min(best.here[sku], count) for sku, count in missing.items()}
        return chosen
