"""This is where events become facts of the ledger, and the ledger protobuf. Only fields listed here are written down."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from google.protobuf.message import Message
from shop.catalog.v1 import events_pb2 as catalog
from shop.crm.v1 import events_pb2 as crm
from shop.logistics.v1 import events_pb2 as logistics
from shop.marketing.v1 import events_pb2 as marketing
from shop.orders.v1 import events_pb2 as orders
from shop.orders.v1 import ledger_pb2 as pb
from shop.type.v1.money_pb2 import Money

from services.kit.events import Told, subject_of

from .chain import Noted, Tip, canonical
from .verifying import Verdict, Wanted

KEPT = frozenset(
    {
        *("campaign_id", "deposit", "pay_until", "store", "expires_at"),
        *("subscription_id", "plan", "due_at", "retry_at", "why"),
        "order_id",
        "shipment_id",
        "return_id",
        "refund_id",
        "product_id",
        "promotion_id",
        "reference",
        "code",
        "sku",
    }
    | {"lines", "quantity", "unit_price", "discount", "paid", "goods", "freight", "total", "amount", "tax"}
    | {"delivery_option", "promotions", "channel", "points_spent", "points", "balance", "holds", "reason", "sound"}
    | {"placed_at", "paid_at", "ship_by", "at", "delivered_at", "deliver_by", "occurred_at", "shipped_at"}
    | {"warehouse", "carrier", "waybill", "shipments", "state", "revision", "fulfilment", "customer_type", "cause"}
    | {"group", "blames", "coupon", "tier", "tier_days", "carriers", "warehouses", "units"}
    | {"old_price", "new_price", "on_hand", "available", "grade", "invoice_id", "number", "kind", "digest", "reverses"}
    | {"outcome", "loss", "exception_id", "contact_by", "was", "review_by", "compensation_id", "classes"}
    | {"movement_id", "payment_id", "method", "payment_method", "payout_id", "provider", "paid_out_at", "pay_by"}
    | {"window", "slot"}
    | {"to_collect", "return_insurance", "captured", "refunded", "fees", "net", "difference", "grades"}
)
# Words somebody typed, where others have a code.
FREE_TEXT = frozenset({("shop.orders.v1.OrderCancelled", "reason")})
_NO_FACTS = frozenset({"OrderedLine", "ClockWarned", "ClockBreached"})
OWN: list[type[Message]] = [
    getattr(orders, name) for name in orders.DESCRIPTOR.message_types_by_name if name not in _NO_FACTS
]
OTHERS: list[type[Message]] = [
    catalog.PriceChanged,
    catalog.StockMoved,
    crm.PointsMoved,
    logistics.ShipmentPlanned,
    logistics.ShipmentPacked,
    logistics.ShipmentShipped,
    logistics.ShipmentCancelled,
    logistics.ShipmentRerouted,
    logistics.ParcelMoved,
    marketing.PromotionChanged,
    marketing.CouponChanged,
]


@cache
def _kept_fields(descriptor: Any) -> frozenset[str]:
    names = {field.name for field in descriptor.fields}
    return frozenset(name for name in names & KEPT if (descriptor.full_name, name) not in FREE_TEXT)


def plain(message: Message) -> dict[str, Any]:
    """What is written down of a message: whole numbers and words, money as `CNY 900`."""
    kept = _kept_fields(message.DESCRIPTOR)
    return {field.name: _value(value) for field, value in message.ListFields() if field.name in kept}


def _value(value: Any) -> Any:
    if isinstance(value, Money):
        return f"{value.currency} {value.minor}"
    if isinstance(value, Message):
        return plain(value)
    if isinstance(value, int | str):
        return value
    return [_value(each) for each in value]


def noted(event: Message, told: Told) -> Noted:
    """An event as the ledger keeps it."""
    order_ids = {getattr(event, name, "") for name in ("order_id", "reference")}
    about = sorted(each for each in order_ids if each.startswith("ord_"))
    return Noted(told.id, subject_of(type(event)), told.at, about, canonical(plain(event)))


def wanted_of(request: pb.VerifyLedgerRequest) -> Wanted:
    """What is to be verified, unchecked."""
    first, most = request.first or 1, request.limit or Wanted().most
    return Wanted(first, most, request.known_seq, request.known_hash)


def head(of: Tip, at: str = "") -> pb.LedgerHead:
    """Where the chain ends."""
    return pb.LedgerHead(seq=of.seq, hash=of.hash, at=at)


def verdict(of: Verdict) -> pb.VerifyLedgerResponse:
    """What was found."""
    return pb.VerifyLedgerResponse(
        ok=not of.faults,
        last=of.last,
        checked=of.checked,
        head=head(of.head),
        next=of.next,
        faults=_faults(of),
        first=of.first,
    )


def _faults(of: Verdict) -> Iterable[pb.LedgerFault]:
    return [pb.LedgerFault(seq=each.seq, kind=each.kind, text=each.text) for each in of.faults]
