"""This is where the fleet meets parcels: which wait to be brought, whose route one is on, when it is awaited and where."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.kit.errors import FieldError, Invalid, WrongState
from services.kit.store import Store
from services.logistics.labels import Labels
from services.logistics.numbering import shipment_id
from services.logistics.shipments import DELIVERED, WAITING, Shipment, Shipments

from .carrier import OWN_FLEET
from .geography import EXACT, Position, is_position, placed
from .plan import MOST_STOPS, PlannedStop

_LONGEST_WINDOW = timedelta(hours=16)


class InvalidDelivery(Invalid):
    """Not a window or a place."""


class OnTheWay(WrongState):
    """A route brings it already."""


class Parcels:
    """The parcels our own riders bring. A parcel is on one route at most: `route_id` is set by one conditional write."""

    def __init__(self, kept: Store[Shipment], shipments: Shipments, labels: Labels) -> None:
        self._kept, self._shipments, self.address_of = kept, shipments, labels.address

    async def waiting(self, depot: str, replaces: Sequence[str], until: datetime) -> tuple[list[Shipment], bool]:
        """What a depot is to bring before `until` and no route brings (but the ones to be replaced), what was tried
        already first, then by priority; and whether there is more than a plan takes."""
        free = {"$in": ["", None, *replaces]}
        once_more = {"own.again": True, "warehouse": depot, "own.route_id": free}
        fresh = {"carrier": OWN_FLEET, "warehouse": depot, "state": {"$in": list(WAITING)}, "own.route_id": free}
        found = await self._kept.find(once_more, limit=MOST_STOPS + 1)
        known = {one.id for one in found}
        found += [one for one in await self._kept.find(fresh, limit=3 * MOST_STOPS) if one.id not in known]
        due = [
            one for one in found if not one.return_id and (one.own.window_from is None or one.own.window_from < until)
        ]
        due.sort(key=lambda one: (not one.own.again, one.priority or 9, one.id))
        return due[:MOST_STOPS], len(due) > MOST_STOPS

    async def held(self, parcels: Sequence[Shipment]) -> set[str]:
        """Those whose order is held."""
        firsts = {one.order_id: shipment_id(one.order_id, 1) for one in parcels}
        found = await self._kept.get_many(list(firsts.values()))
        return {one.id for one in parcels if (first := found.get(firsts[one.order_id])) and first.held}

    async def many(self, keys: Sequence[str]) -> dict[str, Shipment]:
        """By id."""
        return await self._kept.get_many(keys)

    async def take(self, stop: PlannedStop, route_id: str) -> bool:
        """Puts it on a route, unless another has it, it is over, or it is awaited in another window by now; again answers
        the same."""
        where = {"_id": stop.shipment_id, "own.route_id": {"$in": ["", None, route_id]}}
        waits = {"$or": [{"state": {"$in": list(WAITING)}}, {"own.again": True}]}
        as_planned = {"own.window_from": stop.awaited_from}
        update = {"$set": {"own.route_id": route_id}}
        return await self._kept.change({**where, **waits, **as_planned}, update) is not None

    async def free(self, key: str, route_id: str) -> None:
        """Takes it off this route, if it is on it."""
        await self._kept.change({"_id": key, "own.route_id": route_id}, {"$set": {"own.route_id": ""}})

    async def back(self, key: str, route_id: str, attempts: int, *, again: bool) -> None:
        """It is at the depot again after so many attempts."""
        update = {"own.route_id": "", "own.attempts": attempts, "own.again": again}
        await self._kept.change({"_id": key, "own.route_id": route_id}, {"$set": update})

    async def load(self, key: str, by: str) -> None:
        """It leaves. Refuses as `Shipments.ship` does, unless it has left before."""
        await self._shipments.ship(key, by)
        await self._kept.change({"_id": key, "own.again": True}, {"$set": {"own.again": False}})

    async def await_at(
        self, key: str, position: Position | None, since: datetime | None, until: datetime | None
    ) -> Shipment:
        """Says where exactly and when it is awaited; None leaves what is known. Refuses with `InvalidDelivery`,
        `SHIPMENT_NOT_FOUND`, `OnTheWay`."""
        update: dict[str, object] = {}
        if position:
            if not is_position(position.lat, position.lng):
                raise InvalidDelivery("no such place", errors=[FieldError("/position", "degrees on this earth")])
            update["own.position"] = [position.lat, position.lng]
        if since or until:
            if not since or not until or not timedelta(0) < until - since <= _LONGEST_WINDOW:
                raise InvalidDelivery("no such window", errors=[FieldError("/window", "both ends, at most 16 hours")])
            update |= {"own.window_from": since, "own.window_until": until}
        shipment = await self._shipments.get(key)
        if not update:
            return shipment
        where = {"_id": key, "own.route_id": {"$in": ["", None]}, "state": {"$ne": DELIVERED}}
        changed = await self._kept.change(where, {"$set": update})
        if changed is None:
            raise OnTheWay("a route brings it already, or it is there", route_id=shipment.own.route_id)
        return changed


def place_of(parcel: Shipment) -> tuple[Position, str] | None:
    """Where it goes: exactly where somebody said so, else the centre of its district or city."""
    if len(parcel.own.position) == 2:
        return Position(*parcel.own.position), EXACT
    return placed(parcel.region)
