"""This is where a carrier is told that a parcel will not come: what was stopped before it left."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.kit.events import Told
from services.kit.store import Store
from services.logistics.carriers import Carrier, CarrierRefused
from services.logistics.shipments import CANCELLED, Shipment

if TYPE_CHECKING:
    from shop.logistics.v1.events_pb2 import ShipmentCancelled

log = logging.getLogger(__name__)


class Voiding:
    """Voids waybills; again changes nothing."""

    def __init__(self, kept: Store[Shipment], carriers: Mapping[str, Carrier]) -> None:
        self._kept, self._carriers = kept, carriers

    async def on_shipment_cancelled(self, event: "ShipmentCancelled", told: Told) -> None:
        """While the carrier does not answer this is told again."""
        shipment = await self._kept.get(event.shipment_id)
        if shipment is None or shipment.state != CANCELLED or not shipment.waybill:
            return
        carrier = self._carriers.get(shipment.carrier)
        if carrier is None:
            return
        try:
            await carrier.void(shipment.id, shipment.waybill)
        except CarrierRefused as refused:
            log.warning("%s does not void the waybill of %s: %s", carrier.code, shipment.id, refused.meta.get("code"))
