"""This is where it is shown what will be sold, and how right such forecasts have been."""

from fastapi import Request, Response
from shop.catalog.v1 import forecasts_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import PathId
from gateway.neighbours import ask_again

router = feature("forecasts")
ERROR = {"days": 7, "wape": 0.66, "naive_wape": 0.83, "last_wape": 0.83, "mean_wape": 0.69, "gain": 0.2}
_SPAN = {"from": "2026-11-22", "until": "2026-11-28", "units": 41.5, "low": 22.0, "high": 63.1}
_FORECAST = {
    "sku": "MUG-01",
    "made_at": "2026-11-22T02:00:00.000Z",
    "class": "A",
    "weeks_of_history": 43.0,
    "recent": [38.0, 44.0],
    "series": [_SPAN],
    "totals": [{**_SPAN, "median": 40.9}],
    "errors": [ERROR],
}
_ACCURACY = {
    "made_at": "2026-11-22T02:00:00.000Z",
    "classes": [{"class": "A", "skus": 812, "errors": [ERROR]}],
    "trend": [{"day": "2026-11-22", **ERROR}],
}


def error(of: pb.ForecastError) -> Json:
    """How wrong; None while there is too little history to tell."""
    names = ("wape", "naive_wape", "last_wape", "mean_wape", "gain")
    return {"days": of.days} | {name: getattr(of, name) if of.HasField(name) else None for name in names}  # type: ignore[arg-type]


def _span(of: pb.ForecastSpan) -> Json:
    return {"from": of.first_day, "until": of.last_day, "units": of.units, "low": of.low, "high": of.high}


def _forecast(of: pb.SkuForecast) -> Json:
    return {
        "sku": of.sku,
        "made_at": of.made_at,
        "class": of.stock_class or None,
        "weeks_of_history": of.weeks,
        "recent": list(of.recent),
        "series": [_span(each) for each in of.series],
        "totals": [{**_span(each), "median": each.median} for each in of.totals],
        "errors": [error(each) for each in of.errors],
    }


@router.get(
    "/v1/products/{product_id}/forecast",
    summary="What will be sold of it",
    responses=shown({"product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx", "skus": [_FORECAST]}, "FORECAST_NOT_FOUND"),
)
async def get_forecast(request: Request, product_id: PathId) -> Response:
    """The next 90 days of each of its SKUs, by week and in all over 7, 28 and 90 days, with the quantiles of 10 and 90 %;
    and how wrong it has been beside the seasonal naive forecast (`gain`: the share of that one's error it spares)."""
    asked = pb.GetForecastRequest(id=product_id)
    answered = await ask_again(request.app.state.gateway.neighbours.forecasts.GetForecast, asked)
    return answer({"product_id": answered.product_id, "skus": [_forecast(each) for each in answered.forecasts]})


@router.get("/v1/forecasts/accuracy", summary="How right forecasts are", responses=shown(_ACCURACY))
async def get_accuracy(request: Request) -> Response:
    """WAPE of totals of 7, 28 and 91 days at the last origins, by ABC class and in all, beside forecasts that need no
    thought; and how it went over the last 28 runs. A forecast of nothing has a WAPE of 1."""
    answered = await ask_again(request.app.state.gateway.neighbours.forecasts.GetAccuracy, pb.GetAccuracyRequest())
    classes = [
        {"class": each.stock_class, "skus": each.skus, "errors": [error(wrong) for wrong in each.errors]}
        for each in answered.classes
    ]
    trend = [{"day": each.day, **error(each.error)} for each in answered.trend]
    return answer({"made_at": answered.made_at or None, "classes": classes, "trend": trend})
