"""This is where it is shown how the shop may be paid, and set by staff."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import payment_methods_pb2 as pb

from gateway.answers import Json, answer, money_if_any, tagged
from gateway.described import feature, shown
from gateway.fields import Body, MoneyBody, money_or_none
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("payments")
Methods = Literal["card", "alipay", "wechat_pay", "cod"]
OFFER = {"method": "cod", "offered": False, "why_not": "amount", "capture": "delivery", "needs": "nothing"}
METHOD = {
    "id": "cod",
    "enabled": True,
    "capture": "delivery",
    "at_expiry": "capture",
    "lasts_days": 7,
    "most": {"currency": "CNY", "minor": 200000},
    "regions": ["CN"],
    "members_only": True,
}


class MethodBody(Body):
    """How a method is to be."""

    enabled: bool = True
    capture: Literal["payment", "shipment", "delivery"]
    at_expiry: Literal["capture", "void"] = "capture"
    lasts_days: Annotated[int, Field(ge=1, le=30)] = 7
    most: MoneyBody | None = None
    regions: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(/[^\x00-\x1f\x7f/]{1,64})?$")]], Field(max_length=500)
    ] = Field(default_factory=list)
    members_only: bool = False


def _methods(request: Request) -> Any:
    return request.app.state.gateway.neighbours.payment_methods


def _method(of: pb.PaymentMethod) -> Json:
    plain = {name: getattr(of, name) for name in METHOD if name not in ("most", "regions")}
    return {**plain, "most": money_if_any(of.most), "regions": list(of.regions)}


@router.get(
    "/v1/payment-methods",
    summary="How a cart may be paid",
    responses=shown({"items": [OFFER]}, "CART_NOT_FOUND", "INVALID_PARAMETER"),
)
async def offer_payment_methods(
    request: Request,
    cart_id: Annotated[str, Query(pattern=r"^([a-z]{3}_[0-9a-z]{1,100})?$", description="For this cart.")] = "",
) -> Response:
    """`why_not` says why one is not on offer. `needs` is what checkout needs: a card's `token`, nothing, or `redirect`: the
    order answers with where its customer pays (`next_action`)."""
    asked = pb.OfferPaymentMethodsRequest(cart_id=cart_id, customer_id=asking(request).customer_id)
    offers = (await ask_again(_methods(request).OfferPaymentMethods, asked)).offers
    rows = [{name: getattr(each, name) for name in OFFER} | {"why_not": each.why_not or None} for each in offers]
    return answer({"items": rows})


@router.get("/v1/payment-methods/settings", summary="How methods are set", responses=shown({"items": [METHOD]}))
async def list_payment_methods(request: Request) -> Response:
    """Every method."""
    methods = (await ask_again(_methods(request).ListPaymentMethods, pb.ListPaymentMethodsRequest())).methods
    return answer({"items": [_method(each) for each in methods]})


@router.put(
    "/v1/payment-methods/{method}",
    summary="Set a method",
    responses=shown(METHOD, "INVALID_PAYMENT_METHOD", "UNKNOWN_PAYMENT_METHOD", "VERSION_MISMATCH", body=True),
)
async def put_payment_method(request: Request, method: Methods, body: MethodBody) -> Response:
    """When the money is taken (a card: at `payment` or at `shipment`), up to how much and where. With If-Match only if
    nobody set it meanwhile. Orders that are placed stay as they were."""
    wanted = pb.PaymentMethod(
        id=method,
        enabled=body.enabled,
        capture=body.capture,
        at_expiry=body.at_expiry,
        lasts_days=body.lasts_days,
        most=money_or_none(body.most),
        regions=body.regions,
        members_only=body.members_only,
    )
    asked = pb.PutPaymentMethodRequest(method=wanted, if_version=if_version(request), by=asking(request).id)
    kept = (await ask_again(_methods(request).PutPaymentMethod, asked)).method
    return tagged(_method(kept), kept.version)
