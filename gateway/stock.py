"""This is where stock comes in and is counted, warehouse by warehouse."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import stock_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathSku, QueryWord, Sku, Slug, page_of
from gateway.idempotency import request_id_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from services.kit.errors import NotFound

router = feature("stock")
STOCK = {
    "sku": "MUG-01",
    "warehouses": [{"warehouse": "main", "on_hand": 40, "graded": [{"grade": "C", "units": 1}]}],
    "on_hand": 40,
    "held": 2,
    "available": 38,
    "in_transit": 0,
}
_MOVEMENT = {
    "sku": "MUG-01",
    "warehouse": "main",
    "quantity": 40,
    "reason": "receipt",
    "reference": "a5c1…",
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "grade": "A",
    "note": "",
}
Reason = Literal[
    "receipt", "return", "count", "damage", "transfer", "sample", "theft", "expiry", "loss", "supplier_return"
]
Moment = Annotated[str, Query(max_length=40, pattern=r"^[0-9T:.Z+ -]*$", description="RFC 3339.")]


class SkuNotFound(NotFound):
    """There is no such SKU."""


class ReceiptBody(Body):
    """Goods arriving, or a correction. `sample`, `theft`, `expiry`, `loss` and `supplier_return` only take away. Only grade
    `A` is sold; `B` is opened or refurbished, `C` damaged, `quarantine` not looked at yet."""

    sku: Sku
    warehouse: Slug = "main"
    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: Reason = "receipt"
    grade: Literal["A", "B", "C", "quarantine"] = "A"


def stock_of(of: pb.SkuStock) -> Json:
    """What there is of a SKU."""
    warehouses = [
        {
            "warehouse": row.warehouse,
            "on_hand": row.on_hand,
            "graded": [{"grade": graded.grade, "units": graded.units} for graded in row.graded],
        }
        for row in of.warehouses
    ]
    return {
        "sku": of.sku,
        "warehouses": warehouses,
        "on_hand": sum(row.on_hand for row in of.warehouses),
        "held": of.held,
        "available": of.available,
        "in_transit": of.in_transit,
    }


@router.post(
    "/v1/stock/receipts",
    status_code=201,
    summary="Put units into a warehouse",
    responses=shown(
        STOCK,
        *("SKU_NOT_FOUND", "INVALID_QUANTITY", "BUNDLE_HAS_NO_STOCK", "IDEMPOTENCY_KEY_MISSING"),
        status=201,
        body=True,
    ),
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
        grade=body.grade,
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
    responses=shown(
        {"items": [_MOVEMENT], "next_cursor": None}, "SKU_NOT_FOUND", "INVALID_PARAMETER", "INVALID", "CURSOR_INVALID"
    ),
)
async def list_movements(
    request: Request,
    sku: PathSku,
    warehouse: QueryWord = "",
    reason: QueryWord = "",
    grade: QueryWord = "",
    since: Annotated[Moment, Query(alias="from")] = "",
    until: Annotated[Moment, Query(alias="to")] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """What came and went, newest first: of a warehouse, for a reason, of a grade, between two times."""
    asked = pb.ListMovementsRequest(
        sku=sku,
        merchant_id=asking(request).only_merchant,
        warehouse=warehouse,
        reason=reason,
        grade=grade,
        to=until,
        page=page_of(limit, cursor),
        **{"from": since},
    )
    answered = await ask_again(request.app.state.gateway.neighbours.stock.ListMovements, asked)
    rows = [{name: getattr(row, name) for name in _MOVEMENT} for row in answered.movements]
    return paged(request, "items", rows, answered.next_cursor)
