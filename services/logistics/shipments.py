"""This is where a parcel goes from the shelf to the carrier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.store import CursorInvalid, Store, decode_cursor, encode_cursor

from .bringing import Bringing
from .estimates import Estimating
from .messages.told import shipment_packed, shipment_shipped
from .moving import Moving, Route, settled
from .numbering import ids_of, shipment_id
from .onfloor import FREE, OnFloor
from .regions import Region
from .tracking import ENDS, LABEL_CREATED, Scan
from .underway import WATCHED, UnderWay
from .watched import Watched
from .words import InvalidPage, is_id, page_limit, tidied

PLANNED, PACKED, SHIPPED, DELIVERED = "planned", "packed", "shipped", "delivered"
CANCELLED, EXCEPTION, STOPPED = "cancelled", "exception", "stopped"  # the last: stopped before it was planned
STATES = (PLANNED, PACKED, SHIPPED, DELIVERED, CANCELLED, EXCEPTION)
WAITING = (PLANNED, PACKED)
# An order's parcels stop together or not at all: the gate in the order's first parcel decides, in one document.
OPEN, LEFT, SHUT = "open", "left", "shut"
_TRIES = 10


@dataclass
class Line:
    """So many of a SKU; `weight_g` is that of one, `worth_minor` what was paid for one, in the parcel's currency."""

    sku: str
    title: str
    quantity: int
    weight_g: int = 0
    worth_minor: int = 0


@dataclass
class Shipment(OnFloor, Watched, UnderWay):
    """A parcel: `part` of the `parts` its order is sent in. The address is sealed for the order's id.

    `taken` tells that catalog has taken the goods off the shelf, or may just be doing so; `given_back` that they are to go
    back there.
    """

    id: str
    order_id: str
    state: str
    created_at: datetime
    part: int = 1
    parts: int = 1
    gate: str = OPEN
    warehouse: str = ""
    reasons: list[str] = field(default_factory=list)
    carrier: str = ""
    waybill: str = ""
    lines: list[Line] = field(default_factory=list)
    region: Region = field(default_factory=Region)
    sealed_address: bytes = b""
    paid_at: datetime | None = None
    promise_days: int = 0  # from the warehouse to the door
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    handed_at: datetime | None = None  # staff say they handed it over
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    packed_by: str = ""
    shipped_by: str = ""
    tracking_state: str = LABEL_CREATED
    revision: int = 0
    scans: list[Scan] = field(default_factory=list)
    taken: bool = False
    given_back: bool = False
    held: bool = False  # in the first parcel: the order is held, none of its parcels is packed or leaves
    hold_turn: int = 0
    currency: str = ""
    priority: int = 0  # 1 is picked first, 9 last
    turn: int = 0  # how often it was to leave from another warehouse
    moving: Moving | None = None  # and is just now
    routes: list[Route] = field(default_factory=list)
    collect_minor: int = 0  # what the courier is paid at the door, in `collect_currency`
    collect_currency: str = ""
    return_id: str = ""  # what comes back in it: it goes to the warehouse, from the customer
    address_revision: int = 0  # how often the address was repaired
    own: Bringing = field(default_factory=Bringing)
    restocked_at: datetime | None = None  # nobody took it: its goods are in the warehouse again
    restocked_by: str = ""
    version: int = 0

    @property
    def weight_g(self) -> int:
        """Grams, of all that is in it."""
        return sum(line.quantity * line.weight_g for line in self.lines)

    @property
    def pieces(self) -> int:
        """Units in it."""
        return sum(line.quantity for line in self.lines)


class ShipmentNotFound(NotFound):
    """There is no such shipment."""


class IllegalTransition(WrongState):
    """A shipment in this state cannot go there."""


class ShipmentHeld(WrongState):
    """Its order is held: something is to be cleared first."""


class InvalidState(Invalid):
    """No state of a shipment."""


class Shipments:
    """The parcels."""

    def __init__(self, kept: Store[Shipment], clock: Clock, estimates: Estimating) -> None:
        self._kept, self._clock, self._estimates = kept, clock, estimates

    async def get(self, key: str) -> Shipment:
        """One parcel. Refuses with `ShipmentNotFound`."""
        found = await self._kept.get(key) if is_id(key) else None
        if found is None or found.state == STOPPED:
            raise ShipmentNotFound("there is no such shipment")
        return found

    async def of_order(self, order_id: str, state: str = "") -> list[Shipment]:
        """An order's parcels, the first first."""
        found = await self._kept.get_many(ids_of(order_id)) if is_id(order_id) else {}
        parcels = [one for one in found.values() if one.state != STOPPED and state in ("", one.state)]
        return sorted(parcels, key=lambda one: one.part)

    async def page(self, where: Mapping[str, Any], limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """A page of those that fit, oldest first, and the next one's cursor. Refuses with `InvalidPage`."""
        most = page_limit(limit)
        after: Mapping[str, Any] = {}
        if cursor:
            try:
                after = {"_id": {"$gt": str(decode_cursor(cursor, 1)[0])}}
            except CursorInvalid as wrong:
                raise InvalidPage(wrong.detail, errors=[FieldError("/page/cursor", "not of this list")]) from wrong
        found = await self._kept.find({**where, **after}, limit=most + 1)
        return found[:most], encode_cursor(found[most - 1].id) if len(found) > most else ""

    async def listed(self, state: str, limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """A page for staff."""
        return await self.page({"state": state} if state else {"state": {"$ne": STOPPED}}, limit, cursor)

    async def pack(self, key: str, by: str, more: Mapping[str, Any] | None = None) -> Shipment:
        """The goods are in the box; again changes nothing. Refuses with `IllegalTransition`, `ShipmentSetAside`."""
        shipment = await self.get(key)
        if shipment.state != PLANNED:
            if shipment.state == PACKED:
                return shipment
            raise IllegalTransition(f"a {shipment.state} shipment cannot be packed", state=shipment.state)
        await self._not_held(shipment)
        settled(shipment.moving)
        shipment.demand_free()
        event = shipment_packed(shipment, now := self._clock.now())
        where = {"_id": key, "state": PLANNED, "held": {"$ne": True}, "moving": None, **FREE}
        said = {"state": PACKED, "packed_by": tidied(by, 64), "packed_at": now, "uncounted": True, **(more or {})}
        packed = await self._kept.change(where, {"$set": said}, event)
        return packed or await self.pack(key, by, more)  # somebody was quicker: look again

    async def ship(self, key: str, by: str) -> Shipment:
        """Handed to the carrier; again changes nothing. Refuses with `IllegalTransition`."""
        for _ in range(_TRIES):
            shipment = await self.get(key)
            if shipment.state in (SHIPPED, DELIVERED):
                return shipment
            await self._not_held(shipment)
            if shipment.state != PACKED or not await self.may_leave(shipment):
                raise IllegalTransition(f"a {shipment.state} shipment cannot be shipped", state=shipment.state)
            shipment.state, shipment.shipped_by, shipment.uncounted = SHIPPED, tidied(by, 64), True
            shipment.handed_at = shipment.shipped_at = self._clock.now()
            self.leaves(shipment)
            try:
                return await self._kept.save(shipment, shipment_shipped(shipment))
            except VersionMismatch:
                continue
        raise Conflict("this shipment keeps changing")

    def leaves(self, shipment: Shipment) -> None:
        """It is under way from `shipped_at` on: from then on it is watched, and expected."""
        shipment.heard_at = shipment.heard_at or shipment.shipped_at
        shipment.watch = "" if shipment.tracking_state in ENDS else WATCHED
        if shipment.shipped_at and not shipment.return_id:
            shipment.expected = self._estimates.expect(
                shipment.carrier, shipment.origin, shipment.region, shipment.shipped_at
            )

    async def may_leave(self, shipment: Shipment, *, even_held: bool = False) -> bool:
        """Passes the order's gate. In the first parcel it is passed by the very save that ships it. `even_held`: a carrier
        says that it has it already."""
        if shipment.moving and shipment.moving.busy:
            return False  # the carrier has it too early: what it scans next lets it go
        if shipment.part == 1:
            passed = shipment.gate != SHUT
            shipment.gate = LEFT if passed else SHUT
            return passed
        anchor = {"_id": shipment_id(shipment.order_id, 1), "gate": {"$ne": SHUT}}
        unheld = {} if even_held else {"held": {"$ne": True}}
        return await self._kept.change({**anchor, **unheld}, {"$set": {"gate": LEFT}}) is not None

    async def _not_held(self, shipment: Shipment) -> None:
        first = shipment if shipment.part == 1 else await self._kept.get(shipment_id(shipment.order_id, 1))
        if first and first.held:
            raise ShipmentHeld("its order is held: see why it is, and let it go first", order_id=shipment.order_id)


def state_named(state: str) -> str:
    """The state itself; empty for all. Refuses with `InvalidState`."""
    if state and state not in STATES:
        raise InvalidState("no such state", errors=[FieldError("/state", "not a state of a shipment")])
    return state
