"""This is where a cart becomes a paid order, in one call that happens once however often it is sent."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from shop.orders.v1 import checkout_pb2 as pb

from gateway.answers import tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Email, Id, MoneyBody, Token
from gateway.idempotency import fingerprint_of, replayed, request_id_of
from gateway.neighbours import CHECKOUT_S, ask_again
from gateway.orders import ORDER, order
from gateway.origin import origin_of
from gateway.permissions import asking
from services.kit.errors import NotSignedIn

router = feature("checkouts")
_CODES = (
    "IDEMPOTENCY_KEY_MISSING",
    "KEY_REUSED",
    "KEY_IN_PROGRESS",
    "CART_NOT_FOUND",
    "CART_CLOSED",
    "CART_EMPTY",
    "ADDRESS_MISSING",
    "DELIVERY_MISSING",
    "OUT_OF_STOCK",
    "PRICE_CHANGED",
    "NOT_ON_SALE",
    "COUPON_USED_UP",
    "POINTS_SHORT",
    "PAYMENT_DECLINED",
    "PAYMENT_NOT_ACCEPTED",
    "UNKNOWN_PAYMENT_METHOD",
    "PAYMENT_METHOD_NOT_OFFERED",
    "INSURANCE_CHANGED",
    "WINDOW_MISSING",
    "WINDOW_FULL",
    "WINDOW_CLOSED",
    "AHEAD_WITHOUT_WINDOW",
)


class BillingBody(Body):
    """What the card says: its country, and the name on it (compared, never kept)."""

    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    name: Annotated[str, StringConstraints(max_length=100, pattern=ONE_LINE)] = ""


class PaymentBody(Body):
    """A card's token of the provider, never its number; wallets and cash at the door need none (GET /v1/payment-methods)."""

    method: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")] = "card"
    token: Annotated[Token | None, Field(validate_default=True)] = None
    billing: BillingBody | None = None

    @field_validator("token")
    @classmethod
    def _card_needs_one(cls, token: str | None, info: ValidationInfo) -> str | None:
        if token is None and info.data.get("method") == "card":
            raise ValueError("a card needs the provider's token")
        return token


class CheckoutBody(Body):
    """What is ordered and how it is paid. Guests may give `email`; customers may spend `points`. `return_insurance`: the
    premium that was offered with the cart."""

    cart_id: Id
    payment: PaymentBody
    points: Annotated[int, Field(ge=0, le=10**9)] = 0
    email: Email | None = None
    return_insurance: MoneyBody | None = None


@router.post(
    "/v1/checkouts",
    status_code=201,
    summary="Order and pay",
    responses=shown(ORDER, *_CODES, status=201, text="The order.", body=True),
)
async def check_out(request: Request, body: CheckoutBody) -> Response:
    """Reserves, charges and orders, or does none of it. Needs an Idempotency-Key: sent again with the same key and body it
    answers as the first time, with `Idempotent-Replayed: true`. A payment that needs the customer's confirmation is answered
    201 in state `awaiting_confirmation` with `next_action`. A device may
    say who it is in `X-Device-Id` or the cookie `shop_device`; it is hashed here."""
    if body.points and not asking(request).customer_id:
        raise NotSignedIn("points are a customer's")
    asked = pb.CheckoutRequest(
        cart_id=body.cart_id,
        customer_id=asking(request).customer_id,
        payment_method=body.payment.method,
        payment_token=body.payment.token or "",
        points=body.points,
        email=body.email or "",
        request_id=request_id_of(request, asking(request).customer_id or body.cart_id, "checkout"),
        fingerprint=fingerprint_of(request),
        origin=origin_of(request),
        billing=pb.Billing(**billing.model_dump()) if (billing := body.payment.billing) else None,
        return_insurance_minor=body.return_insurance.minor if body.return_insurance else None,
    )
    answered = await ask_again(request.scope["app"].state.gateway.neighbours.checkout.Checkout, asked, CHECKOUT_S)
    headers = {"location": f"/v1/orders/{answered.order.id}", **replayed(answered.replayed)}
    return tagged(order(answered.order), answered.order.version, 201, headers)
