"""This is where calls about the fleet come in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.logistics.v1 import fleet_pb2 as pb
from shop.logistics.v1 import fleet_pb2_grpc

from services.kit.clock import Clock, parse_time, rfc3339
from services.kit.errors import FieldError

from . import messages
from .geography import Position
from .owing import Owing
from .parcels import InvalidDelivery, Parcels
from .planning import Planning
from .printing import Printing
from .releasing import Release
from .rounds import InvalidHandIn, Rounds
from .route import Route
from .vehicles import Vehicles


@dataclass
class FleetApi(fleet_pb2_grpc.FleetServiceServicer):
    """Answers shop.logistics.v1.FleetService."""

    vehicles: Vehicles
    parcels: Parcels
    planning: Planning
    releasing: Release
    printing: Printing
    clock: Clock

    async def PutVehicle(self, request: pb.PutVehicleRequest, context: Any) -> pb.PutVehicleResponse:
        """Makes or changes one."""
        kept = await self.vehicles.put(messages.wanted_vehicle(request.vehicle), request.if_version)
        return pb.PutVehicleResponse(vehicle=messages.vehicle(kept))

    async def ListVehicles(self, request: pb.ListVehiclesRequest, context: Any) -> pb.ListVehiclesResponse:
        """A page of them."""
        found, more = await self.vehicles.page(request.depot, request.page.limit, request.page.cursor)
        return pb.ListVehiclesResponse(vehicles=[messages.vehicle(one) for one in found], next_cursor=more)

    async def SetDelivery(self, request: pb.SetDeliveryRequest, context: Any) -> pb.SetDeliveryResponse:
        """Where and when."""
        place = messages.position_or_none(request.position, request.HasField("position"))
        since, until = _time(request.window_from), _time(request.window_until)
        own = (await self.parcels.await_at(request.shipment_id, place, since, until)).own
        return pb.SetDeliveryResponse(
            shipment_id=request.shipment_id,
            position=messages.position(Position(*own.position)) if own.position else None,
            window_from=rfc3339(own.window_from),
            window_until=rfc3339(own.window_until),
        )

    async def CreateRoutePlan(self, request: pb.CreateRoutePlanRequest, context: Any) -> pb.CreateRoutePlanResponse:
        """Asks for one."""
        made = await self.planning.ask(request.depot, request.day, request.by, request.limit_s, request.seed)
        return pb.CreateRoutePlanResponse(plan=messages.plan(made, self.clock.now()))

    async def GetRoutePlan(self, request: pb.GetRoutePlanRequest, context: Any) -> pb.GetRoutePlanResponse:
        """One."""
        return pb.GetRoutePlanResponse(plan=messages.plan(await self.planning.get(request.id), self.clock.now()))

    async def ListRoutePlans(self, request: pb.ListRoutePlansRequest, context: Any) -> pb.ListRoutePlansResponse:
        """A page of them."""
        found, more = await self.planning.page(request.depot, request.page.limit, request.page.cursor)
        now = self.clock.now()
        return pb.ListRoutePlansResponse(
            plans=[messages.plan(one, now, whole=False) for one in found], next_cursor=more
        )

    async def ReleaseRoutePlan(self, request: pb.ReleaseRoutePlanRequest, context: Any) -> pb.ReleaseRoutePlanResponse:
        """Gives riders their routes."""
        released = await self.releasing.release(request.id)
        return pb.ReleaseRoutePlanResponse(plan=messages.plan(released, self.clock.now()))

    async def DrawRoutePlan(self, request: pb.DrawRoutePlanRequest, context: Any) -> pb.DrawRoutePlanResponse:
        """All routes in one picture."""
        document, media_type = self.printing.plan(await self.planning.get(request.id))
        return pb.DrawRoutePlanResponse(document=document, media_type=media_type)


@dataclass
class RoutesApi(fleet_pb2_grpc.RoutesServiceServicer):
    """Answers shop.logistics.v1.RoutesService. A step is answered when what it means elsewhere was tried once."""

    rounds: Rounds
    owing: Owing
    printing: Printing

    async def ListRoutes(self, request: pb.ListRoutesRequest, context: Any) -> pb.ListRoutesResponse:
        """A rider's, or a depot's of a day."""
        if request.rider:
            own = await self.rounds.of_rider(request.rider)
            return pb.ListRoutesResponse(routes=[messages.route(one) for one in own])
        page = request.page
        found, more = await self.rounds.page(request.depot, request.day, page.limit, page.cursor)
        return pb.ListRoutesResponse(routes=[messages.route(one) for one in found], next_cursor=more)

    async def GetRoute(self, request: pb.GetRouteRequest, context: Any) -> pb.GetRouteResponse:
        """One, with its addresses."""
        return pb.GetRouteResponse(route=await self._whole(await self.rounds.get(request.id, request.rider)))

    async def PrintRoute(self, request: pb.PrintRouteRequest, context: Any) -> pb.PrintRouteResponse:
        """Sheet or map."""
        route = await self.rounds.get(request.id, request.rider)
        document, media_type = await self.printing.route(route, request.form)
        return pb.PrintRouteResponse(document=document, media_type=media_type)

    async def DepartRoute(self, request: pb.DepartRouteRequest, context: Any) -> pb.DepartRouteResponse:
        """Leaves."""
        return pb.DepartRouteResponse(route=await self._done(await self.rounds.depart(request.id, request.rider)))

    async def ArriveAtStop(self, request: pb.ArriveAtStopRequest, context: Any) -> pb.ArriveAtStopResponse:
        """At the door."""
        route = await self.rounds.arrive(request.id, request.rider, request.shipment_id)
        return pb.ArriveAtStopResponse(route=await self._done(route))

    async def DeliverStop(self, request: pb.DeliverStopRequest, context: Any) -> pb.DeliverStopResponse:
        """Handed over."""
        given = messages.handed_over(request)
        route = await self.rounds.deliver(request.id, request.rider, request.shipment_id, given)
        return pb.DeliverStopResponse(route=await self._done(route))

    async def FailStop(self, request: pb.FailStopRequest, context: Any) -> pb.FailStopResponse:
        """Not handed over."""
        route = await self.rounds.fail(request.id, request.rider, request.shipment_id, request.reason)
        return pb.FailStopResponse(route=await self._done(route))

    async def FinishRoute(self, request: pb.FinishRouteRequest, context: Any) -> pb.FinishRouteResponse:
        """Back."""
        cash = {one.currency: one.minor for one in request.cash}
        if len(cash) != len(request.cash):
            raise InvalidHandIn("no such cash", errors=[FieldError("/cash", "each currency once")])
        route = await self.rounds.finish(request.id, request.rider, cash)
        return pb.FinishRouteResponse(route=await self._done(route))

    async def _done(self, route: Route) -> pb.Route:
        return await self._whole(await self.owing.settle(route))

    async def _whole(self, route: Route) -> pb.Route:
        return messages.route(route, await self.printing.addresses(route))


def _time(text: str) -> datetime | None:
    try:
        return parse_time(text[:40])
    except (ValueError, OverflowError) as wrong:
        raise InvalidDelivery("no such time", errors=[FieldError("/window", "RFC 3339 times")]) from wrong
