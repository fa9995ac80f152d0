"""This is where a plan becomes routes: each parcel is taken by one conditional write, so that it is on one route only."""

import contextlib
from datetime import timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, VersionMismatch, WrongState
from services.kit.store import Store

from . import told
from .geography import Position
from .parcels import Parcels
from .plan import DRAFT, RELEASED, RELEASING, TAKEN_ELSEWHERE, PlannedRoute, RoutePlan, Unserved
from .planning import Planning
from .route import RECALLED, Route, RouteStop
from .route import RELEASED as WAITS

_TRIES, _LEASE = 10, timedelta(seconds=30)


class PlanNotDraft(WrongState):
    """Only a draft is released."""


class Release:
    """Releases plans. Broken off, it is gone on with: by whoever asks again, or by the chore."""

    def __init__(
        self, kept: Store[RoutePlan], planning: Planning, routes: Store[Route], parcels: Parcels, clock: Clock
    ) -> None:
        self._kept, self._planning, self._routes, self._parcels, self._clock = kept, planning, routes, parcels, clock

    async def release(self, key: str) -> RoutePlan:
        """Riders have their routes; routes it replaces are taken back unless they have left. Again changes nothing.
        Parcels that others took meanwhile are unserved. Refuses with `PlanNotDraft`."""
        plan = await self._planning.get(key)
        if plan.state == DRAFT:
            begun = {"state": RELEASING, "busy": True, "lease_until": self._clock.now() + _LEASE}
            plan = await self._kept.change({"_id": key, "state": DRAFT}, {"$set": begun}) or await self._planning.get(
                key
            )
        if plan.state == RELEASED:
            return plan
        if plan.state != RELEASING:
            raise PlanNotDraft(f"the plan is {plan.state}", state=plan.state)
        return await self.finish(plan)

    async def finish(self, plan: RoutePlan) -> RoutePlan:
        """All of it, however much was done before. Two may be at it: what one has made the other finds."""
        for _ in range(_TRIES):
            if plan.state != RELEASING:
                return plan
            try:
                return await self._finish(plan)
            except VersionMismatch:
                plan = await self._planning.get(plan.id)
        raise Conflict("this plan keeps changing")

    async def _finish(self, plan: RoutePlan) -> RoutePlan:
        for key in plan.replaces:
            await self._take_back(key)
        plan.routes = [made for route in plan.routes if (made := await self._made(plan, route)).stops]
        plan.state, plan.busy, plan.lease_until = RELEASED, False, None
        return await self._kept.save(plan)

    async def _take_back(self, key: str) -> None:
        recalled = {"state": RECALLED, "open": False}
        route = await self._routes.change({"_id": key, "state": WAITS}, {"$set": recalled}) or await self._routes.get(
            key
        )
        if route and route.state == RECALLED:
            for stop in route.stops:
                await self._parcels.free(stop.plan.shipment_id, key)

    async def _made(self, plan: RoutePlan, route: PlannedRoute) -> PlannedRoute:
        if made := await self._routes.get(route.id):
            stops = [stop.plan for stop in made.stops]
        else:
            stops = [stop for stop in route.stops if await self._parcels.take(stop, route.id)]
            if stops:
                with contextlib.suppress(AlreadyExists):
                    made = self._route(plan, route)
                    made.stops = [RouteStop(stop) for stop in stops]
                    await self._routes.insert(made, told.route_released(made))
        kept = {stop.shipment_id for stop in stops}
        for stop in route.stops:
            if stop.shipment_id not in kept:
                plan.unserved.append(Unserved(stop.shipment_id, stop.order_id, TAKEN_ELSEWHERE))
        route.stops = stops
        return route

    def _route(self, plan: RoutePlan, route: PlannedRoute) -> Route:
        return Route(
            id=route.id,
            plan_id=plan.id,
            depot=plan.depot,
            day=plan.day,
            vehicle=route.vehicle,
            rider=route.rider,
            state=WAITS,
            leaves_at=route.leaves_at,
            back_at=route.back_at,
            metres=route.metres,
            released_at=self._clock.now(),
            depot_at=plan.depot_at or Position(0, 0),
        )
