"""This is where stock comes in and is counted, warehouse by warehouse."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import stock_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Body, PathSku, Sku, Slug
from gateway.idempotency import request_id_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from services.kit.errors import NotFound

router = feature("stock")
STOCK = {
    "sku": "MUG-01",
    "warehouses": [{"warehouse": "main", "on_hand": 40}],
    "on_hand": 40,
    "held": 2,
    "available": 38,
}
_MOVEMENT = {
    "sku": "MUG-01",
    "warehouse": "main",
    "quantity": 40,
    "reason": "receipt",
    "reference": "a5c1…",
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
}


class SkuNotFound(NotFound):
    """There is no such SKU."""


class ReceiptBody(Body):
    """Goods arriving, or a correction."""

    sku: Sku
    warehouse: Slug = "main"
    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: Literal["receipt", "count", "damage", "return", "transfer"] = "receipt"


def stock_of(of: pb.SkuStock) -> Json:
    """What there is of a SKU."""
    warehouses = [{"warehouse": row.warehouse, "on_hand": row.on_hand} for row in of.warehouses]
    on_hand = sum(row.on_hand for row in of.warehouses)
    return {"sku": of.sku, "warehouses": warehouses, "on_hand": on_hand, "held": of.held, "available": of.available}


@router.post(
    "/v1/stock/receipts",
    status_code=201,
    summary="Put units into a warehouse",
    responses=shown(STOCK, "SKU_NOT_FOUND", "INVALID_QUANTITY", "IDEMPOTENCY_KEY_MISSING", status=201, body=True),
)
async def receive_stock(request: Request, body: ReceiptBody) -> Response:
    """Needs an Idempotency-Key: a delivery is counted once. A negative quantity corrects, never below what is there."""
    asked = pb.ReceiveStockRequest(
        sku=body.sku,
        warehouse=body.warehouse,
        quantity=body.quantity,
        reason=body.reason,
        request_id=request_id_of(request, asking(request).id, "stock.receive"),
        by=asking(request).id,
        merchant_id=asking(request).only_merchant,
    )
    answered = await ask_again(request.app.state.gateway.neighbours.stock.ReceiveStock, asked)
    return answer(stock_of(answered.stock), 201)


@router.get("/v1/stock/{sku}", summary="Stock by warehouse", responses=shown(STOCK, "SKU_NOT_FOUND"))
async def get_stock(request: Request, sku: PathSku) -> Response:
    """What is on hand, what is promised, what can be ordered."""
    asked = pb.GetStockRequest(skus=[sku], merchant_id=asking(request).only_merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.stock.GetStock, asked)
    if not answered.stocks:
        raise SkuNotFound("there is no such SKU")
    return answer(stock_of(answered.stocks[0]))


@router.get(
    "/v1/stock/{sku}/movements",
    summary="The stock ledger",
    responses=shown({"items": [_MOVEMENT]}, "SKU_NOT_FOUND"),
)
async def list_movements(request: Request, sku: PathSku) -> Response:
    """What came and went, newest first."""
    asked = pb.ListMovementsRequest(sku=sku, merchant_id=asking(request).only_merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.stock.ListMovements, asked)
    rows = [{name: getattr(row, name) for name in _MOVEMENT} for row in answered.movements]
    return answer({"items": rows})
