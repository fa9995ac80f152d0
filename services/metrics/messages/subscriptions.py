"""This is where what became of subscriptions becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _as(kind: str, *more: str) -> Callable[[Any, Told], Fact]:
    def fact(event: Any, told: Told) -> Fact:
        values = {"plan": event.plan, "cycle": event.cycle, **{name: getattr(event, name) for name in more}}
        return Fact(told.id, kind, when(event.at, told), event.subscription_id, values)

    return fact


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.RenewalAhead: _as("renewal_ahead"),
    orders.SubscriptionRenewed: _as("subscription_renewed", "order_id"),
    orders.RenewalFailed: _as("renewal_failed", "reason"),
    orders.RenewalSkipped: _as("renewal_skipped", "reason"),
    orders.SubscriptionChanged: _as("subscription_changed", "state", "why"),
}
