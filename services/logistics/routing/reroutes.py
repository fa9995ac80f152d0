"""This is where a parcel comes to leave from another warehouse: claimed, its goods taken elsewhere, written down; once.

The claim stands in the parcel: while it is `busy` it is neither packed nor stopped. catalog moves the goods once a claim
and answers from where, so that whoever goes on after a crash ends where the first one did.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.ids import new_id
from services.kit.store import Store, encode
from services.logistics.allocation import Choice
from services.logistics.messages.told import shipment_exception, shipment_rerouted
from services.logistics.moving import FOUND, REASONS, BeingAllocated, Moving, Route, settled
from services.logistics.outgoing import Outgoing
from services.logistics.shelves import Shelf, Shelves, WarehouseShort
from services.logistics.shipments import (
    EXCEPTION,
    PLANNED,
    IllegalTransition,
    Shipment,
    Shipments,
)
from services.logistics.warehouses import Warehouses
from services.logistics.words import is_code, is_text

log = logging.getLogger(__name__)
_CHOICES = 5
_LEASE = timedelta(seconds=30)  # longer than all calls of one try together may take
_AT_ONCE = 50
_MOST_ROUTES = 50
_SOUND = "sound"


class InvalidReroute(Invalid):
    """Not a reroute as it is described."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff want: the parcel leaves no longer from `was`, but from `to`, or from the best when that is empty."""

    was: str
    reason: str
    to: str
    note: str
    by: str


@dataclass(frozen=True)
class Reroutes:
    """Moves parcels from a warehouse that fails them to one that does not."""

    kept: Store[Shipment]
    shipments: Shipments
    outgoing: Outgoing
    warehouses: Warehouses
    shelves: Shelves
    clock: Clock

    async def reroute(self, key: str, wish: Wish) -> Shipment:
        """The parcel as it is then: planned elsewhere, or an exception that is tried again.

        Refuses with `ShipmentNotFound`, `InvalidReroute`, `IllegalTransition`, `BeingAllocated`.
        """
        await self._checked(wish)
        shipment = await self.shipments.get(key)
        if shipment.warehouse != wish.was:
            if shipment.routes and shipment.routes[-1].was == wish.was:
                return shipment  # asked again
            raise IllegalTransition(f"it is to leave from {shipment.warehouse}", state=shipment.state)
        claimed = await self._claimed(shipment, wish)
        return await self._driven(claimed)

    async def again(self) -> None:
        """Goes on with what broke off, and tries once more what no warehouse had; a chore."""
        overdue = {"moving.until": {"$lte": self.clock.now()}}
        for shipment in await self.kept.find(overdue, [("moving.until", 1)], _AT_ONCE):
            if claimed := await self._leased(shipment):
                await self._driven(claimed)

    async def _checked(self, wish: Wish) -> None:
        known = await self.warehouses.all()
        wrong = {
            "/was": is_code(wish.was) or "the warehouse it is to leave from",
            "/reason": wish.reason in REASONS or f"one of {', '.join(REASONS)}",
            "/to": not wish.to
            or (wish.to in known and known[wish.to].open and wish.to != wish.was)
            or "another warehouse that is open",
            "/note": is_text(wish.note, 200) or "at most 200 printable characters",
        }
        errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
        if errors:
            raise InvalidReroute("this is no reroute", errors=errors)

    async def _claimed(self, shipment: Shipment, wish: Wish) -> Shipment:
        settled(shipment.moving)
        if shipment.moving:  # no warehouse had it: it is tried at once, where staff now want it
            if leased := await self._leased(shipment, wish.to):
                return leased
            raise BeingAllocated("somebody is at it")
        if shipment.state != PLANNED or shipment.return_id or len(shipment.routes) >= _MOST_ROUTES:
            raise IllegalTransition(f"a {shipment.state} shipment cannot be rerouted", state=shipment.state)
        now = self.clock.now()
        claim = Moving(wish.reason, wish.to, wish.by, wish.note, now, True, now + _LEASE, new_id("")[-12:])
        where = {"_id": shipment.id, "state": PLANNED, "warehouse": wish.was, "moving": None}
        update = {"$set": {"moving": encode(claim)}, "$inc": {"turn": 1}}
        if claimed := await self.kept.change(where, update):
            return claimed
        now_is = await self.shipments.get(shipment.id)
        settled(now_is.moving)
        raise IllegalTransition(f"a {now_is.state} shipment cannot be rerouted", state=now_is.state)

    async def _leased(self, shipment: Shipment, to: str | None = None) -> Shipment | None:
        """Claimed anew by this call, unless somebody was quicker."""
        if shipment.moving is None:
            return None
        where = {**self._mine(shipment), "state": {"$in": [PLANNED, EXCEPTION]}}
        new = {"moving.busy": True, "moving.until": self.clock.now() + _LEASE, "moving.token": new_id("")[-12:]}
        return await self.kept.change(where, {"$set": new if to is None else new | {"moving.to": to}})

    async def _driven(self, shipment: Shipment) -> Shipment:
        moving, request = shipment.moving, f"{shipment.id}.{shipment.turn}"
        if moving is None:
            return shipment
        found = FOUND[moving.reason]
        if found != _SOUND and not moving.lost:
            # It is written off first: whatever comes then, it is not put back on the shelf.
            await self.shelves.move(f"{request}.off", shipment, found, "", moving.by)
            kept = await self.kept.change(self._mine(shipment), {"$set": {"moving.lost": True}})
            if kept is None:
                return await self.shipments.get(shipment.id)
        choice, to = await self._taken(shipment, request, _SOUND if found == _SOUND else "")
        return await (self._finished(shipment, choice, to) if to else self._left(shipment, choice))

    def _mine(self, shipment: Shipment) -> dict[str, object]:
        token = shipment.moving.token if shipment.moving else ""
        return {"_id": shipment.id, "turn": shipment.turn, "moving.token": token}

    async def _taken(self, shipment: Shipment, request: str, found: str) -> tuple[Choice, str]:
        """The choice made and the warehouse its goods are taken from; none when no other has them."""
        short: dict[str, set[str]] = {}
        choice = Choice([], [])
        for _ in range(_CHOICES):
            choice = await self._chosen(shipment, short)
            if not choice.parts:
                break
            to = choice.parts[0][0]
            try:
                return choice, await self.shelves.move(request, shipment, found, to, _who(shipment))
            except WarehouseShort as refusal:
                short.setdefault(to, set()).add(refusal.sku)
        # A try that broke off may have taken it: catalog tells.
        return choice, await self.shelves.move(request, shipment, "", "", _who(shipment))

    async def _chosen(self, shipment: Shipment, short: Mapping[str, set[str]]) -> Choice:
        """The best of the other warehouses, or the one that staff want, if it has everything."""
        to, known = shipment.moving.to if shipment.moving else "", await self.warehouses.all()
        able = {code for code in known if code != shipment.warehouse and to in ("", code)}
        others = {code: one if code in able else replace(one, open=False) for code, one in known.items()}
        shelf = await self.shelves.stock([line.sku for line in shipment.lines])
        there = {code: units for code, units in shelf.units.items() if code in able}
        return await self.outgoing.routed(shipment, others, Shelf(there, shelf.classes), short, most=1)

    async def _finished(self, shipment: Shipment, choice: Choice, to: str) -> Shipment:
        known, moving, now = await self.warehouses.all(), shipment.moving, self.clock.now()
        if moving is None:
            return shipment
        reasons = list(choice.reasons)
        if not choice.parts or choice.parts[0][0] != to:
            reasons = [f"{to}: chosen; taken from there before", *reasons]
        route = Route(shipment.warehouse, to, moving.reason, moving.by, moving.note, now, reasons)
        # What leaves later than it was paid for leaves from now on.
        shipment.deliver_by = self.outgoing.due(replace(shipment, paid_at=now), known.get(to))
        values = {
            "state": PLANNED,
            "warehouse": to,
            "origin": encode(known[to].region if to in known else shipment.origin),
            "reasons": reasons,
            "deliver_by": shipment.deliver_by,
            "moving": None,
            "uncounted": True,
        }
        update = {"$set": values, "$push": {"routes": encode(route)}}
        done = await self.kept.change(self._mine(shipment), update, shipment_rerouted(shipment, route))
        return done or await self.shipments.get(shipment.id)

    async def _left(self, shipment: Shipment, choice: Choice) -> Shipment:
        """No other warehouse has it: it waits for goods, or for staff."""
        was, shipment.reasons = shipment.state, list(choice.reasons)
        values = {
            "state": EXCEPTION,
            "reasons": shipment.reasons,
            "moving.busy": False,
            "moving.until": self.clock.now() + _LEASE,
            "uncounted": True,
        }
        events = [shipment_exception(shipment, self.clock.now())] if was != EXCEPTION else []
        left = await self.kept.change(self._mine(shipment), {"$set": values}, *events)
        if left and events:
            log.warning("shipment %s can leave from nowhere else: %s", shipment.id, "; ".join(shipment.reasons))
        return left or await self.shipments.get(shipment.id)


def _who(shipment: Shipment) -> str:
    return shipment.moving.by if shipment.moving else ""
