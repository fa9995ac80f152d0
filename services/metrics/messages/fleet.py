"""This is where what our own riders do becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _released(event: logistics.RouteReleased, told: Told) -> Fact:
    values = {"depot": event.depot, "stops": event.stops, "metres": event.metres}
    return Fact(told.id, "route_released", when(event.at, told), event.route_id, values)


def _visited(event: logistics.StopVisited, told: Told) -> Fact:
    values = {
        "depot": event.depot,
        "outcome": event.outcome,
        "reason": event.reason,
        "attempt": event.attempt,
        "on_time": int(event.on_time),
    }
    return Fact(told.id, "stop_visited", when(event.at, told), event.shipment_id, values)


def _finished(event: logistics.RouteFinished, told: Told) -> Fact:
    differs = sum(given.minor != due.minor for due, given in zip(event.due, event.handed_in, strict=False))
    values = {"depot": event.depot, "differs": differs}
    return Fact(told.id, "route_finished", when(event.at, told), event.route_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    logistics.RouteReleased: _released,
    logistics.StopVisited: _visited,
    logistics.RouteFinished: _finished,
}
