"""This is where it becomes a fact that an order is brought in another window."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _changed(event: orders.DeliveryWindowChanged, told: Told) -> Fact:
    values = {"warehouse": event.window.warehouse, "by_staff": int(bool(event.by)), "change": event.window.revision}
    return Fact(told.id, "delivery_window_changed", when(event.at, told), event.order_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {orders.DeliveryWindowChanged: _changed}
