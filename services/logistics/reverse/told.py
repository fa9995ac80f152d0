"""This is where it is told what became of a pickup, and that a parcel is on the bench."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from shop.logistics.v1 import events_pb2, returns_pb2

from services.kit.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.logistics.shipments import Shipment

    from .undelivered import Found
    from .ways import Way


def pickup_changed(way: Way, what: str, at: datetime) -> events_pb2.ReturnPickupChanged:
    """Another window, missed, or called off."""
    return events_pb2.ReturnPickupChanged(
        return_id=way.id,
        order_id=way.order_id,
        waybill=way.waybill,
        what=what,
        window=way.window,
        at=rfc3339(at),
        shipment_id=way.shipment_id,
        kind=way.kind,
    )


def restocked(parcel: Shipment, found: Sequence[Found], at: datetime) -> events_pb2.ParcelRestocked:
    """Nobody took it: it was looked at, and its goods are in the warehouse again."""
    return events_pb2.ParcelRestocked(
        shipment_id=parcel.id,
        order_id=parcel.order_id,
        carrier=parcel.carrier,
        warehouse=parcel.warehouse,
        found=[returns_pb2.FoundUnits(sku=one.sku, grade=one.grade, units=one.units) for one in found],
        at=rfc3339(at),
    )


def received(way: Way, at: datetime) -> events_pb2.ReturnParcelReceived:
    """Staff scanned it in."""
    return events_pb2.ReturnParcelReceived(
        return_id=way.id, order_id=way.order_id, waybill=way.waybill, warehouse=way.warehouse, at=rfc3339(at)
    )
