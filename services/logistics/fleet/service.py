"""This is where the fleet is put together."""

from dataclasses import dataclass

from shop.logistics.v1 import fleet_pb2_grpc

from services.kit.computing import apart
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from . import store
from .api import FleetApi, RoutesApi
from .neighbours import OrdersCash
from .owing import Owing
from .parcels import Parcels
from .plan import RoutePlan
from .planning import Planning, Solve
from .printing import Printing
from .releasing import Release
from .rounds import Rounds
from .route import Route
from .routing import Problem, Solved, solve
from .settings import FleetRules
from .vehicles import Vehicle, Vehicles

_OWING = 5  # what broke off is looked for so much seldomer than plans


@dataclass(frozen=True)
class Fleet:
    """The wing's use cases."""

    vehicles: Vehicles
    parcels: Parcels
    planning: Planning
    releasing: Release
    rounds: Rounds
    owing: Owing
    printing: Printing


async def _solved(problem: Problem) -> Solved:
    return await apart(solve, problem)


def fleet(ground: Ground[LogisticsSettings], core: Core, solve_apart: Solve = _solved) -> Fleet:
    """The wing on its collections."""
    settings, clock = ground.settings, core.clock
    rules = FleetRules(
        zone=settings.fleet_zone,
        km_h=settings.fleet_km_h,
        plan_limit_s=settings.fleet_plan_limit_s,
        attempts=settings.fleet_attempts,
    )
    plans, routes = ground.store("route_plans", RoutePlan, store.PLANS), ground.store("routes", Route, store.ROUTES)
    vehicles = Vehicles(ground.store("vehicles", Vehicle, store.VEHICLES), core.warehouses, clock)
    parcels = Parcels(core.kept, core.shipments, core.labels)
    rounds = Rounds(routes, rules, clock)
    planning = Planning(plans, vehicles, parcels, rounds, core.warehouses, rules, clock, solve_apart)
    return Fleet(
        vehicles,
        parcels,
        planning,
        Release(plans, planning, routes, parcels, clock),
        rounds,
        Owing(routes, parcels, core.scans, OrdersCash(ground.channel("orders")), clock),
        Printing(parcels, rules.zone),
    )


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    wing = fleet(ground, core)
    v1 = "shop.logistics.v1"
    desk = FleetApi(wing.vehicles, wing.parcels, wing.planning, wing.releasing, wing.printing, core.clock)
    riders = RoutesApi(wing.rounds, wing.owing, wing.printing)

    async def plan_next() -> None:
        await wing.planning.work(wing.releasing)

    return Service(
        answers=[
            Answers(f"{v1}.FleetService", fleet_pb2_grpc.add_FleetServiceServicer_to_server, desk),
            Answers(f"{v1}.RoutesService", fleet_pb2_grpc.add_RoutesServiceServicer_to_server, riders),
        ],
        chores=[
            Chore(ground.settings.fleet_work_s, plan_next),
            Chore(_OWING * ground.settings.fleet_work_s, wing.owing.again),
        ],
    )
