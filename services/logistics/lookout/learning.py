"""This is where it is learned how long parcels take, and measured how well that was estimated."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.kit.events import Told
from services.kit.store import Store
from services.logistics.estimates import DoorTimes, Estimates, lanes, step_of
from services.logistics.shipments import DELIVERED, Shipment

if TYPE_CHECKING:
    from shop.logistics.v1.events_pb2 import ParcelMoved

_DELIVERED = "delivered"
Add = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Adds numbers to a lane, made when there is none yet."""


class Learning:
    """Counts every delivered parcel once: marked first, so that one may be missed but none is counted twice."""

    def __init__(
        self,
        kept: Store[Shipment],
        known: Callable[[], Awaitable[list[DoorTimes]]],
        add: Add,
        estimates: Estimates,
        measured: Callable[[str, bool, float], None],
    ) -> None:
        self._kept, self._known, self._add = kept, known, add
        self._estimates, self._measured = estimates, measured

    async def read(self) -> None:
        """Estimates from what was counted until now; a chore."""
        self._estimates.learn(await self._known())

    async def on_parcels_moved(self, events: Sequence[tuple["ParcelMoved", Told]]) -> None:
        """Those that are at the door are counted."""
        for event, _ in events:
            if event.state == _DELIVERED:
                where = {"_id": event.shipment_id, "state": DELIVERED, "timed": {"$ne": True}}
                if one := await self._kept.change(where, {"$set": {"timed": True}}):
                    await self._count(one)

    async def _count(self, one: Shipment) -> None:
        if one.shipped_at is None or one.delivered_at is None or one.return_id:
            return
        took = one.delivered_at - one.shipped_at
        numbers: dict[str, Any] = {f"counts.{step_of(took)}": 1, "parcels": 1}
        if one.expected:
            hit = one.expected.from_at <= one.delivered_at <= one.expected.to_at
            error_h = _hours_apart(one.expected.middle_at, one.delivered_at)
            numbers |= {"estimated": 1, "hits": int(hit), "error_h": error_h}
            self._measured(one.carrier, hit, error_h)
        for lane in lanes(one.carrier, one.origin, one.region):
            await self._add(lane, numbers)


def _hours_apart(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds()) / 3600
