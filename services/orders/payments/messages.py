"""This is where payments, methods and webhooks become protobuf and back."""

from shop.orders.v1 import payment_methods_pb2, payments_pb2

from services.kit.clock import rfc3339
from services.orders.messages.addresses import money
from services.orders.messages.orders import payment_state
from services.orders.orders import Order
from services.orders.paying import CARD, CASH, Capture, Kind, Movement, Step

from .inbox import Webhook
from .methods import Offer, PaymentMethod


def payments(order: Order) -> payments_pb2.Payments:
    """Where the money of an order is."""
    paying, currency = order.paying, order.currency
    return payments_pb2.Payments(
        order_id=order.id,
        method=paying.method if paying else CARD,
        capture=(paying.capture if paying else Capture.PAYMENT).value,
        state=payment_state(order),
        total=money(currency, order.total_minor),
        authorised=money(currency, paying.authorised_minor if paying and paying.deferred else order.captured_minor),
        captured=money(currency, order.captured_minor),
        refunded=money(currency, order.refunded_minor),
        voided=money(currency, paying.voided_minor if paying else 0),
        left=money(currency, paying.left_minor if paying else 0),
        authorised_until=rfc3339(paying.authorised_until) if paying and paying.left_minor else "",
        movements=[_movement(each, currency) for each in movements(order)],
        version=order.version,
    )


def movements(order: Order) -> list[Movement]:
    """Every movement, what checkout and returns did among them: those are written down in the order in their own way."""
    shown = list(order.movements)
    kept = {m.id for m in shown}
    if order.paid_at and not order.deferred and order.payment_id:
        first = order.captured_minor - sum(m.minor for m in shown if m.kind is Kind.CHARGE and m.step is Step.DONE)
        shown.insert(0, _done(order.id, Kind.CAPTURE, first, order, "checkout"))
    for adjustment in order.adjustments:
        cancelled = f"{order.id}:cancel" if adjustment.reason == "cancelled" else ""
        key = adjustment.key or adjustment.return_id or cancelled
        if key and adjustment.minor < 0 and not kept & {key, f"{key}.0"}:
            refund = _done(key, Kind.REFUND, -adjustment.minor, order, "refund")
            refund.at = refund.done_at = adjustment.at
            refund.reason = adjustment.reason
            shown.append(refund)
    return sorted(shown, key=lambda m: m.at)


def _done(key: str, kind: Kind, minor: int, order: Order, by: str) -> Movement:
    at = order.paid_at or order.placed_at
    return Movement(key, kind, minor, at, by, Step.DONE, payment_id=order.payment_id, done_at=at)


def _movement(movement: Movement, currency: str) -> payments_pb2.PaymentMovement:
    return payments_pb2.PaymentMovement(
        id=movement.id,
        kind=movement.kind.value,
        state=movement.step.value,
        amount=money(currency, movement.minor),
        via=movement.via,
        payment_id=movement.payment_id,
        by=movement.by,
        reason=movement.reason,
        detail=movement.detail,
        at=rfc3339(movement.at),
        done_at=rfc3339(movement.done_at) if movement.done_at else "",
    )


def method(of: PaymentMethod) -> payment_methods_pb2.PaymentMethod:
    """A method as it is set."""
    return payment_methods_pb2.PaymentMethod(
        id=of.id,
        enabled=of.enabled,
        capture=of.capture.value,
        at_expiry=of.at_expiry,
        lasts_days=of.lasts_days,
        most=money(of.currency, of.most_minor) if of.most_minor else None,
        regions=of.regions,
        members_only=of.members_only,
        version=of.version,
    )


def offer(of: Offer) -> payment_methods_pb2.PaymentOffer:
    """A method for a cart."""
    needs = {CARD: "token", CASH: "nothing"}.get(of.method.id, "redirect")
    return payment_methods_pb2.PaymentOffer(
        method=of.method.id,
        offered=not of.why_not,
        why_not=of.why_not,
        capture=of.method.capture.value,
        needs=needs,
    )


def webhook(of: Webhook, *, whole: bool = False) -> payments_pb2.PaymentWebhook:
    """A webhook; its body only when it is asked for by itself."""
    return payments_pb2.PaymentWebhook(
        id=of.id,
        webhook_id=of.ref.partition(":")[2],
        provider=of.provider,
        type=of.type,
        reference=of.reference,
        order_id=of.order_id,
        state=of.state,
        outcome=of.outcome,
        deliveries=of.deliveries,
        received_at=rfc3339(of.received_at),
        applied_at=rfc3339(of.applied_at) if of.applied_at else "",
        body=of.body if whole else b"",
    )
