"""This is where a rider goes his round: loads, arrives, hands over against proof and cash, fails, comes back."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.store import Store, found

from . import told
from .geography import Position, is_position
from .route import (
    ARRIVED,
    AT_WORK,
    CASH_OWED,
    DELIVERED,
    FINISHED,
    LOADED,
    MISSED,
    ON_THE_WAY,
    PROOFS,
    REASONS,
    RECEIVERS,
    REFUSED,
    RELEASED,
    Cash,
    Owed,
    Proof,
    Route,
    RouteStop,
)
from .settings import FleetRules

_TRIES = 10
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA = re.compile(r"(med_[0-9a-z]{26})?")
_MOST_A_DAY = 200
_MOST_MINOR = 10**12


class RouteNotFound(NotFound):
    """There is no such route, or it is another rider's."""


class StopNotFound(NotFound):
    """The route has no such stop."""


class RouteNotOpen(WrongState):
    """The route has not left, was taken back, or is over."""


class StopDone(WrongState):
    """Something else became of the stop."""


class StopsOpen(WrongState):
    """Something is still to be brought."""


class CashDiffers(WrongState):
    """What was taken is not what is due at this door."""


class InvalidProof(Invalid):
    """No proof of delivery."""


class InvalidFailure(Invalid):
    """Not a reason."""


class InvalidHandIn(Invalid):
    """No such cash."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a rider says at the door."""

    kind: str
    sha256: str
    receiver: str
    media: str
    position: Position | None
    collected_currency: str
    collected_minor: int


class Rounds:
    """Routes as riders go them. One conditional write a step; what it means elsewhere is owed in the same write."""

    def __init__(self, kept: Store[Route], rules: FleetRules, clock: Clock) -> None:
        self._kept, self._rules, self._clock = kept, rules, clock

    async def get(self, key: str, rider: str = "") -> Route:
        """A route; a rider's own when one is named. Refuses with `RouteNotFound`."""
        owner = {"rider": rider} if rider else {}
        return found(await self._kept.one({"_id": key, **owner}), RouteNotFound("there is no such route"))

    async def of_rider(self, rider: str) -> list[Route]:
        """What a rider has to do, the earliest first."""
        return await self._kept.find({"rider": rider, "open": True}, [("leaves_at", 1)], _MOST_A_DAY)

    async def of_day(self, depot: str, day: str) -> list[Route]:
        """A depot's routes of a day that leave, or have left and are not back."""
        return await self._kept.find({"depot": depot, "day": day, "open": True}, limit=_MOST_A_DAY)

    async def page(self, depot: str, day: str, limit: int, cursor: str) -> tuple[list[Route], str]:
        """A page of a depot's routes of a day (today when none is named), the newest first."""
        today = self._clock.now().astimezone(ZoneInfo(self._rules.zone)).date().isoformat()
        return await self._kept.page({"depot": depot, "day": day or today}, limit, cursor)

    async def depart(self, key: str, rider: str) -> Route:
        """Leaves; what is packed and free is loaded, the rest left behind. Again changes nothing. Refuses with
        `RouteNotFound`, `RouteNotOpen`."""

        def leaves(route: Route) -> list[Message] | None:
            if route.state in (ON_THE_WAY, FINISHED):
                return None
            if route.state != RELEASED:
                raise RouteNotOpen(f"the route is {route.state}", state=route.state)
            route.state, route.left_at = ON_THE_WAY, self._clock.now()
            route.owe(*(Owed("load", one.plan.shipment_id, route.left_at) for one in route.stops))
            return []

        return await self._moved(key, rider, leaves)

    async def arrive(self, key: str, rider: str, shipment_id: str) -> Route:
        """Stands at the door; again, or afterwards, changes nothing."""

        def arrives(route: Route) -> list[Message] | None:
            stop = self._at(route, shipment_id)
            if stop.state != LOADED:
                if stop.arrived_at:
                    return None
                raise StopDone(f"the stop is {stop.state}", state=stop.state)
            stop.state, stop.arrived_at = ARRIVED, self._clock.now()
            return []

        return await self._moved(key, rider, arrives)

    async def deliver(self, key: str, rider: str, shipment_id: str, given: HandedOver) -> Route:
        """Hands over against proof, and against all the cash that is due. The same again changes nothing. Refuses with
        `InvalidProof`, `CashDiffers`, `StopDone`."""
        _check(given)

        def delivers(route: Route) -> list[Message] | None:
            stop, now = self._at(route, shipment_id), self._clock.now()
            if stop.state == DELIVERED and stop.proof and stop.proof.sha256 == given.sha256:
                return None
            self._at_work(stop)
            due = (stop.plan.collect_currency, stop.plan.collect_minor) if stop.plan.collect_minor else ("", 0)
            if (given.collected_currency, given.collected_minor) != due:
                raise CashDiffers("take what is due, or hand nothing over", currency=due[0], left_minor=due[1])
            stop.state, stop.done_at, stop.arrived_at = DELIVERED, now, stop.arrived_at or now
            stop.proof = Proof(given.kind, given.sha256, given.receiver, now, given.media, given.position)
            if due[1]:
                stop.collected_minor, stop.cash = due[1], CASH_OWED
                route.owe(Owed("cash", shipment_id, now))
            route.owe(Owed("scan", shipment_id, now, "delivered", given.receiver))
            return [told.stop_visited(route, stop)]

        return await self._moved(key, rider, delivers)

    async def fail(self, key: str, rider: str, shipment_id: str, reason: str) -> Route:
        """Could not hand over. It is tried again another day, so often and no oftener; what was refused goes back.
        Refuses with `InvalidFailure`, `StopDone`."""
        if reason not in REASONS:
            what = FieldError("/reason", f"one of {', '.join(REASONS)}")
            raise InvalidFailure("no such reason", errors=[what])

        def fails(route: Route) -> list[Message] | None:
            stop, now = self._at(route, shipment_id), self._clock.now()
            if stop.state == MISSED and stop.reason == reason:
                return None
            self._at_work(stop)
            stop.state, stop.reason, stop.done_at = MISSED, reason, now
            code = "rejected" if reason == REFUSED else "attempt_failed"
            route.owe(Owed("scan", shipment_id, now, code, reason))
            if self._given_up(stop):
                route.owe(Owed("scan", shipment_id, now, "returning", reason))
            return [told.stop_visited(route, stop)]

        return await self._moved(key, rider, fails)

    async def finish(self, key: str, rider: str, handed: Mapping[str, int]) -> Route:
        """Is back at the depot: what was not handed over goes on the shelf for the next try, or back for good; cash is
        handed in, minor units by currency, and the difference stands. The same again changes nothing. Refuses with
        `StopsOpen`, `InvalidHandIn`, `RouteNotOpen`."""
        if any(not 0 <= minor <= _MOST_MINOR for minor in handed.values()):
            raise InvalidHandIn("no such cash", errors=[FieldError("/cash", "whole minor units from 0")])

        def finishes(route: Route) -> list[Message] | None:
            if route.state == FINISHED and {one.currency: one.handed_minor for one in route.handed} == dict(handed):
                return None
            if route.state != ON_THE_WAY:
                raise RouteNotOpen(f"the route is {route.state}", state=route.state)
            if waiting := [one.plan.shipment_id for one in route.stops if not one.over]:
                raise StopsOpen(f"{len(waiting)} stops are still open", stops=", ".join(waiting[:5]))
            route.state, route.open, route.finished_at = FINISHED, False, self._clock.now()
            route.handed = [Cash(currency, 0, minor) for currency, minor in sorted(handed.items())]
            route.handed = route.cash()
            self._put_back(route)
            return [told.route_finished(route)]

        return await self._moved(key, rider, finishes)

    def _put_back(self, route: Route) -> None:
        at = route.finished_at or self._clock.now()
        for stop in route.stops:
            if stop.state == MISSED:
                if given_up := self._given_up(stop):
                    route.owe(Owed("scan", stop.plan.shipment_id, at, "returned", stop.reason))
                route.owe(Owed("back", stop.plan.shipment_id, at, "" if given_up else "again"))

    def _given_up(self, stop: RouteStop) -> bool:
        return stop.reason == REFUSED or stop.plan.attempt >= self._rules.attempts

    def _at(self, route: Route, shipment_id: str) -> RouteStop:
        stop = route.stop(shipment_id)
        if stop is None:
            raise StopNotFound("the route has no such stop")
        if route.state not in (ON_THE_WAY, FINISHED):
            raise RouteNotOpen(f"the route is {route.state}: leave first", state=route.state)
        return stop

    def _at_work(self, stop: RouteStop) -> None:
        if stop.state not in AT_WORK:
            raise StopDone(f"the stop is {stop.state}", state=stop.state)

    async def _moved(self, key: str, rider: str, step: Callable[[Route], Sequence[Message] | None]) -> Route:
        """One step of a rider's own route; None: it was made before."""
        for _ in range(_TRIES):
            route = await self.get(key, rider)
            events = step(route)
            if events is None:
                return route
            try:
                return await self._kept.save(route, *events)
            except VersionMismatch:
                continue
        raise Conflict("this route keeps changing")


def _check(given: HandedOver) -> None:
    position = given.position
    checks = {
        "/proof/kind": (given.kind in PROOFS, f"one of {', '.join(PROOFS)}"),
        "/proof/sha256": (_SHA256.fullmatch(given.sha256), "64 hex digits, small letters"),
        "/proof/media": (_MEDIA.fullmatch(given.media), "a med_… id"),
        "/proof/receiver": (given.receiver in RECEIVERS, f"one of {', '.join(RECEIVERS)}"),
        "/proof/position": (position is None or is_position(position.lat, position.lng), "degrees on this earth"),
    }
    faults = [FieldError(pointer, said) for pointer, (right, said) in checks.items() if not right]
    if faults:
        raise InvalidProof("this proves nothing", errors=faults)
