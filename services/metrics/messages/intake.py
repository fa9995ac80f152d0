"""This is where what came in through channels becomes facts: how much each brings, and what of it gets stuck and why."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _taken(event: orders.ChannelOrderTaken, told: Told) -> Fact:
    values = {"channel": event.channel, "kind": event.kind, "flagged": int(bool(event.flags))}
    return Fact(told.id, "channel_order_taken", when(event.at, told), event.order_id, values)


def _stuck(event: orders.ChannelOrderStuck, told: Told) -> Fact:
    values = {"channel": event.channel, "kind": event.kind, "reason": event.reason}
    return Fact(told.id, "channel_order_stuck", when(event.at, told), event.id, values)


def _unpaid(event: orders.OrderUnpaid, told: Told) -> Fact:
    values = {"channel": event.channel, "currency": event.total.currency, "total_minor": event.total.minor}
    return Fact(told.id, "order_unpaid", when(event.at, told), event.order_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.ChannelOrderTaken: _taken,
    orders.OrderUnpaid: _unpaid,
    orders.ChannelOrderStuck: _stuck,
}
