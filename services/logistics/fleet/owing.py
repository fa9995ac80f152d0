"""This is where what riders do is told to the rest of the shop: parcels leave, scans are recorded, cash is booked.

A route keeps what it owes with itself, so nothing is lost between two services. Each thing is done once in effect: leaving
again changes nothing, a scan has its own id, cash its request id. What is away is asked again later.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from services.kit.clock import Clock, rfc3339
from services.kit.errors import Conflict, Exhausted, Refused, TooLate, Unavailable, VersionMismatch
from services.kit.money import Money
from services.kit.store import Store
from services.logistics.scans import REJECTED, RawScan, Scans

from .carrier import OWN_FLEET
from .parcels import Parcels
from .route import CASH_BOOKED, CASH_REFUSED, LEFT_BEHIND, LOADED, PLANNED, Owed, Route

log = logging.getLogger(__name__)
_AWAY = (Unavailable, TooLate, Conflict, Exhausted)
_ROUNDS = 20
_SCANS, _PATIENCE = 100, timedelta(seconds=5)


class CashDesk(Protocol):
    """Where cash is booked."""

    async def collect(self, order_id: str, amount: Money, request_id: str, by: str) -> None:
        """Books it, once a request id."""
        ...


class Owing:
    """Does what routes owe."""

    def __init__(self, kept: Store[Route], parcels: Parcels, scans: Scans, desk: CashDesk, clock: Clock) -> None:
        self._kept, self._parcels, self._scans, self._desk, self._clock = kept, parcels, scans, desk, clock

    async def settle(self, route: Route) -> Route:
        """Does all that can be done now; what is away stays owed. Answers the route as it is then."""
        away: set[str] = set()  # what cannot be done now holds nothing else up
        for _ in range(_ROUNDS):
            todo = [one for one in route.owed if one.kind not in away]
            if not todo:
                return route
            kind = todo[0].kind
            things = next(list(alike) for _, alike in groupby(todo, attrgetter("kind")))[:_SCANS]
            try:
                await self._do(route, kind, things)
                route.strike(things)
                route = await self._kept.save(route)
            except VersionMismatch:
                route = await self._kept.get(route.id) or route
            except _AWAY as refusal:
                log.info("%s owes %s: %s", route.id, kind, refusal)
                away.add(kind)
        return route

    async def again(self) -> None:
        """Settles what broke off; a chore."""
        for route in await self._kept.find({"owes": True}, limit=50):
            if route.owed and route.owed[0].at < self._clock.now() - _PATIENCE:
                await self.settle(route)

    async def _do(self, route: Route, kind: str, things: Sequence[Owed]) -> None:
        if kind == "scan":
            await self._record(route, things)
            return
        for thing in things:
            if kind == "load":
                await self._load(route, thing)
            elif kind == "cash":
                await self._book(route, thing)
            elif kind == "free":
                await self._parcels.free(thing.shipment_id, route.id)
            elif stop := route.stop(thing.shipment_id):
                await self._parcels.back(thing.shipment_id, route.id, stop.plan.attempt, again=thing.code == "again")

    async def _load(self, route: Route, thing: Owed) -> None:
        stop = route.stop(thing.shipment_id)
        if stop is None or stop.state != PLANNED:
            return
        try:
            await self._parcels.load(thing.shipment_id, route.rider)
        except _AWAY:
            raise
        except Refused as refusal:  # not packed, held, or stopped: it stays at the depot
            stop.state, stop.reason = LEFT_BEHIND, refusal.reason.lower()
            route.owe(Owed("free", thing.shipment_id, thing.at))
        else:
            stop.state = LOADED
            route.owe(Owed("scan", thing.shipment_id, thing.at, "out_for_delivery"))

    async def _record(self, route: Route, things: Sequence[Owed]) -> None:
        waybills = {stop.plan.shipment_id: stop.plan.waybill for stop in route.stops}
        raw = [
            RawScan(
                waybills[one.shipment_id],
                one.code,
                rfc3339(one.at),
                event_id=f"{route.id}/{one.shipment_id}/{one.code}",
                text=one.text,
            )
            for one in things
        ]
        for one, answer in zip(things, await self._scans.record(OWN_FLEET, raw), strict=True):
            if answer.status == REJECTED:
                log.error("%s: the scan %s of %s is rejected: %s", route.id, one.code, one.shipment_id, answer.reason)

    async def _book(self, route: Route, thing: Owed) -> None:
        stop = route.stop(thing.shipment_id)
        if stop is None or not stop.collected_minor:
            return
        amount = Money(stop.plan.collect_currency, stop.collected_minor)
        try:
            await self._desk.collect(stop.plan.order_id, amount, f"{route.id}:{thing.shipment_id}", route.rider)
        except _AWAY:
            raise
        except Refused as refusal:
            if refusal.reason == "NOTHING_TO_CAPTURE" and refusal.meta.get("left_minor") == "0":
                stop.cash = CASH_BOOKED  # orders wrote it down itself when it heard that the parcel is there
                return
            # The rider has the money all the same: staff put it right.
            log.warning("orders does not book the cash of %s: %s", thing.shipment_id, refusal.reason)
            stop.cash, stop.cash_problem = CASH_REFUSED, refusal.reason
        else:
            stop.cash = CASH_BOOKED
