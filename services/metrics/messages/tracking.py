"""This is where what is told of parcels that stand still becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import when


def _stuck(event: logistics.ParcelStuck, told: Told) -> Fact:
    values = {"carrier": event.carrier, "state": event.state}
    return Fact(told.id, "parcel_stuck", when(event.at, told), f"{event.shipment_id}:{event.revision}", values)


def _lost(event: logistics.ParcelLost, told: Told) -> Fact:
    values = {"carrier": event.carrier, "state": event.state}
    return Fact(told.id, "parcel_lost", when(event.at, told), f"{event.shipment_id}:{event.revision}", values)


def _connection(event: logistics.CarrierConnectionChanged, told: Told) -> Fact:
    values = {"carrier": event.carrier, "on": int(event.on)}
    return Fact(told.id, "carrier_connection", when(event.at, told), event.carrier, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    logistics.ParcelStuck: _stuck,
    logistics.ParcelLost: _lost,
    logistics.CarrierConnectionChanged: _connection,
}
