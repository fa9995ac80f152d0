"""This is where the delivery clock runs: a parcel that is not at the door when it should be is told of, once."""

from datetime import timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.store import Store
from services.logistics.messages.told import shipment_late
from services.logistics.shipments import PACKED, PLANNED, SHIPPED, Shipment

from .measures import LATE, LOST

_AT_ONCE = 200
_MOST_TURNS = 10
_UNDER_WAY = (PLANNED, PACKED, SHIPPED)


class Lateness:
    """Looks for parcels whose promise is broken. Every step is one conditional write, so replicas and kills tell once."""

    def __init__(self, kept: Store[Shipment], lost_after: timedelta, clock: Clock) -> None:
        self._kept, self._lost_after, self._clock = kept, lost_after, clock

    async def strike(self) -> int:
        """A chore: tells of what is late, and counts as lost what is so for long; how many that were."""
        now = self._clock.now()
        late = {"overdue": "", "state": {"$in": list(_UNDER_WAY)}, "deliver_by": {"$lte": now}, "return_id": ""}
        gone = {"overdue": LATE, "state": SHIPPED, "deliver_by": {"$lte": now - self._lost_after}}
        return await self._each(late, LATE) + await self._each(gone, LOST)

    async def _each(self, where: dict[str, Any], overdue: str) -> int:
        done = 0
        for _ in range(_MOST_TURNS):
            found = await self._kept.find(where, sort=[("deliver_by", 1)], limit=_AT_ONCE)
            for parcel in found:
                done += await self._mark(parcel, overdue)
            if len(found) < _AT_ONCE:
                break
        return done

    async def _mark(self, parcel: Shipment, overdue: str) -> bool:
        still = {"_id": parcel.id, "overdue": parcel.overdue, "state": parcel.state}
        events = [shipment_late(parcel, self._clock.now())] if overdue == LATE else []
        marked = await self._kept.change(still, {"$set": {"overdue": overdue, "uncounted": True}}, *events)
        return marked is not None
