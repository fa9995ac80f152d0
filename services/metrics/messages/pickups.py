"""This is where what became of orders in stores becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _as(kind: str) -> Callable[[Any, Told], Fact]:
    def fact(event: Any, told: Told) -> Fact:
        return Fact(told.id, kind, when(event.at, told), event.order_id, {"store": event.store})

    return fact


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.PickupReady: _as("pickup_ready"),
    orders.PickupWaiting: _as("pickup_waiting"),
    orders.PickupExpired: _as("pickup_expired"),
}
