"""This is where parcels meet protobuf: as staff and carriers see them, and as a paid order brings them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shop.logistics.v1 import shipments_pb2
from shop.orders.v1.events_pb2 import OrderPaid
from shop.orders.v1.slots_pb2 import OrderWindow
from shop.type.v1 import address_pb2

from services.kit.clock import parse_time, rfc3339
from services.logistics import addresses, estimates, shipments, tracking
from services.logistics.bringing import Bringing

from .places import region
from .told import line_messages

_STATES = {
    "planned": shipments_pb2.SHIPMENT_STATE_PLANNED,
    "packed": shipments_pb2.SHIPMENT_STATE_PACKED,
    "shipped": shipments_pb2.SHIPMENT_STATE_SHIPPED,
    "delivered": shipments_pb2.SHIPMENT_STATE_DELIVERED,
    "cancelled": shipments_pb2.SHIPMENT_STATE_CANCELLED,
    "exception": shipments_pb2.SHIPMENT_STATE_EXCEPTION,
}
_NAMES: dict[int, str] = {number: name for name, number in _STATES.items()}


def state_name(state: int) -> str:
    """The state as we keep it; empty for unspecified, `?` for one we do not know."""
    return _NAMES.get(state, "?") if state else ""


def paid_order(event: OrderPaid, key: str, now: datetime) -> shipments.Shipment:
    """A paid order as one parcel that is not allocated yet."""
    lines: dict[str, shipments.Line] = {}
    for line in event.lines:
        if line.sku in lines:
            lines[line.sku].quantity += line.quantity
        else:
            worth = line.paid.minor // max(1, line.quantity)
            lines[line.sku] = shipments.Line(line.sku, line.title, line.quantity, line.weight_g, worth)
    return shipments.Shipment(
        key,
        event.order_id,
        shipments.EXCEPTION,
        now,
        lines=list(lines.values()),
        region=region(event.region),
        sealed_address=event.sealed_address,
        paid_at=parse_time(event.paid_at) or now,
        ship_by=parse_time(event.ship_by),
        currency=event.goods.currency,
        priority=event.priority,
        collect_minor=event.to_collect.minor,
        collect_currency=event.to_collect.currency if event.to_collect.minor else "",
        own=_bringing(event.window) if event.HasField("window") else Bringing(),
    )


def _bringing(window: OrderWindow) -> Bringing:
    """When it is to be brought, and by whose riders."""
    return Bringing(
        window_from=parse_time(window.from_at),
        window_until=parse_time(window.until_at),
        depot=window.warehouse,
        window_turn=2 * window.revision,
    )


def shipment_message(shipment: shipments.Shipment, address: addresses.Address | None = None) -> shipments_pb2.Shipment:
    """To a Shipment; without an address only with its region."""
    place: Any = address or shipment.region
    return shipments_pb2.Shipment(
        id=shipment.id,
        order_id=shipment.order_id,
        state=_STATES[shipment.state],
        warehouse=shipment.warehouse,
        reasons=shipment.reasons,
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        lines=line_messages(shipment),
        tracking_state=shipment.tracking_state,
        tracking=tracking_messages(shipment),
        ship_by=rfc3339(shipment.ship_by),
        deliver_by=rfc3339(shipment.deliver_by),
        shipped_at=rfc3339(shipment.shipped_at),
        delivered_at=rfc3339(shipment.delivered_at),
        address=address_pb2.Address(
            country=place.country,
            province=place.province,
            city=place.city,
            district=place.district,
            street=address.street if address else "",
            name=address.name if address else "",
            phone=address.phone if address else "",
        ),
        weight_g=shipment.weight_g,
        created_at=rfc3339(shipment.created_at),
        held=shipment.held,
        priority=shipment.priority,
        trouble=shipment.trouble,
        qc=shipment.qc.state if shipment.qc else "",
        wave_id=shipment.wave,
        manifest_id=shipment.manifest,
        routes=[
            shipments_pb2.ShipmentRoute(
                was=route.was,
                warehouse=route.to,
                reason=route.reason,
                by=route.by,
                note=route.note,
                at=rfc3339(route.at),
                reasons=route.reasons,
            )
            for route in shipment.routes
        ],
        moving=shipment.moving.reason if shipment.moving else "",
        expected=expected_message(shipment.expected),
    )


def tracking_messages(shipment: shipments.Shipment) -> list[shipments_pb2.TrackingEvent]:
    """Where it has been, oldest first."""
    return [tracking_event(scan) for scan in tracking.in_order(shipment.scans)]


def expected_message(window: estimates.Expected | None) -> shipments_pb2.ExpectedDelivery | None:
    """To an ExpectedDelivery."""
    if window is None:
        return None
    return shipments_pb2.ExpectedDelivery(
        from_at=rfc3339(window.from_at),
        to_at=rfc3339(window.to_at),
        hit_rate=window.hit_rate,
        samples=window.samples,
    )


def tracking_event(scan: tracking.Scan) -> shipments_pb2.TrackingEvent:
    """To a TrackingEvent."""
    return shipments_pb2.TrackingEvent(
        state=scan.state,
        raw_code=scan.code,
        text=scan.text,
        occurred_at=rfc3339(scan.occurred_at),
        received_at=rfc3339(scan.received_at),
        location=scan.location,
        reason=scan.reason,
        raw_reason=scan.raw_reason,
    )
