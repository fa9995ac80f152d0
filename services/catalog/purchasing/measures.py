"""This is where what a supplier did becomes figures: spreads, shares, how its cost moves. Pure.

Every figure says from how many it was measured. Shares of few are drawn towards what is expected of anybody (a Bayesian
mean: the prior weighs as much as five measurements).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

EXPECTED = 0.75  # of a supplier nobody knows
_PRIOR_WEIGHS = 5
_FEWEST = 3  # points a line is drawn through


@dataclass(frozen=True, slots=True)
class Spread:
    """Where measurements lie; all zero of none. `sd` is of the sample, 0 of fewer than two."""

    n: int
    mean: float
    sd: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1; None while nothing was measured."""

    n: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of an order that was placed: when, how many, at what."""

    sku: str
    months: float  # since some day, the same for all
    units: int
    unit_cost_minor: int


@dataclass(frozen=True, slots=True)
class Slope:
    """How one thing follows another; None of fewer than three measurements, or when nothing varied."""

    n: int
    value: float | None


def spread(values: Iterable[float]) -> Spread:
    """Where they lie."""
    ordered = sorted(values)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0, 0.0)
    sd = stdev(ordered) if len(ordered) > 1 else 0.0
    return Spread(len(ordered), fmean(ordered), sd, quantile(ordered, 0.5), quantile(ordered, 0.9))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share lies, between neighbours in proportion (Hyndman and Fan's type 7)."""
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def share(part: float, whole: float, n: int) -> Share:
    """A part of a whole, measured `n` times."""
    return Share(n, part / whole if whole else None)


def drawn_in(value: float | None, n: int) -> float:
    """A value of 0 to 1 measured `n` times, drawn towards what is expected the more, the fewer they are."""
    if value is None:
        return EXPECTED
    return (_PRIOR_WEIGHS * EXPECTED + n * value) / (_PRIOR_WEIGHS + n)


def trend(bought: Sequence[Bought]) -> Slope:
    """How much dearer the same goods become a month: 0.01 is 1 %."""
    return _within_skus(bought, lambda line: line.months)


def elasticity(bought: Sequence[Bought]) -> Slope:
    """How the cost of a unit follows the quantity: -0.1 is 1 % cheaper for 10 % more (constant elasticity, within SKUs)."""
    return _within_skus(bought, lambda line: math.log(line.units))


def _within_skus(bought: Sequence[Bought], along: Callable[[Bought], float]) -> Slope:
    """The least-squares slope of the logarithm of cost, each SKU measured against its own mean (fixed effects)."""
    by_sku: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in bought:
        if line.unit_cost_minor > 0 and line.units > 0:
            by_sku[line.sku].append((along(line), math.log(line.unit_cost_minor)))
    pairs = [pair for points in by_sku.values() if len(points) > 1 for pair in _centred(points)]
    spread_x = sum(x * x for x, _ in pairs)
    if len(pairs) < _FEWEST or spread_x < 1e-9:
        return Slope(len(pairs), None)
    return Slope(len(pairs), sum(x * y for x, y in pairs) / spread_x)


def _centred(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    return [(x - mean_x, y - mean_y) for x, y in points]
