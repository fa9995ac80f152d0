"""This is where events about money become facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when

FactOf = Callable[[Any, Told], Fact]


def _payment_captured(event: orders.PaymentCaptured, told: Told) -> Fact:
    values = {"method": event.method, "currency": event.amount.currency, "amount_minor": event.amount.minor}
    return Fact(told.id, "payment_captured", when(event.at, told), event.movement_id, values)


def _payment_voided(event: orders.PaymentVoided, told: Told) -> Fact:
    values = {"method": event.method, "currency": event.amount.currency, "amount_minor": event.amount.minor}
    return Fact(told.id, "payment_voided", when(event.at, told), event.movement_id, values)


def _payout_reconciled(event: orders.PayoutReconciled, told: Told) -> Fact:
    values = {
        "provider": event.provider,
        "currency": event.net.currency,
        "captured_minor": event.captured.minor,
        "refunded_minor": event.refunded.minor,
        "fees_minor": event.fees.minor,
        "net_minor": event.net.minor,
        "difference_minor": event.difference.minor,
        "captures": event.captures,
        "waited_s": event.waited_s,
    }
    return Fact(told.id, "payout_reconciled", when(event.paid_out_at, told), event.payout_id, values)


FACTS: dict[type[Message], FactOf] = {
    orders.PaymentCaptured: _payment_captured,
    orders.PaymentVoided: _payment_voided,
    orders.PayoutReconciled: _payout_reconciled,
}
