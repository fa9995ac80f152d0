"""This is where the delivery clock runs: a parcel that is not at the door when it should be is told of, once."""

from services.kit.clock import Clock
from services.kit.store import Store
from services.logistics.messages.told import shipment_late
from services.logistics.shipments import PACKED, PLANNED, SHIPPED, Shipment

from .measures import LATE

_AT_ONCE = 200
_MOST_TURNS = 10
_UNDER_WAY = (PLANNED, PACKED, SHIPPED)


class Lateness:
    """Looks for parcels whose promise is broken. Every step is one conditional write, so replicas and kills tell once."""

    def __init__(self, kept: Store[Shipment], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def strike(self) -> int:
        """A chore: tells of what is late; how many that were."""
        now, done = self._clock.now(), 0
        late = {"overdue": "", "state": {"$in": list(_UNDER_WAY)}, "deliver_by": {"$lte": now}, "return_id": ""}
        for _ in range(_MOST_TURNS):
            found = await self._kept.find(late, sort=[("deliver_by", 1)], limit=_AT_ONCE)
            for parcel in found:
                done += await self._mark(parcel)
            if len(found) < _AT_ONCE:
                break
        return done

    async def _mark(self, parcel: Shipment) -> bool:
        still = {"_id": parcel.id, "overdue": "", "state": parcel.state}
        said = {"$set": {"overdue": LATE, "uncounted": True}}
        return await self._kept.change(still, said, shipment_late(parcel, self._clock.now())) is not None
