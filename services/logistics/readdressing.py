"""This is where a repaired address comes to an order's parcels, as long as none has left."""

from collections.abc import Mapping
from typing import Any

from services.kit.clock import Clock
from services.kit.store import Store, encode

from .holds import NotPlannedYet
from .messages.told import shipment_readdressed
from .numbering import ids_of, shipment_id
from .regions import Region
from .shipments import LEFT, OPEN, WAITING, Shipment
from .stopping import AlreadyShipped, order_of


class Readdressing:
    """Takes repaired addresses. Revisions rise; an older one changes nothing."""

    def __init__(self, kept: Store[Shipment], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def readdress(self, order_id: str, revision: int, region: Region, sealed: bytes) -> None:
        """The order's parcels go there. Refuses with `AlreadyShipped`, `NotPlannedYet`."""
        first = shipment_id(order_of(order_id), 1)
        address = {"sealed_address": sealed, "region": encode(region), "address_revision": revision, "uncounted": True}
        older: Mapping[str, Any] = {"address_revision": {"$not": {"$gte": revision}}}
        # The first parcel has the order's gate: while it is open none has left.
        told = shipment_readdressed(first, order_id, revision, self._clock.now())
        anchor = await self._kept.change({"_id": first, "gate": OPEN, **older}, {"$set": address}, told)
        if anchor is None:
            anchor = await self._kept.get(first)
            if anchor is None:
                raise NotPlannedYet("this order is not heard of yet")
            if anchor.gate == LEFT:
                raise AlreadyShipped("a parcel of this order has left")
        if anchor.address_revision == revision and anchor.gate == OPEN:
            for other in ids_of(order_id)[1 : anchor.parts]:
                where = {"_id": other, "state": {"$in": list(WAITING)}, **older}
                told = shipment_readdressed(other, order_id, revision, self._clock.now())
                await self._kept.change(where, {"$set": address}, told)
