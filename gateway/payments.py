"""This is where payments are confirmed by customers, and told of by the payment provider."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from shop.orders.v1 import payments_pb2 as pb

from gateway.answers import answer, tagged
from gateway.described import feature, shown
from gateway.fields import PathId
from gateway.neighbours import CHECKOUT_S, ask_again
from gateway.orders import ORDER, order
from gateway.permissions import asking
from services.kit.errors import NotSignedIn

router = feature("payments")
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
