"""This is where units change their quality."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import grades_pb2 as pb

from gateway.answers import answer
from gateway.described import feature, shown
from gateway.fields import Body, LineOrEmpty, Sku, Slug
from gateway.idempotency import request_id_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.stock import STOCK, stock_of

router = feature("stock")
Grade = Literal["A", "B", "C", "quarantine"]


class RegradeBody(Body):
    """Units that are better or worse than was thought. `A` is sold; `B` opened or refurbished, `C` damaged."""

    sku: Sku
    warehouse: Slug = "main"
    from_: Annotated[Grade, Field(alias="from")]
    to: Grade
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: LineOrEmpty = ""


@router.post(
    "/v1/stock/regrades",
    status_code=201,
    summary="Move units to another grade",
    responses=shown(
        STOCK,
        *("SKU_NOT_FOUND", "INVALID_QUANTITY", "BUNDLE_HAS_NO_STOCK", "IDEMPOTENCY_KEY_MISSING"),
        status=201,
        body=True,
    ),
)
async def regrade_stock(request: Request, body: RegradeBody) -> Response:
    """Needs an Idempotency-Key. Only grade A is sold; what orders hold of it stays A."""
    asked = pb.RegradeStockRequest(
        sku=body.sku,
        warehouse=body.warehouse,
        to=body.to,
        quantity=body.quantity,
        reason=body.reason,
        request_id=request_id_of(request, asking(request).id, "stock.regrade"),
        by=asking(request).id,
        **{"from": body.from_},
    )
    answered = await ask_again(request.app.state.gateway.neighbours.grades.RegradeStock, asked)
    return answer(stock_of(answered.stock), 201)
