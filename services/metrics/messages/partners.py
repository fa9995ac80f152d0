"""This is where it stands which facts are kept of what partner carriers are told."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _shipment_readdressed(event: logistics.ShipmentReaddressed, told: Told) -> Fact:
    values = {"order_id": event.order_id, "revision": event.revision}
    return Fact(told.id, "shipment_readdressed", when(event.at, told), event.shipment_id, values)


def _return_parcel_booked(event: logistics.ReturnParcelBooked, told: Told) -> Fact:
    values = {"carrier": event.carrier, "kind": event.kind, "warehouse": event.warehouse}
    return Fact(told.id, "return_parcel_booked", when(event.at, told), event.shipment_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    logistics.ShipmentReaddressed: _shipment_readdressed,
    logistics.ReturnParcelBooked: _return_parcel_booked,
}
