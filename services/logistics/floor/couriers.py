"""This is where a carrier is called for a manifest's parcels, and told what it has got, where it can be asked that."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.kit.errors import Refused, WrongState
from services.kit.store import Store
from services.logistics.carriers import Carrier, HandedOver, PickupWish
from services.logistics.regions import Region
from services.logistics.shipments import Shipment
from services.logistics.warehouses import Warehouses

if TYPE_CHECKING:
    from .manifests import Manifest

log = logging.getLogger(__name__)


class Couriers:
    """Speaks to carriers. Asked again for one manifest, it is one courier and one manifest of theirs."""

    def __init__(self, carriers: Mapping[str, Carrier], warehouses: Warehouses, parcels: Store[Shipment]) -> None:
        self._carriers, self._warehouses, self._parcels = carriers, warehouses, parcels

    def knows(self, carrier: str) -> bool:
        """Whether there is such a carrier."""
        return carrier in self._carriers

    async def called(self, manifest: "Manifest") -> str:
        """The carrier's word that somebody comes for its parcels; empty where nobody is called, or answers now."""
        carrier = self._carriers[manifest.carrier]
        if not manifest.parcels or "pickup" not in carrier.abilities:
            return ""
        found = (await self._parcels.get_many(manifest.parcels)).values()
        waybills, grams = [one.waybill for one in found], sum(one.packed_weight_g or one.weight_g for one in found)
        origin, day = await self._origin(manifest), manifest.cutoff_at.date()
        try:
            return await carrier.pickup(PickupWish(manifest.id, origin, day, waybills, grams))
        except Refused as no:
            log.info("%s sends nobody for %s now: %s", carrier.code, manifest.id, no.reason)
            return ""

    async def told(self, manifest: "Manifest") -> str:
        """What the carrier calls it; our own number where it takes no manifests. Refuses with `Unavailable`."""
        carrier, waybills = self._carriers[manifest.carrier], [row.waybill for row in manifest.handed]
        if not waybills or "manifest" not in carrier.abilities:
            return manifest.id
        origin, day = await self._origin(manifest), manifest.cutoff_at.date()
        try:
            return await carrier.manifest(HandedOver(manifest.id, origin, day, waybills))
        except WrongState as no:  # it has them all the same
            log.warning("%s will not have %s: %s", carrier.code, manifest.id, no.reason)
            return manifest.id

    async def _origin(self, manifest: "Manifest") -> Region:
        known = (await self._warehouses.all()).get(manifest.warehouse)
        return known.region if known else Region()
