"""This is where it is read what sells more than it did, and what less."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from shop.catalog.v1 import trends_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.neighbours import STAFF_S, ask_again

router = feature("assortment")
_TREND = {
    "id": "kitchen",
    "title": "kitchen",
    "currency": "CNY",
    "orders": 240,
    "orders_before": 150,
    "units": 410,
    "units_before": 260,
    "paid_minor": 1189000,
    "paid_minor_before": 754000,
    "chance": 0.00001,
    "sure": True,
}
_TRENDS = {
    "first_day": "2026-10-25",
    "last_day": "2026-11-21",
    "days": 28,
    "rising": [_TREND],
    "falling": [],
    "hot": [_TREND],
    "tested": 12,
}


def _trend(of: pb.Trend) -> Json:
    return {name: getattr(of, name) for name in _TREND} | {"chance": float(f"{of.chance:.2g}")}


@router.get("/v1/assortment/trends", summary="What rises and falls", responses=shown(_TRENDS, "INVALID_PARAMETER"))
async def get_trends(
    request: Request,
    by: Literal["sku", "category"] = "category",
    days: Annotated[int, Query(ge=1, le=90)] = 28,
) -> Response:
    """Whole days up to yesterday beside as many before them, by orders. Only what chance would rarely make is named as
    rising or falling (`chance`, at one wrong in twenty named); `hot` took the most money."""
    asked = pb.GetTrendsRequest(by_category=by == "category", days=days)
    of = await ask_again(request.app.state.gateway.neighbours.trends.GetTrends, asked, STAFF_S)
    return answer(
        {
            "first_day": of.first_day,
            "last_day": of.last_day,
            "days": of.days,
            "rising": [_trend(row) for row in of.rising],
            "falling": [_trend(row) for row in of.falling],
            "hot": [_trend(row) for row in of.hot],
            "tested": of.tested,
        }
    )
