"""This is where a depot's day is planned: asked for, computed apart by whoever holds the lease, and read."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound
from services.kit.ids import new_id
from services.kit.store import Store, found
from services.logistics.shipments import Shipment
from services.logistics.warehouses import Warehouses

from .geography import Position, placed, ways
from .parcels import Parcels, place_of
from .plan import (
    COMPUTING,
    DRAFT,
    FAILED,
    HELD,
    RELEASING,
    TOO_MANY,
    UNKNOWN_PLACE,
    PlannedRoute,
    PlannedStop,
    RoutePlan,
    Unserved,
    midnight,
    moment,
)
from .rounds import Rounds
from .routing import Problem, Solved, Stop, Van
from .settings import FleetRules
from .vehicles import Vehicle, Vehicles, seconds_of

log = logging.getLogger(__name__)
Solve = Callable[[Problem], Awaitable[Solved]]
_SPARE = timedelta(seconds=30)  # beyond its time limit, for the process to start and end
_DAY_S, _PIECES_A_PARCEL = 86_400, 1
_AHEAD, _LONGEST_S = timedelta(days=31), 60.0


class InvalidPlan(Invalid):
    """No day can be planned so."""


class PlanNotFound(NotFound):
    """There is no such plan."""


class Releasing(Protocol):
    """Ends a release that broke off."""

    async def finish(self, plan: RoutePlan) -> object:
        """Goes on with it."""
        ...


class Planning:
    """Plans days."""

    def __init__(
        self,
        kept: Store[RoutePlan],
        vehicles: Vehicles,
        parcels: Parcels,
        rounds: Rounds,
        warehouses: Warehouses,
        rules: FleetRules,
        clock: Clock,
        solve: Solve,
    ) -> None:
        self._kept, self._vehicles, self._parcels, self._rounds = kept, vehicles, parcels, rounds
        self._warehouses, self._rules, self._clock, self._solve = warehouses, rules, clock, solve

    async def ask(self, depot: str, day: str, by: str, limit_s: float, seed: int) -> RoutePlan:
        """A plan to come. Refuses with `InvalidPlan`."""
        faults = []
        if depot not in await self._warehouses.all():
            faults.append(FieldError("/depot", "the code of a warehouse"))
        try:
            begins = midnight(day, self._rules.zone)
        except ValueError:
            faults.append(FieldError("/day", "YYYY-MM-DD"))
        else:
            now = self._clock.now()
            if not now - timedelta(days=1) < begins < now + _AHEAD:
                faults.append(FieldError("/day", "today, or within the next 31 days"))
        if not 0 <= limit_s <= _LONGEST_S:
            faults.append(FieldError("/limit_s", f"at most {_LONGEST_S:g} seconds"))
        if faults:
            raise InvalidPlan("this cannot be planned", errors=faults)
        limit_s = limit_s or self._rules.plan_limit_s
        now = self._clock.now()
        return await self._kept.insert(RoutePlan(new_id("rpl"), depot, day, COMPUTING, by, now, limit_s, seed))

    async def get(self, key: str) -> RoutePlan:
        """One. Refuses with `PlanNotFound`."""
        return found(await self._kept.get(key), PlanNotFound("there is no such plan"))

    async def page(self, depot: str, limit: int, cursor: str) -> tuple[list[RoutePlan], str]:
        """A page, the newest first."""
        return await self._kept.page({"depot": depot} if depot else {}, limit, cursor)

    async def work(self, releasing: Releasing) -> None:
        """Computes the next plan that waits, or ends a release that broke off; a chore."""
        now = self._clock.now()
        waits = {"busy": True, "$or": [{"lease_until": None}, {"lease_until": {"$lt": now}}]}
        for plan in await self._kept.find(waits, limit=1):
            lease = {"lease_until": now + timedelta(seconds=plan.limit_s) + _SPARE, "started_at": now}
            mine = await self._kept.change({"_id": plan.id, "version": plan.version}, {"$set": lease})
            if mine and mine.state == RELEASING:
                await releasing.finish(mine)
            elif mine:
                await self._compute(mine)

    async def _compute(self, plan: RoutePlan) -> None:
        try:
            await self._fill(plan)
            plan.state = DRAFT
        except (ArithmeticError, ImportError, LookupError, RuntimeError, TypeError, ValueError) as error:
            log.exception("the plan %s cannot be computed", plan.id)
            plan.state, plan.problem = FAILED, type(error).__name__
        plan.busy, plan.lease_until = False, None
        await self._kept.save(plan)

    async def _fill(self, plan: RoutePlan) -> None:
        depot = placed((await self._warehouses.all())[plan.depot].region)
        if depot is None:
            raise ValueError(f"nobody knows where {plan.depot} lies")
        plan.depot_at = depot[0]
        standing = await self._rounds.of_day(plan.depot, plan.day)
        plan.replaces = [route.id for route in standing if route.may_be_replaced]
        out = {route.vehicle for route in standing if not route.may_be_replaced}
        vehicles = [one for one in await self._vehicles.ready(plan.depot) if one.id not in out]
        until = moment(plan.day, self._rules.zone, _DAY_S)
        parcels, more = await self._parcels.waiting(plan.depot, plan.replaces, until)
        stops = self._stops(plan, parcels, await self._parcels.held(parcels))
        if more:
            plan.unserved.append(Unserved("", "", TOO_MANY))
        if stops:
            self._lay(plan, stops, vehicles, await self._solve(self._problem(plan, stops, vehicles)))

    def _stops(self, plan: RoutePlan, parcels: Sequence[Shipment], held: set[str]) -> list[PlannedStop]:
        stops = []
        for one in parcels:
            place = place_of(one)
            if place is None or one.id in held:
                plan.unserved.append(Unserved(one.id, one.order_id, HELD if one.id in held else UNKNOWN_PLACE))
                continue
            since, until = self._window(plan.day, one)
            stop = PlannedStop(
                one.id, one.order_id, one.waybill, *place, since, until, max(1, one.weight_g), _PIECES_A_PARCEL
            )
            stop.attempt, stop.awaited_from = one.own.attempts + 1, one.own.window_from
            if one.part == 1:  # cash is taken with an order's first parcel
                stop.collect_minor, stop.collect_currency = one.collect_minor, one.collect_currency
            stops.append(stop)
        return stops

    def _window(self, day: str, parcel: Shipment) -> tuple[datetime, datetime]:
        """Its window if that is on this day, else the day's hours."""
        begins, ends = moment(day, self._rules.zone, 0), moment(day, self._rules.zone, _DAY_S)
        since, until = parcel.own.window_from, parcel.own.window_until
        if since and until and begins <= since < ends:
            return since, min(until, ends)
        return tuple(moment(day, self._rules.zone, seconds_of(time)) for time in self._rules.hours)  # type: ignore[return-value]

    def _problem(self, plan: RoutePlan, stops: Sequence[PlannedStop], vehicles: Sequence[Vehicle]) -> Problem:
        begins, depot = moment(plan.day, self._rules.zone, 0), plan.depot_at or Position(0, 0)
        metres, seconds = ways([depot, *(stop.position for stop in stops)], self._rules.km_h)
        now_s = max(0, round((self._clock.now() - begins).total_seconds()))

        def in_day(at: datetime) -> int:
            return round((at - begins).total_seconds())

        return Problem(
            metres,
            seconds,
            [
                Stop(one.grams, one.pieces, in_day(one.window_from), in_day(one.window_until), self._rules.service_s)
                for one in stops
            ],
            [
                Van(
                    one.capacity_g,
                    one.capacity_pieces,
                    min(max(seconds_of(one.shift_from), now_s), seconds_of(one.shift_until)),
                    seconds_of(one.shift_until),
                    self._rules.vehicle_metres,
                )
                for one in vehicles
            ],
            plan.limit_s,
            plan.seed,
        )

    def _lay(self, plan: RoutePlan, stops: Sequence[PlannedStop], vehicles: Sequence[Vehicle], solved: Solved) -> None:
        def at(seconds: int) -> datetime:
            return moment(plan.day, self._rules.zone, seconds).astimezone(UTC)

        for number, tour in enumerate(solved.tours, 1):
            vehicle, ordered = vehicles[tour.van], []
            for visit in tour.visits:
                stops[visit.stop].arrives_at = at(visit.arrives_s)
                ordered.append(stops[visit.stop])
            plan.routes.append(
                PlannedRoute(
                    f"rte_{plan.id.removeprefix('rpl_')}_{number}",
                    vehicle.id,
                    vehicle.rider,
                    at(tour.leaves_s),
                    at(tour.back_s),
                    tour.metres,
                    ordered,
                )
            )
        for number, reason in sorted(solved.unserved.items()):
            plan.unserved.append(Unserved(stops[number].shipment_id, stops[number].order_id, reason))
