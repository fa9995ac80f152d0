"""This is where it is shown how SKUs sell: ABC by value, XYZ by steadiness, and the pattern of their demand."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from shop.catalog.v1 import classes_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import ask_again
from gateway.permissions import asking

router = feature("stock")
CLASS = {
    "sku": "MUG-01",
    "abc": "A",
    "xyz": "X",
    "demand": "smooth",
    "policy": "just_in_time",
    "units": 1200,
    "value": {"currency": "CNY", "minor": 3480000},
    "weeks_between_demand": 1.1,
    "size_variation": 0.2,
    "variation": 0.4,
    "computed_at": "2026-11-22T08:00:00.000Z",
}


def sku_class(of: pb.SkuClass) -> Json:
    """How a SKU sells."""
    return {
        "sku": of.sku,
        "abc": of.abc,
        "xyz": of.xyz,
        "demand": of.demand,
        "policy": of.policy,
        "units": of.units,
        "value": {"currency": of.currency, "minor": of.value_minor},
        "weeks_between_demand": of.adi_milli / 1000,
        "size_variation": of.cv2_milli / 1000,
        "variation": of.cv_milli / 1000,
        "computed_at": of.computed_at,
    }


@router.post(
    "/v1/stock/classifications",
    status_code=202,
    summary="Class all SKUs",
    responses=shown(JOB, status=202, text="Begun; see GET /v1/jobs/{id}."),
)
async def classify_stock(request: Request) -> Response:
    """Also done once a week. While a run is under way, that one is answered."""
    asked = pb.ClassifyStockRequest(by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.classes.ClassifyStock, asked)
    return answer(job(answered.job), 202)


@router.get(
    "/v1/stock/classes",
    summary="How SKUs sell",
    responses=shown({"items": [CLASS], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_classes(
    request: Request,
    abc: Annotated[Literal["", "A", "B", "C"], Query(description="Only of this class.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Most valuable first. `variation` is the coefficient of variation of all weeks since the first sale; `size_variation`
    the squared one of the weeks with demand."""
    asked = pb.ListClassesRequest(abc=abc, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.classes.ListClasses, asked)
    return paged(request, "items", [sku_class(row) for row in answered.classes], answered.next_cursor)
