"""This is where parcels that stand still are found: told as stuck, and as lost when nothing comes after that either."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.store import Store
from services.logistics.connections.connections import WATCHED_STATES, Connections
from services.logistics.messages.told import parcel_lost, parcel_stuck
from services.logistics.shipments import Shipment
from services.logistics.underway import LOST, STUCK, WATCHED
from services.logistics.words import page_limit

_AT_ONCE = 100
_LONGEST = (("heard_at", 1),)


class InvalidWatch(Invalid):
    """Not stuck, nor lost."""


class Standing:
    """Finds them. Each is told once a revision: what tells it also marks it, and a new state is watched anew."""

    def __init__(self, kept: Store[Shipment], connections: Connections, clock: Clock) -> None:
        self._kept, self._connections, self._clock = kept, connections, clock

    async def round(self) -> None:
        """Looks once over all carriers and states, by index; a chore. Several replicas may do it at once."""
        patience: dict[tuple[str, str, timedelta], list[str]] = defaultdict(list)  # most carriers have the usual
        for carrier, terms in (await self._connections.all()).items():
            for state in WATCHED_STATES:
                patience[WATCHED, state, terms.patience(state)].append(carrier)
                patience[STUCK, state, terms.lost_after()].append(carrier)
        now = self._clock.now()
        for (watch, state, wait), carriers in patience.items():
            await self._mark({"carrier": {"$in": carriers}, "tracking_state": state}, watch, now - wait, now)

    async def _mark(self, theirs: Mapping[str, Any], watch: str, before: datetime, now: datetime) -> None:
        where = {**theirs, "watch": watch, "heard_at": {"$lt": before}}
        while found := await self._kept.find(where, _LONGEST, _AT_ONCE):
            for one in found:
                still = {"_id": one.id, "watch": watch, "revision": one.revision, "heard_at": {"$lt": before}}
                told = parcel_stuck(one, now) if watch == WATCHED else parcel_lost(one, now)
                stands = {"watch": STUCK if watch == WATCHED else LOST, "uncounted": True}
                await self._kept.change(still, {"$set": stands}, told)

    async def listed(self, watch: str, carrier: str, limit: int) -> Sequence[Shipment]:
        """Those that stand still, the longest first. Refuses with INVALID_WATCH, INVALID_PAGE."""
        if watch not in ("", STUCK, LOST):
            raise InvalidWatch("stuck or lost", errors=[FieldError("/watch", "stuck or lost")])
        carriers = [carrier] if carrier else list(await self._connections.all())
        where = {
            "watch": watch or {"$in": [STUCK, LOST]},
            "carrier": {"$in": carriers},
            "tracking_state": {"$in": list(WATCHED_STATES)},
        }
        return await self._kept.find(where, _LONGEST, page_limit(limit))
