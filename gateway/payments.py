"""This is where payments are confirmed by customers and told of by the provider, and what was told is looked at."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from shop.orders.v1 import payments_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, page_of
from gateway.neighbours import CHECKOUT_S, ask_again
from gateway.orders import ORDER, order
from gateway.permissions import asking
from services.kit.errors import NotSignedIn

router = feature("payments")
WEBHOOK = {
    "id": "whk_01kb2y5v7g8h9j0kmnpqrstvwx",
    "webhook_id": "msg_0f3b",
    "provider": "sandbox",
    "type": "payment.captured",
    "reference": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "applied",
    "outcome": "paid",
    "deliveries": 1,
    "received_at": "2026-11-22T08:00:00.000Z",
    "applied_at": "2026-11-22T08:00:00.000Z",
}
_WHOLE = {**WEBHOOK, "body": '{"type": "payment.captured"}'}
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class BadSignature(NotSignedIn):
    """The signature is missing or cannot be one."""


def _payments(request: Request) -> Any:
    return request.app.state.gateway.neighbours.payments


@router.post(
    "/v1/orders/{order_id}/payment/confirm",
    summary="The customer confirmed the payment",
    responses=shown(ORDER, "ORDER_NOT_FOUND", "NOTHING_TO_CONFIRM", "PAYMENT_DECLINED"),
)
async def confirm_payment(request: Request, order_id: PathId) -> Response:
    """After 3-D Secure: asks the provider and goes on. Again changes nothing."""
    asked = pb.ConfirmPaymentRequest(order_id=order_id, customer_id=asking(request).customer_id)
    answered = await ask_again(_payments(request).ConfirmPayment, asked, CHECKOUT_S)
    return tagged(order(answered.order), answered.order.version)


@router.post(
    "/v1/payments/webhooks/{provider}",
    summary="The payment provider tells",
    responses=shown({"received": True}, "BAD_SIGNATURE", "INVALID_WEBHOOK", body=True),
)
async def receive_payment_webhook(
    request: Request, provider: Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
) -> Response:
    """Standard Webhooks, signed; orders checks the signature over the raw body. Again changes nothing."""
    said = [request.headers.get(name, "") for name in _HEADERS]
    if not all(said) or any(len(value) > 1_000 or not value.isascii() for value in said):
        raise BadSignature(f"send {', '.join(_HEADERS)}")
    webhook_id, timestamp, signature = said
    asked = pb.ReceiveWebhookRequest(
        provider=provider,
        webhook_id=webhook_id,
        timestamp=timestamp,
        signature=signature,
        body=request.scope.get("shop.body", b""),
    )
    await ask_again(_payments(request).ReceiveWebhook, asked, CHECKOUT_S)
    return answer({"received": True})


def _webhook(of: pb.PaymentWebhook) -> Json:
    return {**{name: getattr(of, name) or None for name in WEBHOOK}, "deliveries": of.deliveries}


def _whole(of: pb.PaymentWebhook) -> Json:
    return {**_webhook(of), "body": of.body.decode("utf-8", "replace")}


@router.get(
    "/v1/payments/webhooks",
    summary="What the payment provider told",
    responses=shown({"items": [WEBHOOK], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_payment_webhooks(
    request: Request,
    state: Annotated[Literal["", "received", "applied", "ignored", "failed"], Query(description="Only these.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first, without their bodies. `failed` is tried again when the provider sends it again, or by POST …/apply."""
    asked = pb.ListPaymentWebhooksRequest(state=state, page=page_of(limit, cursor))
    answered = await ask_again(_payments(request).ListPaymentWebhooks, asked)
    return paged(request, "items", [_webhook(row) for row in answered.webhooks], answered.next_cursor)


@router.get(
    "/v1/payments/webhooks/{webhook_id}",
    summary="One webhook, as it came",
    responses=shown(_WHOLE, "WEBHOOK_NOT_FOUND"),
)
async def get_payment_webhook(request: Request, webhook_id: PathId) -> Response:
    """With its body."""
    asked = pb.GetPaymentWebhookRequest(id=webhook_id)
    return answer(_whole((await ask_again(_payments(request).GetPaymentWebhook, asked)).webhook))


@router.post(
    "/v1/payments/webhooks/{webhook_id}/apply",
    summary="Apply a webhook once more",
    responses=shown(_WHOLE, "WEBHOOK_NOT_FOUND", "MONEY_UNFINISHED", "CHECKOUT_UNFINISHED"),
)
async def apply_payment_webhook(request: Request, webhook_id: PathId) -> Response:
    """The provider is asked anew what became of the payment; applied already, it changes nothing."""
    asked = pb.ApplyPaymentWebhookRequest(id=webhook_id)
    return answer(_whole((await ask_again(_payments(request).ApplyPaymentWebhook, asked, CHECKOUT_S)).webhook))
