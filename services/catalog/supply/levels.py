"""This is where it is worked out how far to order up to (C44), and with which service level, by trying it on the past. Pure.

An order has to last until the one after it arrives: for the lead time and the days between two reviews. The level is the
gamma quantile of what is sold in that time, whose variance is that of the forecast's own errors and of the lead time. Which
quantile it takes for a stock-out rate is found by simulation, class by class: the nominal one of a formula is never it.

Needs numpy and scipy: run it through `apart`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from .forecasting import HORIZONS, WEEK, Floats

GRID = (
    0.5,
    0.6,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.925,
    0.95,
    0.965,
    0.975,
    0.985,
    0.99,
    0.995,
    0.998,
    0.999,
    0.9995,
    0.9999,
)
TRIED_WEEKS = 13
_SEED = 1


@dataclass(frozen=True)
class Leads:
    """How many days an order takes, SKU by SKU: mean and standard deviation."""

    mean: Floats
    sd: Floats

    def drawn(self, random: np.random.Generator) -> NDArray[np.int64]:
        """One draw each, whole days."""
        return np.maximum(1, np.rint(self.mean + self.sd * random.standard_normal(len(self.mean)))).astype(np.int64)


@dataclass(frozen=True)
class Need:
    """What is foreseen to be sold of each SKU before the next order can arrive: mean and variance."""

    mean: Floats
    variance: Floats

    def plain(self, level: Floats | float) -> Floats:
        """So much suffices with this probability: the quantile of the gamma distribution of this mean and variance."""
        shape = np.divide(self.mean**2, self.variance, out=np.ones_like(self.mean), where=self.variance > 0)
        scale = np.divide(self.variance, self.mean, out=np.zeros_like(self.mean), where=self.mean > 0)
        return np.asarray(gammaincinv(np.maximum(shape, 1e-6), level) * scale)

    def quantile(self, level: Floats | float) -> Floats:
        """The same in whole units; at least one, for an empty shelf sells nothing."""
        return np.asarray(np.maximum(np.ceil(self.plain(level) - 1e-9), 1.0))


def need(weekly: Floats, spread: Floats, days: Floats, lead_sd: Floats) -> Need:
    """Sales of so many days at a weekly rate. The variance between two horizons follows a power of the time."""
    weeks = np.maximum(days / WEEK, 1e-6)
    knots = np.log(np.array(HORIZONS, dtype=float))
    logs = np.log(np.maximum(spread, 1e-9))
    at = np.log(np.clip(weeks, HORIZONS[0], HORIZONS[-1]))
    right = np.clip(np.searchsorted(knots, at, side="right"), 1, len(knots) - 1)
    part = (at - knots[right - 1]) / (knots[right] - knots[right - 1])
    row = np.arange(len(at))
    variance = np.exp(logs[row, right - 1] * (1 - part) + logs[row, right] * part)
    variance *= weeks / np.exp(at)  # beyond either end it grows with the time
    daily = weekly / WEEK
    return Need(daily * days, variance + (daily * lead_sd) ** 2)


@dataclass(frozen=True)
class Outcome:
    """What came of a policy: share of days on which something was wanted or left to be wanted and nothing was there, mean
    units on the shelf, and units not sold for want of them; SKU by SKU."""

    stock_out: Floats
    stock: Floats
    lost: Floats


Levels = Callable[[int, Floats, Floats], tuple[Floats, Floats]]


def simulate(
    demand: Floats,
    levels: Levels,
    review: NDArray[np.int64],
    leads: Leads,
    *,
    begin: int,
    warm_up: int,
    seed: int = _SEED,
) -> Outcome:
    """Lives through the days of `demand` from `begin` on, with lost sales. On each SKU's review days what is on the shelf
    and on order is brought up to its level if it is at or below its line; the order arrives after a drawn lead time.

    `levels(day, sold, shut)` says line and level from what was seen up to that day, once a week; `shut` is the share of a
    day without stock. The first `warm_up` days are not counted.
    """
    skus, days = demand.shape
    random = np.random.default_rng(seed)
    sold, shut = demand.copy(), np.zeros_like(demand)
    line, level = levels(begin, sold[:, :begin], shut[:, :begin])
    on_hand, coming = level.copy(), np.zeros((skus, days + 64))
    on_order = np.zeros(skus)
    out, stock, lost = np.zeros(skus), np.zeros(skus), np.zeros(skus)
    for day in range(begin, days):
        if (day - begin) % WEEK == 0 and day > begin:
            line, level = levels(day, sold[:, :day], shut[:, :day])
        on_hand += coming[:, day]
        on_order -= coming[:, day]
        wanted = demand[:, day]
        sold[:, day] = np.minimum(wanted, on_hand)
        on_hand -= sold[:, day]
        missed = wanted - sold[:, day]
        shut[:, day] = np.where(
            wanted > 0, np.divide(missed, wanted, out=np.zeros(skus), where=wanted > 0), on_hand <= 0
        )
        if day >= begin + warm_up:
            out += (missed > 0) | (on_hand <= 0)
            stock += on_hand
            lost += missed
        position = on_hand + on_order
        order = np.where(((day - begin) % review == 0) & (position <= line), np.maximum(level - position, 0.0), 0.0)
        coming[np.arange(skus), np.minimum(day + leads.drawn(random), days + 63)] += order
        on_order += order
    counted = days - begin - warm_up
    return Outcome(out / counted, stock / counted, lost)


def curve_of(
    demand: Floats, said: Floats, spread: Floats, review: NDArray[np.int64], leads: Leads
) -> list[tuple[float, float]]:
    """Each service level of the grid, and the stock-out rate it would have given these SKUs over the last 13 weeks: the
    curve a target is looked up in. The forecasts tried are those that were made then (`said` of one week ahead)."""
    skus, days = demand.shape
    many = len(GRID)
    weeks = min(TRIED_WEEKS, said.shape[1] - 1)
    warm_up = int(min(np.max(leads.mean + review, initial=WEEK), weeks * WEEK // 2))
    wide, told, wrong = (np.tile(values, (many, 1)) for values in (demand, said, spread))
    grid = np.repeat(np.array(GRID), skus)
    stacked = Leads(np.tile(leads.mean, many), np.tile(leads.sd, many))
    reviews = np.tile(review, many)

    def levels(day: int, _sold: Floats, _shut: Floats) -> tuple[Floats, Floats]:
        week = said.shape[1] - 1 - (days - day) // WEEK
        needed = need(told[:, week], wrong, stacked.mean + reviews, stacked.sd)
        up_to = needed.quantile(grid)
        return up_to - 1, up_to

    came = simulate(wide, levels, reviews, stacked, begin=days - weeks * WEEK, warm_up=warm_up)
    rates = came.stock_out.reshape(many, skus).mean(1)
    return [(level, float(rate)) for level, rate in zip(GRID, rates, strict=True)]
