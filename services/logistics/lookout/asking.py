"""This is where carriers that do not tell are asked what happened to their parcels."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import Refused, Unavailable
from services.kit.store import Store
from services.logistics.addresses import Address
from services.logistics.carriers import Carrier, Told
from services.logistics.connections.connections import Connections
from services.logistics.scans import MOST_AT_ONCE, RawScan, Scans
from services.logistics.shipments import Shipment
from services.logistics.underway import LOST, STUCK, WATCHED

log = logging.getLogger(__name__)
_AT_ONCE = 50
_DIGITS = 4


class Asking:
    """Asks, the longest unasked first; what it hears goes in as any scan does, so hearing it twice changes nothing."""

    def __init__(
        self,
        kept: Store[Shipment],
        scans: Scans,
        connections: Connections,
        address: Callable[[Shipment], Address],
        clock: Clock,
        again_s: float,
    ) -> None:
        self._kept, self._scans, self._connections = kept, scans, connections
        self._address, self._clock, self._again = address, clock, timedelta(seconds=again_s)

    async def round(self) -> None:
        """Asks each carrier about fifty parcels at most; a chore."""
        for carrier in await self._connections.asked("track"):
            code = carrier.code
            try:
                await self._ask(carrier)
            except Unavailable as away:
                log.info("%s is not asked about its parcels now: %s", code, away.reason)
            except Refused as refused:
                log.warning("%s does not say what happened to its parcels: %s", code, refused.meta.get("code", ""))

    async def _ask(self, carrier: Carrier) -> None:
        now = self._clock.now()
        where = {
            "carrier": carrier.code,
            "watch": {"$in": [WATCHED, STUCK, LOST]},
            "asked_at": {"$not": {"$gte": now - self._again}},
        }
        due = await self._kept.find(where, [("asked_at", 1)], _AT_ONCE)
        if not due:
            return
        mine = [one for one in due if await self._claimed(one, now)]
        phones = {one.waybill: _last_digits(self._address(one).phone) for one in mine}
        told = await carrier.track([one.waybill for one in mine], phones)
        for start in range(0, len(told), MOST_AT_ONCE):
            await self._scans.record(carrier.code, _raw(told[start : start + MOST_AT_ONCE]))

    async def _claimed(self, one: Shipment, now: datetime) -> bool:
        """Of several replicas one asks."""
        where = {"_id": one.id, "asked_at": {"$not": {"$gte": now - self._again}}}
        return await self._kept.change(where, {"$set": {"asked_at": now}}) is not None


def _raw(told: Sequence[Told]) -> list[RawScan]:
    return [
        RawScan(one.waybill, one.code, one.occurred_at, one.location, one.event_id, one.text, one.reason)
        for one in told
    ]


def _last_digits(phone: str) -> str:
    digits = "".join(c for c in phone if c.isdigit())
    return digits[-_DIGITS:]
