"""This is where the shop is read in numbers."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from shop.metrics.v1 import kpis_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Day
from gateway.neighbours import STAFF_S, ask_again

router = feature("kpis")
_POINT = {"at": "2026-11-22T00:00:00.000Z", "key": None, "value": 123400.0, "currency": "CNY"}
_KPI = {
    "name": "gmv",
    "capability": "K12",
    "title": "Gross merchandise value",
    "unit": "minor",
    "formula": "sum of goods after discounts over paid orders",
    "target": None,
    "today": [_POINT],
}
_PERIODS = {"day": pb.REVIEW_PERIOD_DAY, "week": pb.REVIEW_PERIOD_WEEK, "month": pb.REVIEW_PERIOD_MONTH}
_REVIEW = {
    "period": "day",
    "from": "2026-11-22",
    "to": "2026-11-22",
    "kpis": [_KPI],
    "top_products": [
        {
            "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
            "sku": "MUG-01",
            "title": "Mug, blue",
            "units": 12,
            "paid": {"currency": "CNY", "minor": 34800},
            "views": 240,
        }
    ],
}


def point(of: pb.KpiPoint) -> Json:
    """A value; null where there is none, as for a ratio over nothing."""
    value: float | None = of.value if of.known else None
    return {"at": of.at, "key": of.key or None, "value": value, "currency": of.currency or None}


def kpi(of: pb.Kpi) -> Json:
    """What a KPI is, with its value today."""
    return {
        "name": of.name,
        "capability": of.capability,
        "title": of.title,
        "unit": of.unit,
        "formula": of.formula,
        "target": of.target or None,
        "today": [point(row) for row in of.today],
    }


def _kpis(request: Request) -> Any:
    return request.app.state.gateway.neighbours.kpis


@router.get("/v1/kpis", summary="Every KPI today", responses=shown({"items": [_KPI]}))
async def list_kpis(request: Request) -> Response:
    """With unit, formula and target. Money has one value a currency."""
    answered = await ask_again(_kpis(request).ListKpis, pb.ListKpisRequest(), STAFF_S)
    return answer({"items": [kpi(row) for row in answered.kpis]})


@router.get(
    "/v1/kpis/{name}",
    summary="One KPI over time",
    responses=shown({**_KPI, "points": [_POINT]}, "KPI_NOT_FOUND", "INVALID_RANGE", "INVALID_DIMENSION"),
)
async def get_kpi(
    request: Request,
    name: Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,64}$")],
    from_day: Annotated[Day, Query(alias="from")] = "",
    to_day: Annotated[Day, Query(alias="to")] = "",
    grain: Annotated[Literal["", "hour", "day", "week", "month", "total"], Query()] = "",
    by: Annotated[str, Query(pattern=r"^[a-z_]{0,32}$", description="A dimension.")] = "",
) -> Response:
    """By time, then largest first."""
    asked = pb.GetKpiRequest(name=name, from_day=from_day, to_day=to_day, grain=grain, by=by)
    answered = await ask_again(_kpis(request).GetKpi, asked, STAFF_S)
    return answer({**kpi(answered.kpi), "points": [point(row) for row in answered.points]})


@router.get("/v1/reviews/{period}", summary="The review", responses=shown(_REVIEW, "INVALID_RANGE"))
async def get_review(request: Request, period: Literal["day", "week", "month"], date: Day = "") -> Response:
    """Of the day, the week or the month that `date` is in."""
    asked = pb.GetReviewRequest(period=_PERIODS[period], date=date)
    answered = await ask_again(_kpis(request).GetReview, asked, STAFF_S)
    top = [
        {
            "product_id": row.product_id,
            "sku": row.sku,
            "title": row.title,
            "units": row.units,
            "paid": {"currency": row.currency, "minor": row.paid_minor},
            "views": row.views,
        }
        for row in answered.top_products
    ]
    return answer(
        {
            "period": period,
            "from": answered.from_day,
            "to": answered.to_day,
            "kpis": [kpi(row) for row in answered.kpis],
            "top_products": top,
        }
    )
