"""This is where an order's parcels are told when they are awaited, as long as no route brings them.

A change of the window is wished first (turn 2n − 1 of the n-th change), and settled once the order says so (turn 2n). A
wish that came to nothing is put back; an older word changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.kit.store import Store
from services.logistics.fleet.parcels import OnTheWay
from services.logistics.numbering import ids_of, shipment_id
from services.logistics.shipments import EXCEPTION, STOPPED, WAITING, Shipment
from services.logistics.stopping import order_of

_FREE: Mapping[str, Any] = {"own.route_id": {"$in": ["", None]}, "state": {"$in": [*WAITING, EXCEPTION]}}


class Awaiting:
    """Parcels with a window."""

    def __init__(self, kept: Store[Shipment]) -> None:
        self._kept = kept

    async def heard_of(self, order_id: str) -> bool:
        """Whether the order was planned, or stopped before that."""
        return await self._kept.get(shipment_id(order_of(order_id), 1)) is not None

    async def none_on_the_way(self, order_id: str) -> None:
        """Refuses with `OnTheWay`."""
        for parcel in await self._of(order_id):
            if parcel.own.route_id or parcel.own.again or parcel.state not in (*WAITING, EXCEPTION):
                raise OnTheWay("a rider brings it already, or it has left", route_id=parcel.own.route_id)

    async def wish(self, order_id: str, since: datetime, until: datetime, revision: int) -> None:
        """They would be awaited then. Refuses with `OnTheWay` when a route has just taken one."""
        turn = 2 * revision - 1
        for parcel in await self._of(order_id):
            older = {"own.window_turn": {"$not": {"$gt": turn}}}
            if not await self._changed(parcel.id, older, since, until, turn):
                now = await self._kept.get(parcel.id)
                if now and now.own.window_turn <= turn:
                    raise OnTheWay("a rider brings it already, or it has left", route_id=now.own.route_id)

    async def settle(self, order_id: str, since: datetime, until: datetime, revision: int) -> None:
        """They are awaited then."""
        turn = 2 * revision
        for parcel in await self._of(order_id):
            await self._changed(parcel.id, {"own.window_turn": {"$not": {"$gte": turn}}}, since, until, turn)

    async def put_back(self, order_id: str, since: datetime, until: datetime, revision: int) -> None:
        """What was wished did not come about: they are awaited as before."""
        turn = 2 * revision - 1
        for parcel in await self._of(order_id):
            await self._changed(parcel.id, {"own.window_turn": turn}, since, until, turn - 1)

    async def _of(self, order_id: str) -> list[Shipment]:
        found = await self._kept.get_many(ids_of(order_of(order_id)))
        return [parcel for parcel in found.values() if parcel.state != STOPPED]

    async def _changed(
        self, key: str, turn_is: Mapping[str, Any], since: datetime, until: datetime, turn: int
    ) -> Shipment | None:
        window = {"own.window_from": since, "own.window_until": until, "own.window_turn": turn, "deliver_by": until}
        return await self._kept.change({"_id": key, **_FREE, **turn_is}, {"$set": window})
