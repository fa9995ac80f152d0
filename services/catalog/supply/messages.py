"""This is where forecasts and the plan meet protobuf."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shop.catalog.v1 import forecasts_pb2, replenishment_pb2

from services.kit.clock import rfc3339
from services.kit.errors import Invalid

from .forecasts import Accuracy, SkuForecast, overall
from .history import SalesAnswer, SalesRow
from .plan import PlanLine, explained
from .policies import Mode, ReplenishmentPolicy
from .sums import HORIZON_DAYS

_MODES = {
    Mode.OFF: replenishment_pb2.REPLENISHMENT_MODE_OFF,
    Mode.SUGGEST: replenishment_pb2.REPLENISHMENT_MODE_SUGGEST,
    Mode.DRAFT: replenishment_pb2.REPLENISHMENT_MODE_DRAFT,
}
_TRIAL_DAYS = (7, 28, 91)
_LAST_DAY = HORIZON_DAYS[-1] - 1


def forecast(kept: SkuForecast) -> forecasts_pb2.SkuForecast:
    """What is foreseen of a SKU."""
    begin = kept.made_at.date()
    bands = zip(kept.weekly, kept.low, kept.high, strict=True)
    return forecasts_pb2.SkuForecast(
        sku=kept.id,
        made_at=rfc3339(kept.made_at),
        stock_class=kept.stock_class,
        weeks=round(kept.weeks, 1),
        recent=kept.recent,
        series=[
            _span(begin, 7 * k, min(7 * k + 6, _LAST_DAY), mean, low, high) for k, (mean, low, high) in enumerate(bands)
        ],
        totals=[
            _span(begin, 0, days - 1, mean, low, high, median)
            for days, (mean, low, median, high) in zip(HORIZON_DAYS, kept.totals, strict=True)
        ],
        errors=errors(kept.trials),
    )


def _span(
    begin: date, first: int, last: int, mean: float, low: float, high: float, median: float = 0.0
) -> forecasts_pb2.ForecastSpan:
    share = (last - first + 1) / 7 if last - first < 6 else 1.0  # of the last week a day is beyond the horizon
    mean, low, high = (round(units * share, 2) for units in (mean, low, high))
    return forecasts_pb2.ForecastSpan(
        first_day=(begin + timedelta(days=first)).isoformat(),
        last_day=(begin + timedelta(days=last)).isoformat(),
        units=mean,
        low=low,
        median=round(median, 2),
        high=high,
    )


def errors(trials: Sequence[Sequence[float]]) -> list[forecasts_pb2.ForecastError]:
    """How wrong forecasts were, by days of the total."""
    return [_error(days, sums) for days, sums in zip(_TRIAL_DAYS, trials, strict=True)]


def _error(days: int, sums: Sequence[float]) -> forecasts_pb2.ForecastError:
    actual, ours, naive, last, mean = sums
    if actual <= 0:
        return forecasts_pb2.ForecastError(days=days)
    return forecasts_pb2.ForecastError(
        days=days,
        wape=round(ours / actual, 4),
        naive_wape=round(naive / actual, 4),
        last_wape=round(last / actual, 4),
        mean_wape=round(mean / actual, 4),
        gain=round(1 - ours / naive, 4) if naive > 0 else None,
    )


def accuracy(runs: Sequence[Accuracy]) -> forecasts_pb2.GetAccuracyResponse:
    """The last run in full, and how it went before."""
    if not runs:
        return forecasts_pb2.GetAccuracyResponse()
    latest = runs[0]
    return forecasts_pb2.GetAccuracyResponse(
        made_at=rfc3339(latest.made_at),
        classes=[
            forecasts_pb2.ClassAccuracy(stock_class=each.stock_class, skus=each.skus, errors=errors(each.trials))
            for each in (*latest.classes, overall(latest))
        ],
        trend=[forecasts_pb2.AccuracyPoint(day=run.id, error=errors(overall(run).trials)[0]) for run in runs],
    )


def sales(rows: Iterable[forecasts_pb2.SalesRow]) -> list[SalesRow]:
    """Rows as they were read."""
    return [SalesRow(row.row, dict(row.cells), row.problem) for row in rows]


def answers(given: Iterable[SalesAnswer]) -> forecasts_pb2.ImportSalesResponse:
    """What became of rows."""
    rows = [
        forecasts_pb2.SalesAnswer(
            row=each.row,
            sku=each.sku,
            ok=not each.errors,
            errors=[forecasts_pb2.SalesError(column=wrong.pointer, message=wrong.message) for wrong in each.errors],
        )
        for each in given
    ]
    return forecasts_pb2.ImportSalesResponse(rows=rows)


def wanted(told: replenishment_pb2.ReplenishmentPolicy) -> ReplenishmentPolicy:
    """A policy as it is asked for."""
    modes = {number: mode for mode, number in _MODES.items()}
    if told.mode not in modes:
        raise Invalid("a policy has a mode")
    return ReplenishmentPolicy(
        id=told.scope if told.scope.startswith("class:") else f"sku:{told.scope}",
        mode=modes[told.mode],
        service_bp=told.service_bp,
        review_days=told.review_days,
        lead_days=told.lead_days,
        min_units=told.min_units,
        max_units=told.max_units if told.HasField("max_units") else None,
        by=told.by,
    )


def policy(kept: ReplenishmentPolicy) -> replenishment_pb2.ReplenishmentPolicy:
    """How goods are replenished."""
    return replenishment_pb2.ReplenishmentPolicy(
        scope=kept.id.removeprefix("sku:"),
        mode=_MODES[kept.mode],
        service_bp=kept.service_bp,
        review_days=kept.review_days,
        lead_days=kept.lead_days,
        min_units=kept.min_units,
        max_units=kept.max_units,
        by=kept.by,
        at=rfc3339(kept.at),
        version=kept.version,
    )


def line(kept: PlanLine) -> replenishment_pb2.ReplenishmentLine:
    """What is planned of a SKU."""
    en, zh = explained(kept)
    return replenishment_pb2.ReplenishmentLine(
        sku=kept.id,
        product_id=kept.product_id,
        title=kept.title,
        stock_class=kept.stock_class,
        mode=_MODES[kept.mode],
        quantity=kept.quantity,
        days_left=kept.days_left,
        on_hand=kept.on_hand,
        available=kept.available,
        on_order=kept.on_order,
        forecast=round(kept.needed, 2),
        period_days=kept.period,
        safety=kept.safety,
        line=kept.line,
        up_to=kept.up_to,
        lead_days=kept.lead_mean,
        lead_sd_days=kept.lead_sd,
        review_days=kept.review_days,
        service_level=kept.service,
        tuned=kept.tried,
        moq=kept.moq,
        pack_size=kept.pack_size,
        supplier_id=kept.supplier_id,
        purchase_orders=kept.orders,
        en=en,
        zh=zh,
        errors=errors(kept.trials),
        made_at=rfc3339(kept.made_at),
    )
