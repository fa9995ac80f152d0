"""This is where what comes after a sale becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _return_changed(event: orders.ReturnChanged, told: Told) -> Fact:
    values = {"state": event.state, "was": event.was, "kind": event.kind, "reason": event.reason}
    at = when(event.at, told)
    late = int(bool(event.review_by) and at > when(event.review_by, told))
    return Fact(told.id, "return_changed", at, "", values | {"late": late})


def _compensation_granted(event: orders.CompensationGranted, told: Told) -> Fact:
    values = {
        "reason": event.reason,
        "currency": event.amount.currency,
        "amount_minor": event.amount.minor,
        "points": event.points,
    }
    return Fact(told.id, "compensation_granted", when(event.at, told), event.compensation_id, values)


def _return_parcel_moved(event: logistics.ReturnParcelMoved, told: Told) -> Fact:
    moved = {"carrier": event.carrier, "state": event.state, "warehouse": event.warehouse}
    at = when(event.occurred_at, told)
    return Fact(told.id, "return_parcel_moved", at, f"{event.shipment_id} {event.state}", moved)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.ReturnChanged: _return_changed,
    orders.CompensationGranted: _compensation_granted,
    logistics.ReturnParcelMoved: _return_parcel_moved,
}
