"""This is where it stands which facts are kept of pickups and of what is scanned in."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _pickup_changed(event: logistics.ReturnPickupChanged, told: Told) -> Fact:
    return Fact(told.id, "return_pickup", when(event.at, told), told.id, {"what": event.what})


def _received(event: logistics.ReturnParcelReceived, told: Told) -> Fact:
    reference = f"{event.return_id}:{event.waybill}"
    return Fact(told.id, "return_received", when(event.at, told), reference, {"warehouse": event.warehouse})


def _restocked(event: logistics.ParcelRestocked, told: Told) -> Fact:
    values = {"carrier": event.carrier, "warehouse": event.warehouse, "units": sum(one.units for one in event.found)}
    return Fact(told.id, "parcel_restocked", when(event.at, told), event.shipment_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    logistics.ReturnPickupChanged: _pickup_changed,
    logistics.ReturnParcelReceived: _received,
    logistics.ParcelRestocked: _restocked,
}
