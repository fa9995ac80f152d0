"""This is where the heavy sums are handed over to a process of their own: small arrays in, plain numbers out. Pure.

numpy and scipy are imported where they run, never here.
"""

from array import array
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .forecasting import Floats, Weeks

Compute = Callable[..., Awaitable[Any]]  # `apart`: does a function of this module somewhere
BAND = (0.1, 0.5, 0.9)
HORIZON_DAYS = (7, 28, 90)


@dataclass
class Cells:
    """A matrix of SKUs by days that is mostly empty."""

    rows: "array[int]" = field(default_factory=lambda: array("i"))
    columns: "array[int]" = field(default_factory=lambda: array("i"))
    values: "array[float]" = field(default_factory=lambda: array("f"))

    def put(self, row: int, column: int, value: float) -> None:
        """Later ones stand over earlier ones."""
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(value)


@dataclass
class Past:
    """What some SKUs sold on so many days: units and shares of days without stock; the first day each was on sale; its
    category as a number."""

    days: int
    since: "array[int]"
    category: "array[int]"
    units: Cells = field(default_factory=Cells)
    shut: Cells = field(default_factory=Cells)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is foreseen of one SKU, in units: by week, and in all over 7, 28 and 90 days, each with its 10, 50 and 90 %
    quantiles; the variances of `HORIZONS`; what it sold in the last 13 weeks; how wrong forecasts were (`TRIALS`)."""

    weeks: float
    weekly: list[float]
    low: list[float]
    high: list[float]
    totals: list[list[float]]
    spread: list[float]
    recent: list[float]
    trials: list[list[float]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides a SKU's level: units a week ahead, variances, lead time, days between reviews, service level."""

    weekly: float
    spread: Sequence[float]
    lead_mean: float
    lead_sd: float
    review: int
    service: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Some SKUs of a class to try service levels on: their past, their lead times, days between reviews."""

    past: Past
    lead_means: Sequence[float]
    lead_sds: Sequence[float]
    review: int


@dataclass(frozen=True, slots=True)
class Level:
    """Units: foreseen over lead time and review, the level that is ordered up to, and the line never waited below."""

    needed: float
    up_to: int
    line: int


def foresee(past: Past) -> list[Foreseen]:
    """The forecast of each SKU of the past."""
    import numpy as np

    from . import forecasting, levels, trials

    weeks = _weeks(past)
    forecast = forecasting.forecast(weeks, np.array(past.category, dtype=np.int64))
    spread = forecasting.spread(weeks, forecast)
    recent = weeks.rate[:, -forecasting.WEEKS_AHEAD :] * weeks.open[:, -forecasting.WEEKS_AHEAD :]
    wrong = trials.tried(weeks, forecast)
    single = [levels.Need(mean, spread[:, 0]) for mean in forecast.weekly.T]
    low, _, high = (np.stack([need.plain(q) for need in single], axis=1) for q in BAND)
    totals = []
    for days in HORIZON_DAYS:
        mean = forecast.weekly[:, : -(-days // 7)].sum(1) * days / (-(-days // 7) * 7)
        days_each = np.full(len(mean), float(days))
        need = levels.need(mean * 7 / days, spread, days_each, np.zeros(len(mean)))
        totals.append(np.stack([mean, *(need.plain(q) for q in BAND)], axis=1))
    columns = (forecast.weekly, low, high, np.stack(totals, axis=1), spread, recent, wrong)
    lists = [np.round(column, 3).tolist() for column in columns]
    return [Foreseen(float(n), *row) for n, *row in zip(forecast.weeks, *lists, strict=True)]


def tune(samples: Sequence[Sample]) -> list[list[tuple[float, float]]]:
    """For each sample the service levels tried, and the stock-out rates they would have had over the last 13 weeks."""
    import numpy as np

    from . import forecasting, levels

    curves = []
    for sample in samples:
        skus = len(sample.past.since)
        weeks = _weeks(sample.past)
        forecast = forecasting.forecast(weeks, np.array(sample.past.category, dtype=np.int64))
        leads = levels.Leads(np.array(sample.lead_means), np.array(sample.lead_sds))
        demand = _dense(sample.past.units, skus, sample.past.days)
        reviews, wrong = np.full(skus, sample.review), forecasting.spread(weeks, forecast)
        curves.append(levels.curve_of(demand, forecast.said(1), wrong, reviews, leads))
    return curves


def set_levels(terms: Sequence[Terms]) -> list[Level]:
    """How far to order up to, SKU by SKU."""
    import numpy as np

    from . import levels

    weekly, mean, sd, review, service = (
        np.array([getattr(each, name) for each in terms], dtype=float)
        for name in ("weekly", "lead_mean", "lead_sd", "review", "service")
    )
    spread = np.array([each.spread for each in terms])
    whole = levels.need(weekly, spread, mean + review, sd)
    up_to = whole.quantile(service)
    # Between two reviews a day is what there is to act: below this line the next review is too late.
    line = np.minimum(levels.need(weekly, spread, np.maximum(mean, 1.0), sd).quantile(service), up_to - 1)
    return [Level(round(float(m), 2), int(u), int(x)) for m, u, x in zip(whole.mean, up_to, line, strict=True)]


def _weeks(past: Past) -> "Weeks":
    import numpy as np

    from . import forecasting

    skus = len(past.since)
    units, shut = _dense(past.units, skus, past.days), _dense(past.shut, skus, past.days)
    return forecasting.by_week(units, np.minimum(shut, 1.0), np.array(past.since, dtype=np.int64))


def _dense(cells: Cells, rows: int, columns: int) -> "Floats":
    import numpy as np

    matrix = np.zeros((rows, columns))
    matrix[np.frombuffer(cells.rows, np.int32), np.frombuffer(cells.columns, np.int32)] = np.frombuffer(
        cells.values, np.float32
    )
    return matrix
