"""This is where elasticity is estimated: log units on log price and a promotion flag by SKU, shrunk to the category.

`fit` needs numpy and is run apart, by a process of its own. `shrink` is empirical Bayes with the moment estimate of
DerSimonian and Laird (1986); a SKU's residual variance leans on its category's, for few weeks say little about it. Pure.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WEEKS_NEEDED = 8
_SPREAD_NEEDED = 0.01  # of log prices: who never changed a price knows nothing
_LEAN_WEEKS = 6.0  # how many weeks' worth a category's variance counts
_CATEGORY_NEEDED = 3  # SKUs; fewer lean on the whole shop


@dataclass(frozen=True, slots=True)
class Week:
    """A week in which a SKU sold: units, what was paid for them, whether it was promoted."""

    units: int
    paid_minor: int
    promoted: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """A SKU's own regression: elasticity, residual variance, and what that is multiplied with for the elasticity's."""

    sku: str
    elasticity: float
    variance: float
    leverage: float
    freedom: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """An elasticity and its standard error, beside the SKU's own; `pool` is what it leans on."""

    elasticity: float
    error: float
    own: float
    own_error: float
    weeks: int
    pool: str  # category, shop or none
    pool_elasticity: float
    pool_skus: int


def fit(weeks_by_sku: Mapping[str, Sequence[Week]]) -> list[Fit]:
    """The regression of each SKU that has enough weeks and prices; with numpy."""
    import numpy as np

    fits: list[Fit] = []
    for sku, weeks in weeks_by_sku.items():
        if len(weeks) < WEEKS_NEEDED:
            continue
        units = np.log([week.units for week in weeks])
        prices = np.log([week.paid_minor / week.units for week in weeks])
        columns = [np.ones(len(weeks)), prices]
        promoted = np.array([float(week.promoted) for week in weeks])
        if 0 < promoted.sum() < len(weeks):
            columns.append(promoted)
        x = np.column_stack(columns)
        freedom = len(weeks) - x.shape[1]
        if prices.std() < _SPREAD_NEEDED or freedom < 3 or np.linalg.matrix_rank(x) < x.shape[1]:
            continue
        inverse = np.linalg.inv(x.T @ x)
        beta = inverse @ (x.T @ units)
        residual = units - x @ beta
        variance = float(residual @ residual) / freedom
        fits.append(Fit(sku, float(beta[1]), variance, float(inverse[1, 1]), freedom, len(weeks)))
    return fits


@dataclass(frozen=True, slots=True)
class _Pool:
    name: str
    mean: float
    spread: float  # variance of true elasticities between SKUs
    doubt: float  # variance of the mean
    skus: int


def shrink(fits: Sequence[Fit], category_of: Mapping[str, str]) -> dict[str, Estimate]:
    """Each SKU's estimate, from its own and its category's; of the whole shop's when the category has too few."""
    if not fits:
        return {}
    groups: dict[str, list[Fit]] = defaultdict(list)
    for each in fits:
        groups[category_of.get(each.sku, "")].append(each)
    shop_errors = _errors(fits)
    shop = _pooled("shop", fits, shop_errors)
    estimates: dict[str, Estimate] = {}
    for members in groups.values():
        enough = len(members) >= _CATEGORY_NEEDED
        errors = _errors(members) if enough else {each.sku: shop_errors[each.sku] for each in members}
        pool = _pooled("category", members, errors) if enough else shop
        for each in members:
            estimates[each.sku] = _estimate(each, errors[each.sku], pool)
    return estimates


def _errors(fits: Sequence[Fit]) -> dict[str, float]:
    """The variance of each own elasticity."""
    freedom = sum(each.freedom for each in fits)
    pooled = sum(each.variance * each.freedom for each in fits) / freedom
    return {
        each.sku: max(
            1e-9, each.leverage * (each.variance * each.freedom + pooled * _LEAN_WEEKS) / (each.freedom + _LEAN_WEEKS)
        )
        for each in fits
    }


def _pooled(name: str, fits: Sequence[Fit], errors: Mapping[str, float]) -> _Pool:
    weights = [1 / errors[each.sku] for each in fits]
    whole = sum(weights)
    fixed = sum(w * each.elasticity for w, each in zip(weights, fits, strict=True)) / whole
    q = sum(w * (each.elasticity - fixed) ** 2 for w, each in zip(weights, fits, strict=True))
    scale = whole - sum(w * w for w in weights) / whole
    spread = max(0.0, (q - (len(fits) - 1)) / scale) if scale > 0 else 0.0
    random = [1 / (errors[each.sku] + spread) for each in fits]
    mean = sum(w * each.elasticity for w, each in zip(random, fits, strict=True)) / sum(random)
    return _Pool(name, mean, spread, 1 / sum(random), len(fits))


def _estimate(own: Fit, error: float, pool: _Pool) -> Estimate:
    if pool.skus < 2:  # nobody to lean on
        return Estimate(own.elasticity, math.sqrt(error), own.elasticity, math.sqrt(error), own.weeks, "none", 0.0, 0)
    trust = pool.spread / (pool.spread + error)
    elasticity = trust * own.elasticity + (1 - trust) * pool.mean
    variance = trust * error + (1 - trust) ** 2 * pool.doubt
    return Estimate(
        elasticity,
        math.sqrt(variance),
        own.elasticity,
        math.sqrt(error),
        own.weeks,
        pool.name,
        pool.mean,
        pool.skus,
    )


def suggested(cost: int, elasticity: float, error: float, current: int, floor_bp: int, step_bp: int) -> int | None:
    """The price that earns most, max(c·e/(e+1), c/(1−floor)), in minor units; None without a cost.

    The formula holds for elastic demand only (e < −1). Where that is not sure by a standard error the price goes one bounded
    step up instead: each step is a measurement. It never more than doubles or halves at once.
    """
    if cost <= 0 or current <= 0:
        return None
    floor = -(-cost * 10_000 // (10_000 - floor_bp))
    best = current * (10_000 + step_bp) // 10_000
    if elasticity + error < -1:
        best = round(cost * elasticity / (elasticity + 1))
    return max(min(max(best, -(-current // 2)), 2 * current), floor)
