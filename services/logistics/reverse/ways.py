"""This is where a parcel that comes back is followed: booked, missed, called off, on its way, there, on the bench."""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, WrongState
from services.kit.store import Store
from services.logistics.regions import Region
from services.logistics.shipments import CANCELLED as STOPPED
from services.logistics.shipments import WAITING, Shipment
from services.logistics.tracking import LABEL_CREATED
from services.logistics.words import is_id, is_waybill

from .told import pickup_changed, received
from .windows import Windows

BOOKED, MISSED, CANCELLED, MOVING, ARRIVED, RECEIVED = "booked", "missed", "cancelled", "moving", "arrived", "received"
STATES = (BOOKED, MISSED, CANCELLED, MOVING, ARRIVED, RECEIVED)
_OPEN = (BOOKED, MISSED)
_NOT_MOVED = (LABEL_CREATED, "unknown", "cancelled")
_GRACE = timedelta(hours=2)  # a carrier's scan may come later than the carrier
_AT_ONCE = 100


class ReturnParcelNotFound(NotFound):
    """No parcel is booked for this return, or there is no such waybill."""


class ReturnParcelLeft(WrongState):
    """Its carrier has it."""


class ReturnParcelCancelled(WrongState):
    """It was called off; another may have been booked."""


class PickupNotOpen(WrongState):
    """Nobody is to come for it any more."""


class InvalidReturnState(Invalid):
    """No state of a parcel that comes back."""


@dataclass
class Way:
    """The way back of a return, which is its id. `revision`: of the news it was last moved by."""

    id: str
    order_id: str
    shipment_id: str
    waybill: str
    carrier: str
    warehouse: str
    kind: str
    window: str
    region: Region
    changed_at: datetime
    state: str = BOOKED
    ends_at: datetime | None = None  # of a pickup's window
    revision: int = 0
    received_by: str = ""
    version: int = 0
    past: list[str] = field(default_factory=list)  # waybills that were called off


class Ways:
    """Follows them."""

    def __init__(self, kept: Store[Way], shipments: Store[Shipment], windows: Windows, clock: Clock) -> None:
        self._kept, self._shipments, self._windows, self._clock = kept, shipments, windows, clock

    async def get(self, return_id: str) -> Way:
        """Refuses with RETURN_PARCEL_NOT_FOUND."""
        found = await self._kept.get(return_id) if is_id(return_id) else None
        if found is None:
            raise ReturnParcelNotFound("no parcel is booked for this return")
        return found

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Way], str]:
        """Oldest return first."""
        if state and state not in STATES:
            raise InvalidReturnState("no such state", errors=[FieldError("/state", f"one of {', '.join(STATES)}")])
        where = {"state": state} if state else {}
        return await self._kept.page(where, limit, cursor, newest_first=False)

    async def begin(self, made: Shipment, kind: str, window: str, ends_at: datetime | None) -> None:
        """Follows a parcel from its booking on; again changes nothing, another waybill begins anew."""
        way = Way(
            made.return_id,
            made.order_id,
            made.id,
            made.waybill,
            made.carrier,
            made.warehouse,
            kind,
            window,
            made.region,
            self._clock.now(),
            ends_at=ends_at,
        )
        try:
            await self._kept.insert(way)
        except AlreadyExists:
            before = await self._kept.get(way.id)
            if before and before.waybill != way.waybill and before.state == CANCELLED:
                way.version, way.past = before.version, [*before.past, before.waybill]
                await self._kept.save(way)

    async def rebook(self, return_id: str, window: str) -> Way:
        """Another window; the same again changes nothing. Refuses with RETURN_PARCEL_NOT_FOUND, PICKUP_NOT_OPEN and what
        windows refuse with."""
        way = await self.get(return_id)
        if way.kind != "pickup" or way.state not in _OPEN:
            raise PickupNotOpen(f"it is {way.state}", state=way.state)
        if way.window == window and way.state == BOOKED:
            return way
        ends = await self._windows.take(way.region, window, return_id)
        way.ends_at, old, way.window = ends, way.window, window
        where = {"_id": way.id, "version": way.version, "state": way.state}
        update = {"$set": {"window": window, "ends_at": ends, "state": BOOKED, "changed_at": self._clock.now()}}
        told = pickup_changed(way, "rebooked", self._clock.now())
        changed = await self._kept.change(where, update, told)
        if changed is None:  # it was fetched, called off or booked for another time meanwhile
            now = await self.get(return_id)
            if now.window != window:
                await self._windows.give_back(way.region, window, return_id)
            return await self.rebook(return_id, window) if now.state in _OPEN else now
        if old != window:
            await self._windows.give_back(way.region, old, return_id)
        return changed

    async def cancel(self, return_id: str) -> Way:
        """Calls it off. The parcel itself decides between this and its carrier's first scan. Refuses with
        RETURN_PARCEL_NOT_FOUND, RETURN_PARCEL_LEFT."""
        way = await self.get(return_id)
        if way.state == CANCELLED:
            return way
        where = {"_id": way.shipment_id, "state": {"$in": list(WAITING)}, "tracking_state": {"$in": list(_NOT_MOVED)}}
        if await self._shipments.change(where, {"$set": {"state": STOPPED, "uncounted": True}}) is None:
            parcel = await self._shipments.get(way.shipment_id)
            if parcel is None or parcel.state != STOPPED:
                raise ReturnParcelLeft("its carrier has it")
        now = self._clock.now()
        gone = {"$set": {"state": CANCELLED, "changed_at": now}}
        same = {"_id": way.id, "waybill": way.waybill, "state": {"$ne": CANCELLED}}
        changed = await self._kept.change(same, gone, pickup_changed(way, CANCELLED, now))
        await self._windows.give_back(way.region, way.window, return_id)
        return changed or await self.get(return_id)

    async def not_wanted(self, return_id: str) -> None:
        """Its return was called off: nobody is to come for it."""
        with contextlib.suppress(ReturnParcelNotFound, ReturnParcelLeft):
            await self.cancel(return_id)

    async def receive(self, waybill: str, by: str) -> Way:
        """Staff have it. Refuses with RETURN_PARCEL_NOT_FOUND, RETURN_PARCEL_CANCELLED."""
        way = await self._kept.one({"waybill": waybill}) if is_waybill(waybill) else None
        if way is None:
            raise ReturnParcelNotFound("there is no such waybill among what comes back")
        if way.state == CANCELLED:
            raise ReturnParcelCancelled("it was called off", return_id=way.id)
        now = self._clock.now()
        where = {"_id": way.id, "waybill": waybill, "state": {"$nin": [CANCELLED, RECEIVED]}}
        update = {"$set": {"state": RECEIVED, "received_by": by, "changed_at": now}}
        return await self._kept.change(where, update, received(way, now)) or await self.get(way.id)

    async def moved(self, return_id: str, waybill: str, state: str, revision: int) -> None:
        """Its carrier said something; older news change nothing."""
        if state in _NOT_MOVED:
            return
        where = {
            "_id": return_id,
            "waybill": waybill,
            "state": {"$nin": [CANCELLED, RECEIVED]},
            "revision": {"$lt": revision},
        }
        said = {
            "state": ARRIVED if state == "delivered" else MOVING,
            "revision": revision,
            "changed_at": self._clock.now(),
        }
        await self._kept.change(where, {"$set": said})

    async def miss(self) -> None:
        """Pickups whose window is over and that no carrier has scanned are missed; a chore."""
        now = self._clock.now()
        late = {"state": BOOKED, "ends_at": {"$lt": now - _GRACE}}
        for way in await self._kept.find(late, [("ends_at", 1)], _AT_ONCE):
            where = {"_id": way.id, "state": BOOKED, "ends_at": way.ends_at}
            update = {"$set": {"state": MISSED, "changed_at": now}}
            await self._kept.change(where, update, pickup_changed(way, MISSED, now))
