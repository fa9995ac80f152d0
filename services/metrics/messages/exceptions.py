"""This is where what is told of exceptions becomes facts."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics
from shop.orders.v1 import events_pb2 as orders

from services.kit.events import Told
from services.metrics.facts import Fact

from .events import units_of, when


def _opened(event: orders.ExceptionOpened, told: Told) -> Fact:
    return Fact(told.id, "exception_opened", when(event.at, told), event.exception_id, {"reason": event.reason})


def _resolved(event: orders.ExceptionResolved, told: Told) -> Fact:
    values = {"reason": event.reason, "outcome": event.outcome, "seconds": event.open_s}
    return Fact(told.id, "exception_resolved", when(event.at, told), event.exception_id, values)


def _readdressed(event: orders.OrderReaddressed, told: Told) -> Fact:
    return Fact(told.id, "order_readdressed", when(event.at, told), f"{event.order_id}:{event.revision}")


def _unallocated(event: logistics.ShipmentException, told: Told) -> Fact:
    values = {"units": units_of(event.lines)}
    return Fact(told.id, "shipment_exception", when(event.at, told), event.shipment_id, values)


def _rerouted(event: logistics.ShipmentRerouted, told: Told) -> Fact:
    values = {"warehouse": event.was, "to": event.warehouse, "reason": event.reason, "units": units_of(event.lines)}
    return Fact(told.id, "shipment_rerouted", when(event.at, told), f"{event.shipment_id}:{event.turn}", values)


def _late(event: logistics.ShipmentLate, told: Told) -> Fact:
    values = {"carrier": event.carrier, "warehouse": event.warehouse}
    return Fact(told.id, "shipment_late", when(event.at, told), event.shipment_id, values)


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.ExceptionOpened: _opened,
    orders.ExceptionResolved: _resolved,
    orders.OrderReaddressed: _readdressed,
    logistics.ShipmentException: _unallocated,
    logistics.ShipmentRerouted: _rerouted,
    logistics.ShipmentLate: _late,
}
