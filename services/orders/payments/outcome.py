"""This is where it is written into an order what became of a claim: counted, told, or its room given back. Pure."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.message import Message

from services.kit.ids import new_id
from services.orders.messages.events import refund_issued
from services.orders.messages.money import payment_captured, payment_voided
from services.orders.orders import Adjustment, Happened, Order
from services.orders.paying import Kind, Movement, Step

from .provider import Payment

_TEXTS = {
    Kind.CAPTURE: ("captured", "The money is taken."),
    Kind.VOID: ("payment_voided", "What was not needed is let go."),
    Kind.REFUND: ("refunded", "The money is on its way back."),
    Kind.CHARGE: ("charged", "Paid."),
}


def write(
    order: Order, movement: Movement, step: Step, payment: Payment | None, detail: str, at: datetime
) -> Sequence[Message]:
    """Changes the order; answers what is to be told."""
    movement.step, movement.detail = step, detail
    if payment is not None:
        movement.payment_id, movement.detail = payment.id, payment.decline_code or detail
        movement.confirm_url = payment.confirm_url if step is Step.AWAITING else ""
    if step is Step.AWAITING:
        movement.sealed_token = b""
        return ()
    movement.done_at, movement.sealed_token = at, b""
    return _done(order, movement, at) if step is Step.DONE else _failed(order, movement, at)


def _done(order: Order, movement: Movement, at: datetime) -> Sequence[Message]:
    if movement.kind is Kind.PAYOUT:
        return ()
    word, text = _TEXTS[movement.kind]
    order.events.append(Happened(f"{word}:{movement.id}", word, at, text))
    if movement.kind is Kind.REFUND:
        adjustment = Adjustment(new_id("adj"), "refund", -movement.minor, movement.reason, at, movement.shares)
        order.adjustments.append(adjustment)
        return [refund_issued(order, adjustment, movement.units)]
    if movement.kind is Kind.VOID:
        if order.paying:
            order.paying.voided_minor += movement.minor
        return [payment_voided(order, movement, at)]
    order.captured_minor += movement.minor
    if order.preorder and order.captured_minor >= order.total_minor:
        order.preorder.balance_paid()
    return [payment_captured(order, movement, at)]


def _failed(order: Order, movement: Movement, at: datetime) -> Sequence[Message]:
    """Its room is given back, so that it can be tried anew under another key."""
    if movement.kind in (Kind.CAPTURE, Kind.VOID) and order.paying:
        order.paying.claimed_minor -= movement.minor
    if movement.kind is Kind.REFUND:
        order.refunded_minor -= movement.minor
        shares = {share.sku: -share.minor for share in movement.shares}
        for sku, count in movement.units.items():
            if line := order.line(sku):
                line.take_back(count, shares[sku])
    order.events.append(Happened(f"failed:{movement.id}", f"{movement.kind.value}_failed", at, "The provider said no."))
    return ()
