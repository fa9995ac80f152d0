"""This is where what happened to a parcel becomes an event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shop.logistics.v1 import events_pb2, shipments_pb2

from services.kit.clock import rfc3339

if TYPE_CHECKING:
    from services.logistics.connections.connections import Connection
    from services.logistics.floor.manifests import Manifest
    from services.logistics.floor.picklists import PickList
    from services.logistics.floor.waves import Wave
    from services.logistics.inserts import Card
    from services.logistics.moving import Route
    from services.logistics.quality.flags import Flag
    from services.logistics.shipments import Shipment
    from services.logistics.tracking import Scan


def line_messages(shipment: Shipment) -> list[shipments_pb2.ShipmentLine]:
    """What is in it."""
    return [
        shipments_pb2.ShipmentLine(sku=line.sku, title=line.title, quantity=line.quantity) for line in shipment.lines
    ]


def shipment_planned(shipment: Shipment, at: datetime | None = None) -> events_pb2.ShipmentPlanned:
    """A warehouse is chosen and a waybill made."""
    return events_pb2.ShipmentPlanned(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        warehouse=shipment.warehouse,
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        lines=line_messages(shipment),
        deliver_by=rfc3339(shipment.deliver_by),
        at=rfc3339(at or shipment.created_at),
        shipments=shipment.parts,
    )


def shipment_exception(shipment: Shipment, at: datetime) -> events_pb2.ShipmentException:
    """Its goods could not be allocated."""
    return events_pb2.ShipmentException(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        reasons=shipment.reasons,
        lines=line_messages(shipment),
        at=rfc3339(at),
    )


def shipment_packed(shipment: Shipment, at: datetime) -> events_pb2.ShipmentPacked:
    """Goods are in the box."""
    return events_pb2.ShipmentPacked(shipment_id=shipment.id, order_id=shipment.order_id, at=rfc3339(at))


def shipment_shipped(shipment: Shipment) -> events_pb2.ShipmentShipped:
    """Handed to the carrier."""
    return events_pb2.ShipmentShipped(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        warehouse=shipment.warehouse,
        carrier=shipment.carrier,
        lines=line_messages(shipment),
        at=rfc3339(shipment.shipped_at),
        paid_at=rfc3339(shipment.paid_at),
        ship_by=rfc3339(shipment.ship_by),
        expected_from=rfc3339(shipment.expected.from_at if shipment.expected else None),
        expected_to=rfc3339(shipment.expected.to_at if shipment.expected else None),
    )


def shipment_cancelled(shipment: Shipment, at: datetime) -> events_pb2.ShipmentCancelled:
    """Stopped before it left: its goods go back on the shelf."""
    return events_pb2.ShipmentCancelled(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        at=rfc3339(at),
        warehouse=shipment.warehouse,
        # Of what was lost or damaged there nothing goes back on the shelf.
        lines=[] if shipment.moving and shipment.moving.lost else line_messages(shipment),
    )


def shipment_rerouted(shipment: Shipment, route: Route) -> events_pb2.ShipmentRerouted:
    """It leaves from another warehouse."""
    return events_pb2.ShipmentRerouted(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        was=route.was,
        warehouse=route.to,
        reason=route.reason,
        turn=shipment.turn,
        deliver_by=rfc3339(shipment.deliver_by),
        lines=line_messages(shipment),
        at=rfc3339(route.at),
    )


def parcel_moved(shipment: Shipment, by: Scan | None, *, stood_still: bool = False) -> events_pb2.ParcelMoved:
    """The canonical tracking state is another one now."""
    return events_pb2.ParcelMoved(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        carrier=shipment.carrier,
        state=shipment.tracking_state,
        occurred_at=rfc3339(by.occurred_at if by else shipment.created_at),
        text=by.text if by else "",
        location=by.location if by else "",
        deliver_by=rfc3339(shipment.deliver_by),
        revision=shipment.revision,
        shipped_at=rfc3339(shipment.shipped_at),
        reason=by.reason if by else "",
        stood_still=stood_still,
    )


def return_parcel_moved(shipment: Shipment, by: Scan | None) -> events_pb2.ReturnParcelMoved:
    """The same of a parcel that comes back."""
    return events_pb2.ReturnParcelMoved(
        return_id=shipment.return_id,
        order_id=shipment.order_id,
        shipment_id=shipment.id,
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        state=shipment.tracking_state,
        occurred_at=rfc3339(by.occurred_at if by else shipment.created_at),
        warehouse=shipment.warehouse,
        revision=shipment.revision,
    )


def shipment_readdressed(key: str, order_id: str, revision: int, at: datetime) -> events_pb2.ShipmentReaddressed:
    """It goes to another address now."""
    return events_pb2.ShipmentReaddressed(shipment_id=key, order_id=order_id, revision=revision, at=rfc3339(at))


def return_parcel_booked(shipment: Shipment, kind: str, window: str) -> events_pb2.ReturnParcelBooked:
    """A parcel that comes back is booked."""
    return events_pb2.ReturnParcelBooked(
        shipment_id=shipment.id,
        return_id=shipment.return_id,
        order_id=shipment.order_id,
        carrier=shipment.carrier,
        waybill=shipment.waybill,
        kind=kind,
        window=window,
        warehouse=shipment.warehouse,
        at=rfc3339(shipment.created_at),
    )


def freight_changed(key: str, at: datetime) -> events_pb2.FreightChanged:
    """A template or a warehouse changed."""
    return events_pb2.FreightChanged(id=key, at=rfc3339(at))


def insert_scanned(card: Card, at: datetime) -> events_pb2.InsertScanned:
    """Somebody looks at the card of a parcel for the first time."""
    return events_pb2.InsertScanned(shipment_id=card.shipment_id, order_id=card.order_id, at=rfc3339(at))


def insert_redeemed(card: Card, at: datetime) -> events_pb2.InsertRedeemed:
    """Somebody has what the card promised."""
    return events_pb2.InsertRedeemed(shipment_id=card.shipment_id, order_id=card.order_id, at=rfc3339(at))


def shipment_troubled(
    shipment: Shipment, reason: str, text: str, turn: int, at: datetime, *, outcome: str = ""
) -> events_pb2.ShipmentTroubled:
    """Something keeps it on the floor, or no longer: the outcome says how that ended."""
    return events_pb2.ShipmentTroubled(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        reason=reason,
        text=text,
        over=bool(outcome),
        turn=turn,
        at=rfc3339(at),
        outcome=outcome,
    )


def wave_released(wave: Wave, at: datetime) -> events_pb2.WaveReleased:
    """Pickers may begin."""
    return events_pb2.WaveReleased(
        wave_id=wave.id, warehouse=wave.warehouse, parcels=wave.parcels, units=wave.units, at=rfc3339(at)
    )


def pick_list_done(done: PickList, at: datetime) -> events_pb2.PickListDone:
    """Worked off."""
    return events_pb2.PickListDone(
        pick_list_id=done.id,
        warehouse=done.warehouse,
        picked=sum(line.picked for line in done.lines),
        short=sum(line.short for line in done.lines),
        took_s=int((at - (done.claimed_at or at)).total_seconds()),
        at=rfc3339(at),
    )


def manifest_closed(manifest: Manifest, at: datetime) -> events_pb2.ManifestClosed:
    """Handed over."""
    return events_pb2.ManifestClosed(
        manifest_id=manifest.id,
        carrier=manifest.carrier,
        warehouse=manifest.warehouse,
        parcels=len(manifest.handed),
        left_out=len(manifest.rows) - len(manifest.handed),
        weight_g=sum(row.weight_g for row in manifest.handed),
        at=rfc3339(at),
    )


def quality_flag_changed(flag: Flag, at: datetime) -> events_pb2.QualityFlagChanged:
    """Too many complain of a SKU, or no longer."""
    return events_pb2.QualityFlagChanged(
        sku=flag.id, raised=flag.raised, complaints=flag.complaints, shipped=flag.shipped, at=rfc3339(at)
    )


def shipment_late(shipment: Shipment, at: datetime) -> events_pb2.ShipmentLate:
    """It should have been at the door."""
    return events_pb2.ShipmentLate(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        carrier=shipment.carrier,
        warehouse=shipment.warehouse,
        state=shipment.state,
        tracking_state=shipment.tracking_state,
        deliver_by=rfc3339(shipment.deliver_by),
        at=rfc3339(at),
    )


def connection_changed(connection: Connection, at: datetime) -> events_pb2.CarrierConnectionChanged:
    """A carrier was turned on or off, or its terms changed."""
    return events_pb2.CarrierConnectionChanged(
        carrier=connection.id, on=connection.on, environment=connection.environment, at=rfc3339(at)
    )


def parcel_stuck(shipment: Shipment, at: datetime) -> events_pb2.ParcelStuck:
    """Nothing was heard of it for longer than its carrier has."""
    return events_pb2.ParcelStuck(**_standing(shipment, at))


def parcel_lost(shipment: Shipment, at: datetime) -> events_pb2.ParcelLost:
    """Nothing was heard of it for so long that it counts as lost."""
    return events_pb2.ParcelLost(**_standing(shipment, at), lines=line_messages(shipment))


def _standing(shipment: Shipment, at: datetime) -> dict[str, Any]:
    """What is said of a parcel that stands still."""
    return {
        "shipment_id": shipment.id,
        "order_id": shipment.order_id,
        "return_id": shipment.return_id,
        "carrier": shipment.carrier,
        "waybill": shipment.waybill,
        "state": shipment.tracking_state,
        "revision": shipment.revision,
        "heard_at": rfc3339(shipment.heard_at),
        "at": rfc3339(at),
    }
