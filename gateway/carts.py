"""This is where carts are filled, addressed and looked at; the shop prices them, never the caller."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import carts_pb2 as pb

from gateway.answers import Json, address, answer, money, money_if_any, region, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, AddressBody, Body, PathCode, PathId, PathSku, Word
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.ways import OPTION, WINDOW, option, window

router = feature("carts")
_YUAN = {"currency": "CNY", "minor": 2900}
LINE = {
    "sku": "MUG-01",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Mug, blue",
    "quantity": 1,
    "unit_price": _YUAN,
    "subtotal": _YUAN,
    "discount": {"currency": "CNY", "minor": 0},
    "total": _YUAN,
    "available": 12,
    "gift_quantity": 0,
}
TOTALS = [
    {"type": "subtotal", "amount": _YUAN},
    {"type": "fulfillment", "amount": {"currency": "CNY", "minor": 800}},
    {"type": "total", "amount": {"currency": "CNY", "minor": 3700}},
]
DISCOUNT = {
    "id": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
    "scope": "order",
    "reason": "Spend ¥199.00, save ¥30.00",
    "code": None,
    "amount": {"currency": "CNY", "minor": 3000},
    "allocation": [{"sku": "MUG-01", "amount": {"currency": "CNY", "minor": 3000}}],
}
ADDRESS = {
    "country": "CN",
    "province": "上海市",
    "city": "上海市",
    "district": "浦东新区",
    "street": "世纪大道 100 号",
    "name": "张三",
    "phone": "+8613800001234",
}
CART = {
    "id": "crt_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "open",
    "lines": [LINE],
    "totals": TOTALS,
    "discounts": [DISCOUNT],
    "messages": [
        {"code": "discount_code_expired", "severity": "warning", "text": "It ended yesterday.", "about": "MAY"}
    ],
    "coupons": ["MAY"],
    "address": ADDRESS,
    "place": {"code": "310115", "confidence": 97, "reasons": ["province_added"], "better": None},
    "delivery": OPTION,
    "window": WINDOW,
    "currency": "CNY",
    "offers": [
        {
            "id": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
            "kind": "gift",
            "code": "not_reached",
            "text": "¥12.00 more · 還差¥12.00 · Spend ¥199.00, get a gift · 滿199贈",
            "missing": {"currency": "CNY", "minor": 1200},
            "missing_units": None,
            "skus": ["CUP-01"],
        }
    ],
    "version": 7,
}
CHANGES = ("CART_NOT_FOUND", "CART_CLOSED", "VERSION_MISMATCH")


class QuantityBody(Body):
    """How many; 0 removes the line."""

    quantity: Annotated[int, Field(ge=0, le=99_999)]


class OptionBody(Body):
    """Which of the delivery options, and of its delivery windows where it has some (`windowed`)."""

    option: Word
    window: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_-]{1,64})?$")] = ""


class CouponBody(Body):
    """The code as the customer typed it."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)]


def line(of: pb.Line) -> Json:
    """A line of a cart."""
    return {
        "sku": of.sku,
        "product_id": of.product_id,
        "title": of.title,
        "quantity": of.quantity,
        "unit_price": money(of.unit_price),
        "subtotal": money(of.subtotal),
        "discount": money(of.discount),
        "total": money(of.total),
        "available": of.available,
        "gift_quantity": of.gift_quantity,
    }


def totals(rows: Any) -> list[Json]:
    """A typed list that adds up."""
    return [{"type": row.type, "amount": money(row.amount)} for row in rows]


def shares(rows: Any) -> list[Json]:
    """How an amount falls on the lines."""
    return [{"sku": row.sku, "amount": money(row.amount)} for row in rows]


def discounts(rows: Any) -> list[Json]:
    """Every discount with its reason and where it falls."""
    return [
        {
            "id": row.id,
            "scope": row.scope,
            "reason": row.reason,
            "code": row.code or None,
            "amount": money(row.amount),
            "allocation": shares(row.allocation),
        }
        for row in rows
    ]


def cart(of: pb.Cart) -> Json:
    """The priced cart."""
    return {
        "id": of.id,
        "state": of.state,
        "lines": [line(row) for row in of.lines],
        "totals": totals(of.totals),
        "discounts": discounts(of.discounts),
        "messages": [
            {"code": row.code, "severity": row.severity, "text": row.text, "about": row.about or None}
            for row in of.messages
        ],
        "coupons": list(of.coupons),
        "address": address(of.address),
        "place": _place(of),
        "delivery": option(of.delivery),
        "window": window(of.window),
        "currency": of.currency or None,
        "offers": [_offer(row) for row in of.offers],
        "version": of.version,
    }


def _place(of: pb.Cart) -> Json | None:
    if not of.HasField("place"):
        return None
    better = region(of.place.better) if of.place.HasField("better") else None
    place = of.place
    return {
        "code": place.code or None,
        "confidence": place.confidence,
        "reasons": list(place.reasons),
        "better": better,
    }


def _offer(of: pb.Offer) -> Json:
    return {
        "id": of.id,
        "kind": of.kind,
        "code": of.code,
        "text": of.text,
        "missing": money_if_any(of.missing),
        "missing_units": of.missing_units or None,
        "skus": list(of.skus),
    }


def key_of_cart(request: Request, cart_id: str) -> pb.CartKey:
    return pb.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id, if_version=if_version(request))


def _carts(request: Request) -> Any:
    return request.scope["app"].state.gateway.neighbours.carts


def shown_cart(answered: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return tagged(cart(answered.cart), answered.cart.version, status, headers)


@router.post("/v1/carts", status_code=201, summary="A cart", responses=shown(CART, status=201))
async def create_cart(request: Request) -> Response:
    """An empty cart; a customer who has an open one gets that. Guests hold theirs by its unguessable id."""
    answered = await ask_again(
        _carts(request).CreateCart, pb.CreateCartRequest(customer_id=asking(request).customer_id)
    )
    return shown_cart(answered, 201, {"location": f"/v1/carts/{answered.cart.id}"})


@router.get("/v1/carts/{cart_id}", summary="The priced cart", responses=shown(CART, "CART_NOT_FOUND"))
async def get_cart(request: Request, cart_id: PathId) -> Response:
    """Lines, discounts with their reasons, totals that add up, and what the customer should know."""
    key = pb.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id)
    return shown_cart(await ask_again(_carts(request).GetCart, pb.GetCartRequest(key=key)))


@router.put(
    "/v1/carts/{cart_id}/lines/{sku}",
    summary="Set a line",
    responses=shown(CART, *CHANGES, "SKU_NOT_FOUND", "NOT_ON_SALE", "CART_FULL", "OTHER_CURRENCY", body=True),
)
async def set_line(request: Request, cart_id: PathId, sku: PathSku, body: QuantityBody) -> Response:
    """How many of a SKU; 0 removes it. The same again changes nothing."""
    asked = pb.SetLineRequest(key=key_of_cart(request, cart_id), sku=sku, quantity=body.quantity)
    return shown_cart(await ask_again(_carts(request).SetLine, asked))


@router.delete("/v1/carts/{cart_id}/lines/{sku}", summary="Remove a line", responses=shown(CART, *CHANGES))
async def remove_line(request: Request, cart_id: PathId, sku: PathSku) -> Response:
    """The same as a quantity of 0."""
    asked = pb.SetLineRequest(key=key_of_cart(request, cart_id), sku=sku, quantity=0)
    return shown_cart(await ask_again(_carts(request).SetLine, asked))


@router.put(
    "/v1/carts/{cart_id}/address", summary="Where to", responses=shown(CART, *CHANGES, "INVALID_ADDRESS", body=True)
)
async def set_address(request: Request, cart_id: PathId, body: AddressBody) -> Response:
    """Sets the delivery address. It is kept as it was written; `place` says what is made of it: the GB/T 2260 code, how
    sure that is (0 to 100; below 50 a message asks to look again), why, and how the place is called if written otherwise."""
    asked = pb.SetAddressRequest(key=key_of_cart(request, cart_id), address=body.told())
    return shown_cart(await ask_again(_carts(request).SetAddress, asked))


@router.get(
    "/v1/carts/{cart_id}/delivery-options",
    summary="How it can be sent",
    responses=shown({"items": [OPTION]}, "CART_NOT_FOUND", "ADDRESS_MISSING"),
)
async def list_delivery_options(request: Request, cart_id: PathId) -> Response:
    """The ways to send it there, with freight and promise, cheapest first."""
    key = pb.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id)
    answered = await ask_again(_carts(request).ListDeliveryOptions, pb.ListDeliveryOptionsRequest(key=key))
    return answer({"items": [option(row) for row in answered.options]})


@router.put(
    "/v1/carts/{cart_id}/delivery",
    summary="Choose a delivery option",
    responses=shown(
        CART, *CHANGES, "ADDRESS_MISSING", "UNKNOWN_DELIVERY_OPTION", "WINDOW_FULL", "WINDOW_CLOSED", body=True
    ),
)
async def choose_delivery(request: Request, cart_id: PathId, body: OptionBody) -> Response:
    """One of the delivery options; with a `windowed` one a `window` of `GET /v1/carts/{id}/delivery-windows`, now or by
    another call before checkout. Its place is taken at checkout; `context.next` of a refusal names the next free ones."""
    asked = pb.ChooseDeliveryRequest(key=key_of_cart(request, cart_id), option=body.option, window=body.window)
    return shown_cart(await ask_again(_carts(request).ChooseDelivery, asked))


@router.post("/v1/carts/{cart_id}/coupons", summary="Enter a coupon", responses=shown(CART, *CHANGES, body=True))
async def add_coupon(request: Request, cart_id: PathId, body: CouponBody) -> Response:
    """A code that gives nothing is no error: the cart's `messages` say why."""
    asked = pb.AddCouponRequest(key=key_of_cart(request, cart_id), code=body.code)
    return shown_cart(await ask(_carts(request).AddCoupon, asked))


@router.delete("/v1/carts/{cart_id}/coupons/{code}", summary="Take a coupon out", responses=shown(CART, *CHANGES))
async def remove_coupon(request: Request, cart_id: PathId, code: PathCode) -> Response:
    """Takes a code out again."""
    asked = pb.RemoveCouponRequest(key=key_of_cart(request, cart_id), code=code)
    return shown_cart(await ask_again(_carts(request).RemoveCoupon, asked))
