"""This is where orders of all channels come in through one door, one or many at a time."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints, ValidationError
from shop.orders.v1 import intake_pb2 as pb
from shop.type.v1.address_pb2 import Address

from gateway.answers import Json, answer, tagged, word
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, LineOrEmpty, Minor, MoneyBody, PathSlug
from gateway.idempotency import key_of, replayed
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from gateway.problem_texts import TEXTS
from gateway.problems import problem
from services.kit.errors import NotSignedIn

router = feature("intake")
_BATCH_S = 30.0
_Part = Annotated[str, StringConstraints(max_length=300, pattern=ONE_LINE)]
Short = Annotated[str, StringConstraints(max_length=64, pattern=ONE_LINE)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
_Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^([^\s@]+@[^\s@]+)?$")]
TAKEN = {
    "id": "chn_01kb2y5v7g8h9j0kmnpqrstvwx",
    "channel": "taobao",
    "channel_order_id": "TB-20261122-1",
    "state": "ordered",
    "reason": None,
    "detail": None,
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "flags": ["price_mismatch"],
    "attempts": 1,
    "taken_at": "2026-11-22T08:00:00.000Z",
    "closed_by": None,
    "closed_note": None,
    "version": 2,
}
_ITEM = {"index": 0, "channel_order_id": "TB-20261122-1", "refusal": None, "order": TAKEN}
_KEY: dict[str, Any] = {
    "parameters": [{"name": "X-Channel-Key", "in": "header", "required": False, "schema": {"type": "string"}}]
}


class ChannelKeyWrong(NotSignedIn):
    """Neither the channel's key nor staff."""


class LineBody(Body):
    """A line by our `sku` or the channel's own `channel_sku`; `paid_minor` for the whole line, where it was paid outside."""

    sku: Short = ""
    channel_sku: Annotated[str, StringConstraints(max_length=128, pattern=ONE_LINE)] = ""
    quantity: Annotated[int, Field(ge=1, le=99_999)]
    paid_minor: Minor = 0

    def told(self) -> pb.ChannelLine:
        """As orders takes it."""
        return pb.ChannelLine(**self.model_dump())


class WhereBody(Body):
    """Where to, as the channel has it: what is wrong with it is looked at later, and mended by staff."""

    country: Short = "CN"
    province: _Part = ""
    city: _Part = ""
    district: _Part = ""
    street: _Part = ""
    name: _Part = ""
    phone: Short = ""

    def told(self) -> Address:
        """As orders takes it."""
        return Address(**self.model_dump())


class PaidBody(Body):
    """How it is paid: `card` with the provider's token; else it was taken outside, under `reference`."""

    method: Literal["card", "external", "cash", "till_card"]
    token: Annotated[str, StringConstraints(max_length=200, pattern=r"^[\x21-\x7e]*$")] = ""
    reference: LineOrEmpty = ""


class BuyerBody(Body):
    """Who buys, as far as it is known; a member is recognised by e-mail address or phone number."""

    customer_id: Annotated[str, StringConstraints(pattern=r"^(cus_[0-9a-z]{1,60})?$")] = ""
    email: _Email = ""
    phone: Short = ""


class ChannelOrderBody(Body):
    """An order as a channel sends it. `total` is what the customer was shown, or has paid; it must add up."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=200)]
    total: MoneyBody
    freight_minor: Minor = 0
    payment: PaidBody
    address: WhereBody | None = None
    delivery_option: Short = ""
    buyer: BuyerBody = BuyerBody()
    customer_type: Literal["", "b2c", "b2b", "c2c"] = ""
    purchase_order: Short = ""
    coupons: list[Short] = Field(default_factory=list, max_length=10)

    def told(self, number: str) -> pb.ChannelOrderDraft:
        """As orders takes it, under the channel's own number."""
        return pb.ChannelOrderDraft(
            channel_order_id=number,
            lines=[line.told() for line in self.lines],
            address=self.address.told() if self.address else None,
            delivery_option=self.delivery_option,
            freight_minor=self.freight_minor,
            total=self.total.told(),
            payment_method=self.payment.method,
            payment_token=self.payment.token,
            payment_reference=self.payment.reference,
            **self.buyer.model_dump(),
            customer_type=self.customer_type,
            purchase_order=self.purchase_order,
            coupons=self.coupons,
        )


class NumberedOrderBody(ChannelOrderBody):
    """One of a batch, with its number."""

    channel_order_id: Number


class BatchBody(Body):
    """At most 100; each is looked at by itself, so that a bad one keeps no good one out."""

    orders: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=100)]


def state(of: pb.ChannelOrderState.ValueType) -> str:
    """`ordered`."""
    return word(pb.ChannelOrderState.Name(of), "CHANNEL_ORDER_STATE_")


def answered_taken(of: pb.ChannelOrder, *, replay: bool) -> Response:
    """It is an order (201), or waits in intake (202)."""
    ordered = of.state == pb.CHANNEL_ORDER_STATE_ORDERED
    headers = {"location": f"/v1/orders/{of.order_id}"} if ordered else {}
    return tagged(shown_taken(of), of.version, 201 if ordered else 202, {**headers, **replayed(replay)})


def shown_taken(of: pb.ChannelOrder) -> Json:
    """What came in and what became of it."""
    or_none = ("reason", "detail", "order_id", "closed_by", "closed_note")
    shown_as = {name: getattr(of, name) or None for name in or_none}
    plain = {name: getattr(of, name) for name in TAKEN if name not in ("state", "flags", *or_none)}
    return {**plain, **shown_as, "state": state(of.state), "flags": list(of.flags)}


async def _taken(
    request: Request, channel: str, orders: Sequence[pb.ChannelOrderDraft], timeout_s: float
) -> Sequence[pb.TakenOrder]:
    key, who = request.headers.get("x-channel-key", ""), asking(request)
    if not who.staff and not (key and len(key) <= 200 and key.isascii()):
        raise ChannelKeyWrong("send X-Channel-Key")
    asked = pb.TakeOrdersRequest(channel=channel, key=key, staff=who.staff, orders=orders)
    # The channel's own number makes each of them once only.
    answered = await ask_again(request.app.state.gateway.neighbours.intake.TakeOrders, asked, timeout_s)
    taken: Sequence[pb.TakenOrder] = answered.taken
    return taken


@router.post(
    "/v1/channels/{channel}/orders",
    status_code=201,
    summary="An order of a channel",
    responses=shown(
        TAKEN,
        "IDEMPOTENCY_KEY_MISSING",
        "CHANNEL_KEY_WRONG",
        "CHANNEL_NOT_FOUND",
        "CHANNEL_CLOSED",
        "INVALID_CHANNEL_ORDER",
        "KEY_REUSED",
        "KEY_IN_PROGRESS",
        "CHECKOUT_UNFINISHED",
        status=201,
        text="An order.",
        body=True,
    )
    | shown(TAKEN, status=202, text="It is kept and waits for staff: see `reason`."),
    openapi_extra=_KEY,
)
async def take_channel_order(request: Request, channel: PathSlug, body: ChannelOrderBody) -> Response:
    """The Idempotency-Key is the channel's own order id: the same again answers as the first time, for good. What cannot
    become an order is kept as an exception and answered 202; nothing that was sent is lost. For callers with the channel's
    `X-Channel-Key`, or staff."""
    (taken,) = await _taken(request, channel, [body.told(key_of(request))], STAFF_S)
    if taken.refusal:
        return problem(request, taken.refusal if taken.refusal in TEXTS else "INTERNAL", taken.detail)
    return answered_taken(taken.order, replay=taken.replayed)


@router.post(
    "/v1/channels/{channel}/orders/batch",
    summary="Many orders of a channel",
    responses=shown(
        {"items": [_ITEM]},
        "CHANNEL_KEY_WRONG",
        "CHANNEL_NOT_FOUND",
        "CHANNEL_CLOSED",
        text="An answer each, as they were sent.",
        body=True,
    ),
    openapi_extra=_KEY,
)
async def take_channel_orders(request: Request, channel: PathSlug, body: BatchBody) -> Response:
    """At most 100. All good ones are in, each bad one is named by `refusal` and was not kept; a batch that was cut off is
    sent again as it is: what is in already is answered as it was."""
    items: list[Json] = []
    orders: list[pb.ChannelOrderDraft] = []
    for index, sent in enumerate(body.orders):
        number = sent.get("channel_order_id")
        item = {"index": index, "channel_order_id": number if isinstance(number, str) else None}
        try:
            order = NumberedOrderBody.model_validate(sent)
        except ValidationError as unfit:
            items.append({**item, "refusal": _unfit(unfit), "order": None})
            continue
        items.append(item)
        orders.append(order.told(order.channel_order_id))
    taken = iter(await _taken(request, channel, orders, _BATCH_S) if orders else ())
    return answer({"items": [item if "refusal" in item else {**item, **_answered(next(taken))} for item in items]})


def _unfit(error: ValidationError) -> Json:
    errors = [
        {"pointer": "/" + "/".join(map(str, each["loc"])), "message": each["msg"]} for each in error.errors()[:20]
    ]
    return {"code": "INVALID_BODY", "detail": None, "errors": errors}


def _answered(taken: pb.TakenOrder) -> Json:
    if taken.refusal:
        return {"refusal": {"code": taken.refusal, "detail": taken.detail or None, "errors": []}, "order": None}
    return {"refusal": None, "order": shown_taken(taken.order)}
