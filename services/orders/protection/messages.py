"""This is where price protection becomes protobuf and back."""

from typing import Any

from shop.catalog.v1.events_pb2 import PriceChanged
from shop.orders.v1 import price_protection_pb2 as pb

from services.kit.clock import rfc3339
from services.kit.events import Told
from services.orders.fulfilment import told_at
from services.orders.leases import EPOCH
from services.orders.messages.addresses import money

from .claims import Standing
from .drops import Drop
from .policy import ProtectionPolicy

_NUMBERS = (
    "days",
    "claim_days",
    "cap_order_minor",
    "cap_customer_minor",
    "most_units",
    "most_claims",
    "window_days",
    "guests",
    "businesses",
)
_WORDS = ("excluded_causes", "excluded_channels", "excluded_categories", "excluded_skus")


def drop_of(event: PriceChanged, told: Told) -> Drop | None:
    """A price that fell; None when it did not."""
    old, new = event.old_price, event.new_price
    if not event.sku or old.currency != new.currency or new.minor >= old.minor:
        return None
    at = told_at(event.at or told.at, EPOCH)
    return Drop(
        id=f"drp_{told.id.removeprefix('evt_')}",
        sku=event.sku,
        product_id=event.product_id,
        currency=new.currency,
        old_minor=old.minor,
        new_minor=new.minor,
        at=at,
        cause=event.cause,
        cursor_at=at,
    )


def drop(of: Drop) -> pb.PriceDrop:
    """A drop and its sweep."""
    return pb.PriceDrop(
        id=of.id,
        sku=of.sku,
        old_price=money(of.currency, of.old_minor),
        new_price=money(of.currency, of.new_minor),
        at=rfc3339(of.at),
        cause=of.cause,
        state=of.state.value,
        why=of.why,
        looked=of.looked,
        entitled=of.entitled,
        paid=of.paid,
        amount=money(of.currency, of.paid_minor),
        done_at=rfc3339(of.done_at),
    )


def standing(of: Standing, *, staff: bool = False) -> pb.PriceProtection:
    """How an order stands; who promised what only staff see."""
    order, currency = of.order, of.order.currency
    told = {event.key for event in order.events}
    return pb.PriceProtection(
        order_id=order.id,
        covered_until=rfc3339(of.until),
        claim_until=rfc3339(of.claim_until),
        mode=of.policy.mode,
        claimable=money(currency, of.claimable),
        lines=[
            pb.ProtectedLine(
                sku=line.sku,
                title=line.title,
                units=of.covered.get(line.sku, 0),
                paid=money(currency, line.paid),
                left=money(currency, line.left),
            )
            for line in order.lines
        ],
        payments=[
            pb.ProtectionPayment(
                drop_id=each.drop_id,
                sku=each.sku,
                units=each.units,
                price=money(currency, each.price_minor),
                amount=money(currency, each.minor),
                at=rfc3339(each.at),
                paid=f"protected:{each.drop_id}" in told,
            )
            for each in order.protections
        ],
        guarantees=[
            pb.PriceGuarantee(until=rfc3339(each.until), reason=each.reason, by=each.by, at=rfc3339(each.at))
            for each in (order.guarantees if staff else ())
        ],
    )


def policy(of: ProtectionPolicy) -> pb.ProtectionPolicy:
    """What holds."""
    plain = {name: getattr(of, name) for name in ("mode", *_NUMBERS, *_WORDS, "by", "version")}
    return pb.ProtectionPolicy(**plain)


def policy_of(message: pb.ProtectionPolicy) -> ProtectionPolicy:
    """What is to hold, unchecked."""
    plain: dict[str, Any] = {name: getattr(message, name) for name in ("mode", *_NUMBERS, "by")}
    return ProtectionPolicy(**plain | {name: list(getattr(message, name)) for name in _WORDS})
