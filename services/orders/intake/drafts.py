"""This is where an order is as its channel sent it: bounded, and told apart from another under the same number. Pure."""

import hashlib
from dataclasses import dataclass, field, replace

import msgspec

from services.kit.errors import Invalid
from services.orders import limits
from services.orders.addresses import Address

from .channel_skus import checked_name
from .channels import CARD, CUSTOMER_TYPES, METHODS, TERMS, Channel, Kind

_MOST_LINES = 200
_MOST_MINOR = 10**12
_decoder: "msgspec.json.Decoder[Draft]"


class InvalidChannelOrder(Invalid):
    """Nothing that any channel could mean; each entry of `errors` points at what is wrong."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line by our SKU, or by the channel's own name. `paid_minor`: for the whole line, where it was paid outside."""

    sku: str
    channel_sku: str
    quantity: int
    paid_minor: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as it was sent. Personal: kept sealed, never logged. Amounts in minor units of `currency`."""

    channel_order_id: str
    lines: tuple[DraftLine, ...]
    currency: str
    total_minor: int
    payment_method: str
    payment_token: str = field(default="", repr=False)
    payment_reference: str = ""
    freight_minor: int = 0
    address: Address | None = field(default=None, repr=False)
    delivery_option: str = ""
    customer_id: str = ""
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    customer_type: str = ""
    purchase_order: str = ""
    coupons: tuple[str, ...] = ()
    account_id: str = ""

    @property
    def paid_outside(self) -> bool:
        """Whether the money was taken by the channel, or at a till."""
        return self.payment_method not in (CARD, TERMS)

    def packed(self) -> bytes:
        """As it is sealed."""
        return msgspec.json.encode(self)

    def fingerprint(self) -> bytes:
        """Tells it from another under the same number."""
        return hashlib.sha256(self.packed()).digest()


_decoder = msgspec.json.Decoder(Draft)


def unpacked(packed: bytes) -> Draft:
    """What `packed` made."""
    return _decoder.decode(packed)


def repaired(draft: Draft, lines: tuple[DraftLine, ...], address: Address | None, option: str) -> Draft:
    """The draft with what staff put in its place."""
    return replace(
        draft,
        lines=lines or draft.lines,
        address=address or draft.address,
        delivery_option=option or draft.delivery_option,
    )


def checked(draft: Draft, channel: Channel) -> Draft:
    """A draft that can be kept, whatever becomes of it. Refuses with INVALID_CHANNEL_ORDER.

    What only may be wrong (an address nobody can send to, a SKU nobody knows) is not refused here: it is kept, and waits.
    """
    limits.text(draft.channel_order_id, "/channel_order_id", 128, InvalidChannelOrder, needed=True)
    if not 1 <= len(draft.lines) <= _MOST_LINES:
        raise limits.refused("/lines", f"1 to {_MOST_LINES}", InvalidChannelOrder)
    for i, line in enumerate(draft.lines):
        _check_line(line, f"/lines/{i}")
    _check_money(draft)
    if draft.payment_method not in METHODS[channel.kind]:
        allowed = " or ".join(METHODS[channel.kind])
        raise limits.refused("/payment/method", f"{allowed} in this channel", InvalidChannelOrder)
    if draft.payment_method == CARD:
        limits.payment_token(draft.payment_token)
    elif draft.paid_outside and (draft.payment_token or draft.coupons):
        raise limits.refused("/payment", "what was paid outside needs no token, nor coupons", InvalidChannelOrder)
    if (draft.address is None) != (channel.kind is Kind.STORE):
        raise limits.refused("/address", "is needed, but not for what a store hands over", InvalidChannelOrder)
    _check_customer(draft)
    return draft


def _check_line(line: DraftLine, pointer: str) -> None:
    if bool(line.sku) == bool(line.channel_sku):
        raise limits.refused(pointer, "our `sku` or the channel's `channel_sku`", InvalidChannelOrder)
    if line.channel_sku:
        checked_name(line.channel_sku, f"{pointer}/channel_sku")
    else:
        limits.sku(line.sku, f"{pointer}/sku")
    if not 1 <= line.quantity <= limits.MOST_OF_A_SKU:
        raise limits.refused(f"{pointer}/quantity", f"1 to {limits.MOST_OF_A_SKU}", InvalidChannelOrder)
    if not 0 <= line.paid_minor <= _MOST_MINOR:
        raise limits.refused(f"{pointer}/paid", "zero or more", InvalidChannelOrder)


def _check_money(draft: Draft) -> None:
    if not (len(draft.currency) == 3 and draft.currency.isascii() and draft.currency.isupper()):
        raise limits.refused("/total/currency", "an ISO 4217 code", InvalidChannelOrder)
    if not 0 <= draft.total_minor <= _MOST_MINOR or not 0 <= draft.freight_minor <= _MOST_MINOR:
        raise limits.refused("/total", "zero or more", InvalidChannelOrder)


def _check_customer(draft: Draft) -> None:
    limits.customer_id(draft.customer_id)
    limits.email(draft.email)
    limits.text(draft.phone, "/phone", 40, InvalidChannelOrder)
    if draft.customer_type not in ("", *CUSTOMER_TYPES):
        raise limits.refused("/customer_type", "b2c, b2b or c2c", InvalidChannelOrder)
    limits.text(draft.purchase_order, "/purchase_order", 64, InvalidChannelOrder)
    for name in (draft.delivery_option, draft.payment_reference, *draft.coupons):
        limits.text(name, "/", 100, InvalidChannelOrder)
    if len(draft.coupons) > limits.MOST_COUPONS:
        raise limits.refused("/coupons", f"at most {limits.MOST_COUPONS}", InvalidChannelOrder)
