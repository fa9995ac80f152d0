"""This is where the money of an order is seen and moved by staff: taken, let go, given back, collected."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.orders.v1 import payments_pb2 as pb

from gateway.answers import Json, money, tagged
from gateway.described import feature, shown
from gateway.fields import Body, LineOrEmpty, MoneyBody, PathId, Sku, Word, money_or_none
from gateway.idempotency import request_id_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("payments")
_YUAN = {"currency": "CNY", "minor": 1600}
_NONE = {"currency": "CNY", "minor": 0}
MOVEMENT = {
    "id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "kind": "capture",
    "state": "done",
    "amount": _YUAN,
    "via": "provider",
    "payment_id": "pay_0f3b",
    "by": "checkout",
    "reason": None,
    "detail": None,
    "at": "2026-11-22T08:00:01.000Z",
    "done_at": "2026-11-22T08:00:01.000Z",
}
PAYMENTS = {
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "method": "card",
    "capture": "payment",
    "state": "captured",
    "total": _YUAN,
    "authorised": _YUAN,
    "captured": _YUAN,
    "refunded": _NONE,
    "voided": _NONE,
    "left": _NONE,
    "authorised_until": None,
    "movements": [MOVEMENT],
    "version": 3,
}
_AMOUNTS = ("total", "authorised", "captured", "refunded", "voided", "left")
_CODES = ("ORDER_NOT_FOUND", "ORDER_NOT_LIVING", "IDEMPOTENCY_KEY_MISSING", "KEY_REUSED", "MONEY_UNFINISHED")


class AmountBody(Body):
    """How much; left out: all that is left."""

    amount: MoneyBody | None = None


class VoidBody(Body):
    """Why; may be left out."""

    reason: LineOrEmpty = ""


class RefundLineBody(Body):
    """So many units."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=99_999)]


class RefundBody(Body):
    """An amount, or lines at what was paid for them; and why."""

    amount: MoneyBody | None = None
    lines: Annotated[list[RefundLineBody], Field(max_length=200)] = Field(default_factory=list)
    reason: Word


def _movement(of: pb.PaymentMovement) -> Json:
    return {**{name: getattr(of, name) or None for name in MOVEMENT if name != "amount"}, "amount": money(of.amount)}


def payments(of: pb.Payments) -> Response:
    """The money of an order."""
    shown_payments: Json = {name: getattr(of, name) for name in ("order_id", "method", "capture", "state", "version")}
    shown_payments |= {name: money(getattr(of, name)) for name in _AMOUNTS}
    shown_payments |= {
        "authorised_until": of.authorised_until or None,
        "movements": [_movement(row) for row in of.movements],
    }
    return tagged(shown_payments, of.version)


def _payments(request: Request) -> Any:
    return request.app.state.gateway.neighbours.payments


def _once(request: Request, order_id: str, what: str) -> str:
    return request_id_of(request, asking(request).id, f"{what}:{order_id}")


@router.get(
    "/v1/orders/{order_id}/payments", summary="The money of an order", responses=shown(PAYMENTS, "ORDER_NOT_FOUND")
)
async def get_payments(request: Request, order_id: PathId) -> Response:
    """Where it is, and every movement: what was authorised, taken, let go, given back, and what is on its way."""
    return payments(
        (await ask_again(_payments(request).GetPayments, pb.GetPaymentsRequest(order_id=order_id))).payments
    )


@router.post(
    "/v1/orders/{order_id}/captures",
    summary="Take what is authorised",
    responses=shown(PAYMENTS, *_CODES, "NOTHING_TO_CAPTURE", "INVALID_AMOUNT", body=True),
)
async def capture_payment(request: Request, order_id: PathId, body: AmountBody) -> Response:
    """All of it or some. It is taken by itself when the first parcel leaves. Needs an Idempotency-Key."""
    asked = pb.CapturePaymentRequest(
        order_id=order_id,
        amount=money_or_none(body.amount),
        request_id=_once(request, order_id, "capture"),
        by=asking(request).id,
    )
    return payments((await ask_again(_payments(request).CapturePayment, asked, STAFF_S)).payments)


@router.post(
    "/v1/orders/{order_id}/voids",
    summary="Let go of the rest",
    responses=shown(PAYMENTS, *_CODES, "NOTHING_TO_VOID", "CANCEL_INSTEAD", body=True),
)
async def void_payment(request: Request, order_id: PathId, body: VoidBody) -> Response:
    """What is authorised and will not be taken. Before anything is taken, cancel the order. Needs an Idempotency-Key."""
    asked = pb.VoidPaymentRequest(
        order_id=order_id, request_id=_once(request, order_id, "void"), by=asking(request).id, reason=body.reason
    )
    return payments((await ask_again(_payments(request).VoidPayment, asked, STAFF_S)).payments)


@router.post(
    "/v1/orders/{order_id}/refunds",
    summary="Give money back",
    responses=shown(
        PAYMENTS, *_CODES, "NOTHING_TO_REFUND", "NOTHING_TO_RETURN", "INVALID_REFUND", "INVALID_AMOUNT", body=True
    ),
)
async def refund_payment(request: Request, order_id: PathId, body: RefundBody) -> Response:
    """An amount, or units of lines at exactly what was paid for them; never more than was taken. Nothing is sent back for
    it: that is a return. Needs an Idempotency-Key."""
    asked = pb.RefundPaymentRequest(
        order_id=order_id,
        amount=money_or_none(body.amount),
        lines=[pb.RefundLine(sku=line.sku, quantity=line.quantity) for line in body.lines],
        reason=body.reason,
        request_id=_once(request, order_id, "refund"),
        by=asking(request).id,
    )
    return payments((await ask_again(_payments(request).RefundPayment, asked, STAFF_S)).payments)


@router.post(
    "/v1/orders/{order_id}/collections",
    summary="Cash was collected",
    responses=shown(PAYMENTS, *_CODES, "NOT_CASH", "NOTHING_TO_CAPTURE", "INVALID_AMOUNT", body=True),
)
async def collect_cash(request: Request, order_id: PathId, body: AmountBody) -> Response:
    """At the door, of an order paid so. It is written down by itself when every parcel is delivered. Needs an
    Idempotency-Key."""
    asked = pb.CollectCashRequest(
        order_id=order_id,
        amount=money_or_none(body.amount),
        request_id=_once(request, order_id, "collect"),
        by=asking(request).id,
    )
    return payments((await ask_again(_payments(request).CollectCash, asked, STAFF_S)).payments)
