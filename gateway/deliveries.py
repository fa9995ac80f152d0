"""This is where ordered goods come in, and where an order is printed for its supplier."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import purchase_orders_pb2 as pb

from gateway.answers import answer
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, LineOrEmpty, PathId, Sku, Slug, Time
from gateway.idempotency import replayed, request_id_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from gateway.purchase_orders import ORDER, RECEIPT, purchase_order, purchase_orders, receipt

router = feature("purchase-orders")
_Many = Annotated[int, Field(ge=0, le=10_000_000)]


class ReceivedBody(Body):
    """What came of a SKU: `received` sound units, and `rejected` ones beside them."""

    sku: Sku
    received: _Many
    rejected: _Many = 0
    reason: LineOrEmpty = ""
    batch: Annotated[str, Field(max_length=64)] = ""
    expires_at: Time | None = None


class ReceiptBody(Body):
    """A delivery; without a warehouse it came to the order's."""

    warehouse: Slug | None = None
    lines: Annotated[list[ReceivedBody], Field(min_length=1, max_length=200)]


@router.post(
    "/v1/purchase-orders/{order_id}/receipts",
    status_code=201,
    summary="Book a delivery",
    responses=shown(
        {"receipt": RECEIPT, "order": ORDER},
        "PURCHASE_ORDER_NOT_FOUND",
        "ILLEGAL_TRANSITION",
        "INVALID_PURCHASE_ORDER",
        "OVER_RECEIPT",
        "TOO_MANY_RECEIPTS",
        "PURCHASE_ORDER_BUSY",
        "IDEMPOTENCY_KEY_MISSING",
        status=201,
        body=True,
    ),
)
async def receive_purchase_order(request: Request, order_id: PathId, body: ReceiptBody) -> Response:
    """Sound units go on the shelf and change what the SKU costs, rejected ones into quarantine; each line makes a lot. Needs
    an Idempotency-Key: a delivery is booked once. At most the policy's tolerance more than was ordered may come."""
    lines = [
        pb.ReceiptLine(
            sku=row.sku,
            received=row.received,
            rejected=row.rejected,
            reason=row.reason,
            batch=row.batch,
            expires_at=row.expires_at or "",
        )
        for row in body.lines
    ]
    asked = pb.ReceivePurchaseOrderRequest(
        id=order_id,
        warehouse=body.warehouse or "",
        lines=lines,
        request_id=request_id_of(request, asking(request).id, f"purchase-orders.receive|{order_id}"),
        by=asking(request).id,
    )
    answered = await ask_again(purchase_orders(request).ReceivePurchaseOrder, asked, STAFF_S)
    booked = {"receipt": receipt(answered.receipt), "order": purchase_order(answered.order)}
    return answer(booked, 201, replayed(answered.replayed))


@router.get(
    "/v1/purchase-orders/{order_id}/document",
    summary="Print a purchase order",
    responses={
        200: {
            "description": "The file.",
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": "number,sku,…"},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **problems_of(("PURCHASE_ORDER_NOT_FOUND", "INVALID_PARAMETER", "UNAVAILABLE")),
    },
)
async def print_purchase_order(
    request: Request,
    order_id: PathId,
    format: Annotated[Literal["csv", "pdf"], Query(description="Rows for software, pages for people.")] = "pdf",
) -> Response:
    """For the supplier."""
    asked = pb.PrintPurchaseOrderRequest(id=order_id, format=format)
    answered = await ask_again(purchase_orders(request).PrintPurchaseOrder, asked, STAFF_S)
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{answered.name}"'}
    return Response(answered.content, media_type=answered.media_type, headers=headers)
