"""This is where what happens to a parcel becomes what its carrier is told: no name, no phone, no street."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shop.logistics.v1.events_pb2 import (
    ReturnParcelBooked,
    ReturnPickupChanged,
    ShipmentCancelled,
    ShipmentPlanned,
    ShipmentReaddressed,
    ShipmentRerouted,
)

from services.kit.clock import parse_time, rfc3339
from services.kit.events import Told
from services.kit.store import Store
from services.logistics.shipments import Shipment

from .deliveries import Deliveries
from .endpoints import (
    ADDRESS_CHANGED,
    CANCELLED,
    PICKUP_BOOKED,
    PICKUP_CHANGED,
    PLANNED,
    REROUTED,
    RETURN_BOOKED,
    RETURN_CANCELLED,
    Endpoints,
)

_MOST = 100


class News:
    """Hears what logistics itself told; costs nothing while no carrier listens."""

    def __init__(self, kept: Store[Shipment], endpoints: Endpoints, deliveries: Deliveries) -> None:
        self._kept, self._endpoints, self._deliveries = kept, endpoints, deliveries

    async def on_planned(self, told: Sequence[tuple[ShipmentPlanned, Told]]) -> None:
        """A parcel is the carrier's to bring; once more when it was found to be missing and is planned anew."""
        rows = [(one.shipment_id, f"{one.waybill}/{one.warehouse}", one.at, dict[str, Any]()) for one, _ in told]
        await self._tell(PLANNED, rows)

    async def on_readdressed(self, told: Sequence[tuple[ShipmentReaddressed, Told]]) -> None:
        """It goes elsewhere: the label is to be fetched anew."""
        rows = [(one.shipment_id, str(one.revision), one.at, {"address_revision": one.revision}) for one, _ in told]
        await self._tell(ADDRESS_CHANGED, rows)

    async def on_rerouted(self, told: Sequence[tuple[ShipmentRerouted, Told]]) -> None:
        """It is to be picked up at another warehouse."""
        await self._tell(REROUTED, [(one.shipment_id, str(one.turn), one.at, {"was": one.was}) for one, _ in told])

    async def on_cancelled(self, told: Sequence[tuple[ShipmentCancelled, Told]]) -> None:
        """It will not come."""
        await self._tell(CANCELLED, [(one.shipment_id, "", one.at, {}) for one, _ in told])

    async def on_return_booked(self, told: Sequence[tuple[ReturnParcelBooked, Told]]) -> None:
        """A parcel comes back, from the customer's or with a label."""
        pickups = [one for one, _ in told if one.kind == "pickup"]
        labels = [one for one, _ in told if one.kind != "pickup"]
        await self._tell(PICKUP_BOOKED, [(one.shipment_id, "", one.at, {"window": one.window}) for one in pickups])
        await self._tell(RETURN_BOOKED, [(one.shipment_id, "", one.at, {}) for one in labels])

    async def on_pickup_changed(self, told: Sequence[tuple[ReturnPickupChanged, Told]]) -> None:
        """Nobody need come, or at another time; each change is told, however often it goes to and fro."""
        pickups = [(one, event) for one, event in told if one.kind == "pickup"]
        rows = [
            (one.shipment_id, event.id, one.at, {"what": one.what, "window": one.window or None})
            for one, event in pickups
        ]
        await self._tell(PICKUP_CHANGED, rows)
        labels = [(one.shipment_id, "", one.at, dict[str, Any]()) for one, _ in told if one.kind == "label"]
        await self._tell(RETURN_CANCELLED, labels)

    async def _tell(self, kind: str, rows: Sequence[tuple[str, str, str, dict[str, Any]]]) -> None:
        if not rows or not await self._endpoints.any():
            return
        for start in range(0, len(rows), _MOST):
            some = rows[start : start + _MOST]
            parcels = await self._kept.get_many([key for key, *_ in some])
            for key, turn, at, more in some:
                parcel, moment = parcels.get(key), parse_time(at)
                if parcel and parcel.carrier and moment:
                    await self._told(kind, f"{kind}/{key}/{turn}", parcel, more, moment)

    async def _told(self, kind: str, key: str, parcel: Shipment, more: dict[str, Any], at: datetime) -> None:
        await self._deliveries.queue(parcel.carrier, kind, key, {**about(parcel), **more}, at)


def about(parcel: Shipment) -> dict[str, Any]:
    """What a carrier needs to know of a parcel; who gets it stands on the label."""
    place = parcel.region
    return {
        "shipment_id": parcel.id,
        "waybill": parcel.waybill,
        "direction": "reverse" if parcel.return_id else "forward",
        "warehouse": parcel.warehouse,
        "region": {
            "country": place.country,
            "province": place.province,
            "city": place.city,
            "district": place.district,
        },
        "weight_g": parcel.weight_g,
        "deliver_by": rfc3339(parcel.deliver_by) or None,
    }
