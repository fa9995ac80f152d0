"""This is where it is heard that a parcel came damaged, or never, and whose fault that is said to be."""

from typing import TYPE_CHECKING, Any

from services.kit.events import Told
from services.kit.store import Store
from services.logistics.numbering import ids_of
from services.logistics.shipments import SHIPPED, Shipment
from services.logistics.underway import LOST, STUCK, WATCHED
from services.logistics.words import is_id

if TYPE_CHECKING:
    from shop.orders.v1.events_pb2 import ReturnRequested

_CARRIER, _NEVER_CAME, _LATE = "carrier", "lost", "late"


class Complaints:
    """Marks the parcels a return speaks of: one conditional write each, so that telling it again changes nothing."""

    def __init__(self, kept: Store[Shipment]) -> None:
        self._kept = kept

    async def on_return_requested(self, event: "ReturnRequested", told: Told) -> None:
        """Damage, or loss (until it moves), where the carrier is to blame. That it came late we know better ourselves."""
        if event.blames != _CARRIER or event.reason == _LATE or not is_id(event.order_id):
            return
        skus = {line.sku for line in event.lines}
        for parcel in (await self._kept.get_many(ids_of(event.order_id))).values():
            carried = not event.carriers or parcel.carrier in event.carriers
            if carried and not parcel.return_id and skus & {line.sku for line in parcel.lines}:
                await self._mark(parcel.id, event.reason == _NEVER_CAME)

    async def _mark(self, key: str, never_came: bool) -> None:
        where: dict[str, Any] = {"_id": key, "damaged": {"$ne": True}}
        values: dict[str, Any] = {"damaged": True}
        if never_came:
            where, values = {"_id": key, "state": SHIPPED, "watch": {"$in": [WATCHED, STUCK]}}, {"watch": LOST}
        await self._kept.change(where, {"$set": values | {"uncounted": True}})
