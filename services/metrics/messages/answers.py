"""This is where values become protobuf answers, and requests what the features understand."""

from collections.abc import Iterable

from shop.metrics.v1 import behaviour_pb2, kpis_pb2

from services.kit.clock import rfc3339
from services.metrics.behaviour import Seen
from services.metrics.kpis import Kpi
from services.metrics.reviews import Review
from services.metrics.series import Point

PERIODS: dict[int, str] = {
    kpis_pb2.REVIEW_PERIOD_DAY: "day",
    kpis_pb2.REVIEW_PERIOD_WEEK: "week",
    kpis_pb2.REVIEW_PERIOD_MONTH: "month",
}


def seen(event: behaviour_pb2.BehaviourEvent) -> Seen:
    """What a front end tells."""
    return Seen(
        event.event_id,
        event.name,
        event.at,
        event.visitor_id,
        event.session_id,
        event.channel,
        event.page,
        tuple(event.skus),
        event.query,
        event.dwell_ms,
    )


def point(value: Point) -> kpis_pb2.KpiPoint:
    """A value."""
    return kpis_pb2.KpiPoint(
        at=rfc3339(value.at), key=value.key, value=value.value, currency=value.currency, known=value.known
    )


def points(kpi: Kpi, values: Iterable[Point]) -> list[kpis_pb2.KpiPoint]:
    """Its values; money is rounded to whole minor units."""
    found = [point(value) for value in values]
    if kpi.unit == "minor":
        for one in found:
            one.value = round(one.value)
    return found


def kpi(what: Kpi, today: Iterable[Point] = ()) -> kpis_pb2.Kpi:
    """What a KPI is, and its values over the period shown."""
    return kpis_pb2.Kpi(
        name=what.name,
        capability=what.capability,
        title=what.title,
        unit=what.unit,
        formula=what.formula,
        target=what.target,
        today=points(what, today),
    )


def review(what: Review) -> kpis_pb2.GetReviewResponse:
    """A review."""
    best = [
        kpis_pb2.ProductLine(
            product_id=seller.product_id,
            sku=seller.sku,
            title=seller.title,
            units=seller.units,
            paid_minor=seller.paid_minor,
            currency=seller.currency,
            views=seller.views,
        )
        for seller in what.best
    ]
    return kpis_pb2.GetReviewResponse(
        from_day=what.span.first.isoformat(),
        to_day=what.span.last.isoformat(),
        kpis=[kpi(one, values) for one, values in what.kpis],
        top_products=best,
    )
