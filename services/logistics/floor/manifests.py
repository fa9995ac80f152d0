"""This is where a manifest hands parcels to a carrier: one a carrier, warehouse and cut-off; closing it ships them (O05).

Each parcel leaves by its own one conditional write, so of a manifest and a cancellation one wins, parcel by parcel, and
whoever goes on with a closing that broke off ships nothing twice.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, Refused, Unavailable, WrongState
from services.kit.ids import new_id
from services.kit.store import Change, Store, encode
from services.logistics.messages.told import manifest_closed
from services.logistics.shipments import DELIVERED, PACKED, SHIPPED, Shipment, Shipments
from services.logistics.words import is_code, is_id

from .couriers import Couriers

log = logging.getLogger(__name__)
OPEN, CLOSING, CLOSED = "open", "closing", "closed"
MOST_PARCELS = 2000
_AT_ONCE = 100
_UNSET = {"$in": ["", None]}


@dataclass
class Row:
    """A parcel as its manifest lists it; `left_out` says why the carrier has not got it."""

    shipment_id: str
    waybill: str
    weight_g: int
    pieces: int
    collect_minor: int = 0
    collect_currency: str = ""
    left_out: str = ""


@dataclass
class Manifest:
    """Parcels for one carrier. Open, it takes more in; closed, it lists what was handed over."""

    id: str
    carrier: str
    warehouse: str
    cutoff_at: datetime
    created_at: datetime
    state: str = OPEN
    parcels: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    closed_by: str = ""
    closed_at: datetime | None = None
    courier: str = ""  # the carrier's word that somebody comes for them
    number: str = ""  # what the carrier calls it
    version: int = 0

    @property
    def handed(self) -> list[Row]:
        """What the carrier has got."""
        return [row for row in self.rows if not row.left_out]


class InvalidManifest(Invalid):
    """No manifest can be so."""


class ManifestNotFound(NotFound):
    """There is no such manifest, or it is another carrier's."""


class ManifestEmpty(WrongState):
    """Nothing is packed for it."""


class Manifests:
    """Lists what leaves, and lets it leave."""

    def __init__(
        self,
        kept: Store[Manifest],
        parcels: Store[Shipment],
        shipments: Shipments,
        couriers: Couriers,
        clock: Clock,
    ) -> None:
        self._kept, self._parcels, self._shipments = kept, parcels, shipments
        self._couriers, self._clock = couriers, clock

    async def gather(self, carrier: str, warehouse: str, cutoff_at: datetime) -> Manifest:
        """The manifest of a carrier, a warehouse and a cut-off, with what was packed until then; again takes in what was
        packed meanwhile. Refuses with `InvalidManifest`, `ManifestEmpty`."""
        if not self._couriers.knows(carrier) or not is_code(warehouse):
            raise InvalidManifest("no such carrier or warehouse", errors=[FieldError("/carrier", "one that we have")])
        manifest = await self._of(carrier, warehouse, cutoff_at)
        if manifest is None:
            if not await self._packed(carrier, warehouse, cutoff_at, 1):
                raise ManifestEmpty("nothing is packed for this carrier")
            fresh = Manifest(new_id("man"), carrier, warehouse, cutoff_at, self._clock.now())
            try:
                manifest = await self._kept.insert(fresh)
            except AlreadyExists:
                manifest = await self._of(carrier, warehouse, cutoff_at) or fresh
        return await self._called_for(await self._filled(manifest)) if manifest.state == OPEN else manifest

    async def _called_for(self, manifest: Manifest) -> Manifest:
        """With a courier asked for; one that is away is asked when it is gathered again."""
        if manifest.courier or not (courier := await self._couriers.called(manifest)):
            return manifest
        where = {"_id": manifest.id, "courier": _UNSET}
        return await self._kept.change(where, {"$set": {"courier": courier}}) or await self.get(manifest.id)

    async def _of(self, carrier: str, warehouse: str, cutoff_at: datetime) -> Manifest | None:
        return await self._kept.one({"carrier": carrier, "warehouse": warehouse, "cutoff_at": cutoff_at})

    async def _packed(self, carrier: str, warehouse: str, cutoff_at: datetime, most: int) -> list[Shipment]:
        where = {
            "carrier": carrier,
            "state": PACKED,
            "warehouse": warehouse,
            "return_id": "",
            "manifest": _UNSET,
            "packed_at": {"$lte": cutoff_at},
        }
        return await self._parcels.find(where, limit=most)

    async def _filled(self, manifest: Manifest) -> Manifest:
        """With what is packed and on no manifest. First the list says what may be on it, then each parcel that it is."""
        room = MOST_PARCELS - len(manifest.parcels)
        found = await self._packed(manifest.carrier, manifest.warehouse, manifest.cutoff_at, max(1, room))
        keys = [one.id for one in found][:room]
        if not keys:
            return manifest
        listed = {"$addToSet": {"parcels": {"$each": keys}}}
        filled = await self._kept.change({"_id": manifest.id, "state": OPEN}, listed)
        if filled is None:
            return await self.get(manifest.id)  # closed meanwhile
        await self._parcels.change_many(
            [
                Change({"_id": key, "state": PACKED, "manifest": _UNSET}, {"$set": {"manifest": manifest.id}})
                for key in keys
            ]
        )
        now = await self.get(manifest.id)
        if now.state == CLOSED:  # meanwhile: who came too late is free for the next one
            await self._let_go(now, keys)
        return now

    async def _let_go(self, manifest: Manifest, keys: Sequence[str]) -> None:
        for key in keys:
            where = {"_id": key, "state": PACKED, "manifest": manifest.id}
            await self._parcels.change(where, {"$set": {"manifest": ""}})

    async def get(self, key: str, carrier: str = "") -> Manifest:
        """One; to a carrier only its own. Refuses with `ManifestNotFound`."""
        found = await self._kept.get(key) if is_id(key) else None
        if found is None or (carrier and (found.carrier != carrier or found.state != CLOSED)):
            raise ManifestNotFound("there is no such manifest")
        return found

    async def page(self, carrier: str, state: str, limit: int, cursor: str) -> tuple[list[Manifest], str]:
        """A page, newest first."""
        where: dict[str, Any] = {"carrier": carrier} if carrier else {}
        return await self._kept.page(where | ({"state": state} if state else {}), limit, cursor)

    async def close(self, key: str, by: str) -> Manifest:
        """The carrier takes its parcels over: they are shipped, as many at once as are soon done, the rest by the chore;
        again changes nothing. Refuses with `ManifestNotFound`."""
        closing = {"$set": {"state": CLOSING, "closed_by": by}}
        manifest = await self._kept.change({"_id": key, "state": OPEN}, closing) or await self.get(key)
        return await self._go_on(manifest, _AT_ONCE) if manifest.state == CLOSING else manifest

    async def go_on(self) -> None:
        """Goes on with those that are being closed; a chore."""
        for manifest in await self._kept.find({"state": CLOSING}, limit=20):
            await self._go_on(manifest, MOST_PARCELS)

    async def _go_on(self, manifest: Manifest, most: int) -> Manifest:
        known = await self._parcels.get_many(manifest.parcels)
        mine = [one for one in known.values() if one.manifest == manifest.id]
        refused: dict[str, str] = {}
        waiting = [one for one in mine if one.state == PACKED]
        for parcel in waiting[:most]:
            try:
                await self._shipments.ship(parcel.id, manifest.closed_by)
            except Refused as no:
                refused[parcel.id] = no.reason.lower()
        if len(waiting) > most:
            return manifest
        return await self._ended(manifest, refused)

    async def _ended(self, manifest: Manifest, refused: Mapping[str, str]) -> Manifest:
        """What became of each, read off the parcels themselves. Who was left out can be on the next one."""
        known = await self._parcels.get_many(manifest.parcels)
        mine = [one for key in manifest.parcels if (one := known.get(key)) and one.manifest == manifest.id]
        if any(one.state == PACKED and one.id not in refused for one in mine):
            return manifest  # a late one: the chore comes back
        manifest.rows = [_row(one, refused) for one in mine]
        try:
            manifest.number = await self._couriers.told(manifest)
        except Unavailable as away:
            log.info("%s is not told of %s now: %s", manifest.carrier, manifest.id, away.reason)
            return manifest  # they have left; it is closed when the chore has told the carrier
        manifest.state, manifest.closed_at = CLOSED, self._clock.now()
        said = {"rows": encode(manifest.rows), "state": CLOSED, "closed_at": manifest.closed_at}
        said["number"] = manifest.number
        event = manifest_closed(manifest, manifest.closed_at)
        where = {"_id": manifest.id, "state": CLOSING}
        ended = await self._kept.change(where, {"$set": said}, event)
        if ended is None:
            return await self.get(manifest.id)
        await self._let_go(ended, [one.id for one in mine if one.state == PACKED])
        return ended


def _row(parcel: Shipment, refused: Mapping[str, str]) -> Row:
    left = parcel.state in (SHIPPED, DELIVERED)
    why = "" if left else refused.get(parcel.id, parcel.state) if parcel.state == PACKED else parcel.state
    collects = parcel.part == 1
    return Row(
        parcel.id,
        parcel.waybill,
        parcel.packed_weight_g or parcel.weight_g,
        parcel.pieces,
        parcel.collect_minor if collects else 0,
        parcel.collect_currency if collects else "",
        why,
    )
