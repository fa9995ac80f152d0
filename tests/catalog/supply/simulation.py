"""This is where the replenishment is proved on real sales: the shop lives through 17 weeks of them with ours, with fixed
min-max and with the textbook's rule, and what was missing and what lay on the shelves is compared.

    make bench ARGS=supply

Everything is decided from what was seen up to that day: classes, service levels and forecasts of ours are made anew as the
weeks go by, from sales that were lost where there was no stock. Min-max and the textbook's rule are favoured: their one
parameter is chosen with hindsight, as the least stock that reaches the very service ours reached.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.catalog.shelves.classes import share_class
from services.catalog.supply import forecasting, trials
from services.catalog.supply.forecasting import WEEK, Floats
from services.catalog.supply.levels import Leads, Levels, Outcome, curve_of, need, simulate
from services.catalog.supply.service_levels import level_for
from tests.catalog.supply.retail import Retail, retail

BEGIN, WARM_UP = 161, 28  # 2011-05-11; counted from 2011-06-08 to 2011-09-30
TARGET = 0.03
RETUNED = 4 * WEEK
REVIEW = {"A": 1, "B": 7, "C": 28}
LEADS = {"7 days": (7.0, 0.0), "4 to 11 days": (7.5, 2.3)}


@dataclass(frozen=True)
class World:
    """The goods simulated: those that had sold for eight weeks when it begins."""

    demand: Floats
    prices: NDArray[np.int64]
    since: NDArray[np.int64]

    @classmethod
    def of(cls, real: Retail, every: int = 1) -> "World":
        since = (real.units > 0).argmax(1)
        chosen = np.flatnonzero((real.units[:, :BEGIN] > 0).any(1) & (since <= BEGIN - 8 * WEEK))[::every]
        return cls(real.units[chosen], real.prices[chosen], since[chosen])


def classes(value: Floats) -> NDArray[np.str_]:
    """ABC by value at 80 and 95 %."""
    order = np.argsort(-value, kind="stable")
    before = np.cumsum(value[order]) - value[order]
    names = [share_class(int(each), int(value.sum()), 80, 95) for each in before]
    result = np.empty(len(value), dtype="<U1")
    result[order] = names
    return result


class Autopilot:
    """Ours: weekly forecasts, service levels tuned every four weeks, A reviewed daily, B weekly, C every four weeks."""

    def __init__(self, world: World, leads: Leads) -> None:
        self._world, self._leads = world, leads
        self._at = -RETUNED
        self.quantile = np.zeros(len(world.since))
        value = world.demand[:, :BEGIN][:, -13 * WEEK :].sum(1) * world.prices
        self.names = classes(value)
        self.review = np.array([REVIEW[name] for name in self.names])

    def levels(self, day: int, sold: Floats, shut: Floats) -> tuple[Floats, Floats]:
        weeks = forecasting.by_week(sold, shut, self._world.since)
        foreseen = forecasting.forecast(weeks, np.zeros(len(sold), dtype=np.int64))
        spread = forecasting.spread(weeks, foreseen)
        if day - self._at >= RETUNED:
            self._at = day
            said = foreseen.said(1)
            for name in np.unique(self.names):
                mine = np.flatnonzero(self.names == name)
                leads = Leads(self._leads.mean[mine], self._leads.sd[mine])
                curve = curve_of(sold[mine], said[mine], spread[mine], self.review[mine], leads)
                self.quantile[mine] = level_for(curve, TARGET)
        days = self._leads.mean + self.review
        up_to = need(foreseen.weekly[:, 0], spread, days, self._leads.sd).quantile(self.quantile)
        return up_to - 1, up_to


def min_max(world: World, days_of_cover: float, between: float = 14.0) -> Levels:
    """Fixed: so many days of the mean sales of the time before are the minimum, two weeks more the maximum."""
    daily = world.demand[:, :BEGIN].sum(1) / (BEGIN - world.since)
    least = np.maximum(np.ceil(daily * days_of_cover), 1.0)
    return lambda _day, _sold, _shut: (least, least + np.maximum(np.ceil(daily * between), 1.0))


def textbook(world: World, leads: Leads, review: NDArray[np.int64], z: float) -> Levels:
    """Mean and standard deviation of daily sales so far, normal: mean over lead and review time plus z times its sd."""

    def levels(day: int, sold: Floats, _shut: Floats) -> tuple[Floats, Floats]:
        on_sale = np.arange(day) >= world.since[:, None]
        number = on_sale.sum(1)
        mean = sold.sum(1) / number
        variance = (((sold - mean[:, None]) ** 2) * on_sale).sum(1) / number
        days = leads.mean + review
        sd = np.sqrt(days * variance + (mean * leads.sd) ** 2)
        up_to = np.maximum(np.ceil(mean * days + z * sd), 1.0)
        return up_to - 1, up_to

    return levels


@dataclass(frozen=True)
class Result:
    """What came of a rule: stock-out SKU-days as a share, mean stock value in pence, service in value."""

    rule: str
    stock_out: float
    value: float
    lost: float

    @classmethod
    def of(cls, rule: str, came: Outcome, world: World) -> "Result":
        wanted = (world.demand[:, BEGIN + WARM_UP :].sum(1) * world.prices).sum()
        return cls(
            rule,
            float(came.stock_out.mean()),
            float((came.stock * world.prices).sum()),
            float((came.lost * world.prices).sum() / wanted),
        )


def live(world: World, levels: Levels, review: NDArray[np.int64], leads: Leads) -> Outcome:
    return simulate(world.demand, levels, review, leads, begin=BEGIN, warm_up=WARM_UP)


def least(tries: Callable[[float], Result], low: float, high: float, service: float) -> Result:
    """The least parameter that reaches a service; the result of the highest when none does."""
    if tries(high).stock_out > service:
        return tries(high)
    while high - low > 0.02 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if tries(middle).stock_out <= service else (middle, high)
    return tries(high)


def compare(world: World, mean: float, sd: float) -> Iterator[Result]:
    """Ours first, then those it is compared with at its service."""
    ones = np.ones(len(world.since))
    leads = Leads(ones * mean, ones * sd)
    ours = Autopilot(world, leads)
    first = Result.of("ours", live(world, ours.levels, ours.review, leads), world)
    yield first
    daily = np.ones(len(world.since), dtype=np.int64)

    def fixed(days: float) -> Result:
        return Result.of(f"min-max, {days:.0f} days", live(world, min_max(world, days), daily, leads), world)

    def normal(z: float) -> Result:
        came = live(world, textbook(world, leads, ours.review, z), ours.review, leads)
        return Result.of(f"z·sd, z = {z:.1f}", came, world)

    yield least(fixed, 0, 200, first.stock_out)
    yield least(normal, 0, 12, first.stock_out)


@dataclass(frozen=True)
class Wrong:
    """WAPE of the totals of so many weeks, over so many origins, of ours and of the same weeks before (seasonal naive)."""

    weeks: int
    origins: int
    name: str
    ours: float
    naive: float


def wape_by_class() -> Iterator[Wrong]:
    """How wrong forecasts of the last weeks' totals would have been, class by class."""
    real = retail()
    weeks = forecasting.by_week(real.units, np.zeros_like(real.units), (real.units > 0).argmax(1))
    wrong = trials.tried(weeks, forecasting.forecast(weeks, np.zeros(len(real.skus), dtype=np.int64)))
    names = classes(real.units[:, -30 * WEEK : -17 * WEEK].sum(1) * real.prices)  # as known before the first origin
    for k, (length, origins) in enumerate(trials.TRIALS):
        for name in ("A", "B", "C", "all"):
            actual, ours, naive, *_ = wrong[(names == name) | (name == "all"), k].sum(0)
            yield Wrong(length, origins, name, float(ours / actual), float(naive / actual))
