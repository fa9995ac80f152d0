"""This is where what is told of holds and deadlines becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _held(event: orders.OrderHeld, told: Told) -> Fact:
    reference = f"{event.order_id}:{event.turn}"
    return Fact(told.id, "order_held", when(event.at, told), reference, {"reason": event.reason})


def _warned(event: orders.ClockWarned, told: Told) -> Fact:
    reference = f"{event.policy}:{event.subject}:{event.at}"
    return Fact(told.id, "clock_warned", when(event.at, told), reference, {"policy": event.policy})


def _breached(event: orders.ClockBreached, told: Told) -> Fact:
    values = {"policy": event.policy, "level": str(event.level)}
    reference = f"{event.policy}:{event.subject}:{event.level}:{event.at}"
    return Fact(told.id, "clock_breached", when(event.at, told), reference, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.OrderHeld: _held,
    orders.ClockWarned: _warned,
    orders.ClockBreached: _breached,
}
