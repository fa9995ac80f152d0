"""This is where a purchase order is taken from step to step: approved, sent, confirmed, cancelled, closed."""

from typing import Any

from fastapi import Request, Response
from shop.catalog.v1 import purchase_orders_pb2 as pb

from gateway.answers import tagged
from gateway.described import Described, feature, shown
from gateway.fields import Body, LineOrEmpty, PathId, Time
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.purchase_orders import ORDER, purchase_order, purchase_orders
from gateway.roles import may

router = feature("purchase-orders")


class PromiseBody(Body):
    """When the supplier means to deliver."""

    promised_at: Time


class CancelBody(Body):
    """Why it is cancelled."""

    reason: LineOrEmpty = ""


async def _move(request: Request, order_id: str, move: pb.PurchaseOrderMove.ValueType, **more: Any) -> Response:
    asked = pb.MovePurchaseOrderRequest(
        id=order_id, move=move, if_version=if_version(request), by=asking(request).id, **more
    )
    answered = await ask_again(purchase_orders(request).MovePurchaseOrder, asked)
    return tagged(purchase_order(answered.order), answered.order.version)


def _moved(*codes: str, body: bool = False) -> Described:
    return shown(ORDER, "PURCHASE_ORDER_NOT_FOUND", "ILLEGAL_TRANSITION", "VERSION_MISMATCH", *codes, body=body)


@router.post(
    "/v1/purchase-orders/{order_id}/approve",
    summary="Approve a purchase order",
    responses=_moved("APPROVAL_NEEDED", "SUPPLIER_NOT_APPROVED"),
)
async def approve_purchase_order(request: Request, order_id: PathId) -> Response:
    """`draft` → `approved`. Above the policy's value it needs the permission `supply.approve`: the owner or finance."""
    senior = may(asking(request).roles, "supply.approve")
    return await _move(request, order_id, pb.PURCHASE_ORDER_MOVE_APPROVE, senior=senior)


@router.post("/v1/purchase-orders/{order_id}/send", summary="The supplier has it", responses=_moved())
async def send_purchase_order(request: Request, order_id: PathId) -> Response:
    """`approved` → `sent`; the lead time runs from here."""
    return await _move(request, order_id, pb.PURCHASE_ORDER_MOVE_SEND)


@router.post(
    "/v1/purchase-orders/{order_id}/confirm",
    summary="The supplier promises a date",
    responses=_moved("INVALID_PURCHASE_ORDER", body=True),
)
async def confirm_purchase_order(request: Request, order_id: PathId, body: PromiseBody) -> Response:
    """`sent` → `confirmed`; a confirmed one may be promised anew."""
    return await _move(request, order_id, pb.PURCHASE_ORDER_MOVE_CONFIRM, promised_at=body.promised_at)


@router.post(
    "/v1/purchase-orders/{order_id}/cancel",
    summary="Cancel a purchase order",
    responses=_moved("INVALID_PURCHASE_ORDER", body=True),
)
async def cancel_purchase_order(request: Request, order_id: PathId, body: CancelBody | None = None) -> Response:
    """While nothing has come of it."""
    return await _move(request, order_id, pb.PURCHASE_ORDER_MOVE_CANCEL, reason=body.reason if body else "")


@router.post("/v1/purchase-orders/{order_id}/close", summary="Nothing more is awaited", responses=_moved())
async def close_purchase_order(request: Request, order_id: PathId) -> Response:
    """`partly_received` or `received` → `closed`."""
    return await _move(request, order_id, pb.PURCHASE_ORDER_MOVE_CLOSE)
