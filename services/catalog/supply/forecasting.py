"""This is where demand is forecast (C43): many SKUs at once, week by week, each with the error it has made so far. Pure.

The forecast of a week is the mean of two methods that err differently: simple exponential smoothing (Brown) with the
smoothing constant that would have erred least so far, SKU by SKU, and TSB (Teunter, Syntetos and Babai, 2011), which lets
the probability of a sale fade when nothing is sold. Both are followed through all of the past, so that every week knows
what would have been said of it; `error` and `spread` are made of that and of nothing else.

Weeks are counted back from the day of the forecast. Days without stock are not demand zeros: a week's demand is what was
sold by the share of it in which there was something to sell, and it counts by that share.

Needs numpy: run it through `apart`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEK = 7
WEEKS_AHEAD = 13  # the horizon of 90 days is all but one day of them
YEAR = 52
PERIOD = 4  # weeks of a season index
WARM_UP = 4  # weeks whose mean the methods start from; what they say before is not judged
GROWN_UP = 8  # weeks of own history from which on the category has no say
HORIZONS = (1, 2, 4, 8, 13)  # weeks whose totals' errors are followed
ALPHAS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7)
TSB_ALPHA = TSB_BETA = 0.1


@dataclass(frozen=True)
class Weeks:
    """The past of many SKUs: `rate[i, t]` units the t-th week would have sold with goods on the shelf all along,
    `open[i, t]` the share of it in which there were (0: not on sale yet, or never in stock)."""

    rate: Floats
    open: Floats


@dataclass(frozen=True)
class Forecast:
    """What is foreseen of many SKUs: `weekly[i, k]` units in the k-th week ahead; `level[i, t]` what the methods said after
    the t-th week of the past, before the season (`index`); `weeks[i]` of history."""

    weekly: Floats
    level: Floats
    index: Floats
    weeks: Floats

    def said(self, horizon: int) -> Floats:
        """What was said after each week of the past of the total of the weeks after it."""
        length = self.level.shape[1]
        factors = self.index[:, (np.arange(length + horizon) - length) % YEAR // PERIOD]
        sums = np.concatenate([np.zeros((len(factors), 1)), factors.cumsum(1)], axis=1)
        ends = np.arange(1, length + 1)
        return np.asarray(self.level * (sums[:, ends + horizon] - sums[:, ends]))


def by_week(units: Floats, shut: Floats, since: NDArray[np.int64]) -> Weeks:
    """Days as weeks, the last ends with the last day. `shut` is the share of a day without stock, `since` the first day on
    sale."""
    skus, days = units.shape
    weeks = days // WEEK
    on_sale = np.arange(days) >= since[:, None]
    available = np.where(on_sale, 1.0 - shut, 0.0)
    sold = units[:, days - weeks * WEEK :].reshape(skus, weeks, WEEK).sum(2)
    share = available[:, days - weeks * WEEK :].reshape(skus, weeks, WEEK).mean(2)
    share = np.where(sold > 0, np.maximum(share, 1 / WEEK), share)  # what was sold was there
    return Weeks(np.divide(sold, share, out=np.zeros_like(sold), where=share > 0), share)


def ses_path(weeks: Weeks, start: Floats) -> Floats:
    """Simple exponential smoothing with, in each week, the constant that has erred least up to it: the level after each
    week."""
    alphas = np.array(ALPHAS)[:, None]
    level = np.repeat(start[None], len(ALPHAS), axis=0)
    squares = np.zeros_like(level)
    path = np.empty_like(weeks.rate)
    seen = np.zeros(len(start))
    for t in range(weeks.rate.shape[1]):
        rate, share = weeks.rate[:, t], weeks.open[:, t]
        squares += np.where(seen >= WARM_UP, share, 0.0) * (rate - level) ** 2
        level += alphas * share * (rate - level)
        path[:, t] = np.take_along_axis(level, squares.argmin(0)[None], 0)[0]
        seen += share
    return path


def tsb_path(weeks: Weeks, alpha: float = TSB_ALPHA, beta: float = TSB_BETA) -> Floats:
    """Teunter, Syntetos and Babai: probability of a week with sales times their size, after each week."""
    first = _first(weeks, 2 * WARM_UP)
    sold = weeks.rate > 0
    chance = _mean(sold.astype(float), first)
    size = _mean(weeks.rate, first * sold)
    path = np.empty_like(weeks.rate)
    for t in range(weeks.rate.shape[1]):
        share = weeks.open[:, t]
        chance = chance + beta * share * (sold[:, t] - chance)
        size = np.where(sold[:, t], size + alpha * share * (weeks.rate[:, t] - size), size)
        path[:, t] = chance * size
    return path


def forecast(weeks: Weeks, category: NDArray[np.int64]) -> Forecast:
    """What the next 13 weeks will sell. The young lean on their category: by its mean wholly at first, not at all after
    eight weeks of their own."""
    index = season(weeks)
    plain = Weeks(weeks.rate / _over_past(index, weeks.rate.shape[1]), weeks.open)
    level = (ses_path(plain, _mean(plain.rate, _first(plain, WARM_UP))) + tsb_path(plain)) / 2
    seen = weeks.open.sum(1)
    own = np.minimum(seen / GROWN_UP, 1.0)
    last = own * level[:, -1] + (1 - own) * _category_mean(level[:, -1], seen, category)
    return Forecast(last[:, None] * index[:, np.arange(WEEKS_AHEAD) // PERIOD], level, index, seen)


def season(weeks: Weeks) -> Floats:
    """The index of each of the 13 four-week periods of a year, the next four weeks first: 1 without two years of history.

    What a SKU shows of its own is shrunk towards what all of them show together. The last 13 weeks have no part in it: the
    forecast is judged by them.
    """
    skus, length = weeks.rate.shape
    years = 2 * YEAR
    flat = np.ones((skus, YEAR // PERIOD))
    if length < years + WEEKS_AHEAD:
        return flat
    cut = length - WEEKS_AHEAD
    rate = weeks.rate[:, cut - years : cut].reshape(skus, 2, YEAR)
    old = (weeks.open[:, cut - years : cut].mean(1) > 0.5)[:, None]
    offset = (-(length - cut)) % YEAR  # where in the year, counted from the next week, the window begins
    rate = np.roll(rate, offset, axis=2)
    year_mean = rate.mean(2, keepdims=True)
    periods = rate.reshape(skus, 2, YEAR // PERIOD, PERIOD).mean(3)
    own = np.divide(periods, year_mean, out=np.ones_like(periods), where=year_mean > 0).mean(1)
    total = np.where(old[:, :, None], periods, 0.0).sum(0)
    if not total.sum(1).all():
        return flat
    pooled = (total / total.mean(1, keepdims=True)).mean(0)
    sold_weeks = (rate > 0).sum((1, 2))[:, None]
    trust = sold_weeks / (sold_weeks + years)
    return np.asarray(np.where(old, np.maximum(trust * own + (1 - trust) * pooled, 0.05), 1.0))


def errors(weeks: Weeks, foreseen: Forecast, horizon: int) -> tuple[Floats, NDArray[np.bool_]]:
    """By how much the totals of `horizon` weeks differed from what was said, origin by origin, and which of them count: the
    methods had warmed up, and the goods were there for most of the time."""
    skus, length = weeks.rate.shape
    origins = max(0, length - horizon)
    sums = np.concatenate([np.zeros((skus, 1)), weeks.rate.cumsum(1)], axis=1)
    opened = np.concatenate([np.zeros((skus, 1)), weeks.open.cumsum(1)], axis=1)
    actual = sums[:, 1 + horizon :] - sums[:, 1 : 1 + origins]
    there = opened[:, 1 + horizon :] - opened[:, 1 : 1 + origins]
    counts = (opened[:, 1 : 1 + origins] >= WARM_UP) & (there > horizon / 2)
    return actual - foreseen.said(horizon)[:, :origins], counts


def spread(weeks: Weeks, foreseen: Forecast) -> Floats:
    """The variance of what is said of the total of each of `HORIZONS` weeks: own past squared errors, shrunk to a power law
    of the mean across the SKUs."""
    columns = []
    for horizon in HORIZONS:
        wrong, counts = errors(weeks, foreseen, horizon)
        number = counts.sum(1)
        own = np.divide((wrong**2 * counts).sum(1), number, out=np.zeros(len(number)), where=number > 0)
        mean = foreseen.weekly[:, :horizon].sum(1)
        columns.append(shrunk(mean, own, number / horizon))
    return np.stack(columns, axis=1)


def shrunk(mean: Floats, variance: Floats, number: Floats) -> Floats:
    """Variances drawn to log v = a + b log m, each the less the more independent errors it is made of."""
    known = (mean > 0) & (variance > 0) & (number >= 2)
    law = np.array([0.0, 1.0])  # Poisson, while nobody knows better
    if known.sum() >= 20:
        ones = np.ones(int(known.sum()))
        law = np.linalg.lstsq(np.stack([ones, np.log(mean[known])], 1), np.log(variance[known]), rcond=None)[0]
    typical = law[0] + law[1] * np.log(np.maximum(mean, 1e-3))
    weight = np.where(variance > 0, number / (number + 4.0), 0.0)
    logs = weight * np.log(np.where(variance > 0, variance, 1.0)) + (1 - weight) * typical
    return np.asarray(np.exp(logs))


def _first(weeks: Weeks, most: int) -> Floats:
    """The weights of the first `most` weeks of each SKU."""
    return np.asarray(np.where(weeks.open.cumsum(1) - weeks.open < most, weeks.open, 0.0))


def _mean(values: Floats, weights: Floats) -> Floats:
    total = weights.sum(1)
    return np.asarray(np.divide((values * weights).sum(1), total, out=np.zeros(len(total)), where=total > 0))


def _category_mean(level: Floats, seen: Floats, category: NDArray[np.int64]) -> Floats:
    """What a SKU of each one's category sells a week; those with more history have more say."""
    if not len(category):
        return level
    weight = np.minimum(seen, GROWN_UP)
    size = int(category.max()) + 1
    weights = np.bincount(category, weight, size)
    means = np.divide(np.bincount(category, level * weight, size), weights, out=np.zeros(size), where=weights > 0)
    return np.asarray(means[category])


def _over_past(index: Floats, length: int) -> Floats:
    return np.asarray(index[:, (np.arange(length) - length) % YEAR // PERIOD])
