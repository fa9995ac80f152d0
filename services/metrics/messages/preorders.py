"""This is where what became of pre-orders becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _due(event: orders.BalanceDue, told: Told) -> Fact:
    values = {"campaign": event.campaign_id, "currency": event.balance.currency, "minor": event.balance.minor}
    return Fact(told.id, "balance_due", when(event.at, told), event.order_id, values)


def _closed(event: orders.PreorderClosed, told: Told) -> Fact:
    values = {
        "campaign": event.campaign_id,
        "currency": event.deposit.currency,
        "minor": event.deposit.minor,
        "kept": int(event.kept),
    }
    return Fact(told.id, "preorder_closed", when(event.at, told), event.order_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.BalanceDue: _due,
    orders.PreorderClosed: _closed,
}
