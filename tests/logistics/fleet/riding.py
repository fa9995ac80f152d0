"""This is where a depot, its riders and an orders that books cash are set up for tests of the fleet."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import fleet_pb2 as pb
from shop.logistics.v1 import fleet_pb2_grpc, freight_pb2, freight_pb2_grpc, shipments_pb2
from shop.orders.v1 import payments_pb2, payments_pb2_grpc
from shop.type.v1.address_pb2 import Region
from shop.type.v1.money_pb2 import Money

from services.kit.errors import Unavailable, WrongState
from services.kit.rpc import call
from tests.house import House, Started
from tests.logistics.neighbourhood import Catalog, paid
from tests.logistics.test_planning import parcels
from tests.logistics.test_shipments import Desk

RIDER, OTHER = "stf_rider1", "stf_rider2"
PHOTO = "ab" * 32


class NotCash(WrongState):
    """As orders says it."""


@dataclass
class Orders:
    """Books cash once a request id; the first `lost` answers do not arrive."""

    booked: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    asked: int = 0
    lost: int = 0
    refuses: bool = False

    async def CollectCash(self, request: payments_pb2.CollectCashRequest, context: Any) -> Any:
        self.asked += 1
        if self.refuses:
            raise NotCash("this order is not paid at the door")
        self.booked[request.request_id] = (request.order_id, request.amount.minor, request.by)
        if self.lost:
            self.lost -= 1
            raise Unavailable("the line is cut")
        return payments_pb2.CollectCashResponse()


@dataclass
class Depot:
    """Staff and riders at one logistics."""

    house: House
    logistics: Started
    orders: Orders
    desk: Desk

    def __post_init__(self) -> None:
        self.fleet = fleet_pb2_grpc.FleetServiceStub(self.logistics.channel)
        self.routes = fleet_pb2_grpc.RoutesServiceStub(self.logistics.channel)
        self.freight = freight_pb2_grpc.FreightServiceStub(self.logistics.channel)
        local = (self.house.clock.now() + timedelta(days=1)).astimezone(ZoneInfo("Asia/Shanghai"))
        self.day = local.date().isoformat()

    async def vehicle(self, code: str = "v1", rider: str = RIDER, **more: Any) -> pb.Vehicle:
        wanted: dict[str, Any] = {
            "title": "Trike",
            "kind": "trike",
            "depot": "main",
            "capacity_g": 50_000,
            "capacity_pieces": 30,
        }
        wanted |= {"shift_from": "08:00", "shift_until": "22:00", "active": True}
        asked = pb.PutVehicleRequest(vehicle=pb.Vehicle(code=code, rider=rider, **(wanted | more)))
        return (await call(self.fleet.PutVehicle, asked)).vehicle

    async def parcel(
        self, *, pack: bool = True, cash: int = 0, district: str = "浦東新區", **lines: int
    ) -> shipments_pb2.Shipment:
        """One that our own riders bring."""
        region = Region(country="CN", province="上海市", city="上海市", district=district)
        event = paid(self.house.clock, lines or {"TEA": 1}, region=region, option="same_city")
        if cash:
            event.to_collect.CopyFrom(Money(currency="CNY", minor=cash))
        await self.house.tell(event)
        await self.house.settled()
        (made,) = await parcels(self.logistics, event.order_id)
        assert made.carrier == "fleet" and made.waybill.startswith("OF")
        if pack:
            await self.desk.pack(made.id)
        return made

    async def planned(self, day: str = "") -> pb.RoutePlan:
        """A draft."""
        asked = pb.CreateRoutePlanRequest(depot="main", day=day or self.day, by="stf_1", limit_s=2)
        plan = (await call(self.fleet.CreateRoutePlan, asked)).plan
        assert (plan.state, plan.percent) == ("computing", 0)
        async with asyncio.timeout(15):
            while plan.state == "computing":
                await asyncio.sleep(0.05)
                plan = (await call(self.fleet.GetRoutePlan, pb.GetRoutePlanRequest(id=plan.id))).plan
        assert plan.state == "draft", plan.problem
        return plan

    async def released(self, plan: pb.RoutePlan) -> pb.RoutePlan:
        return (await call(self.fleet.ReleaseRoutePlan, pb.ReleaseRoutePlanRequest(id=plan.id))).plan

    async def out(self, day: str = "") -> pb.Route:
        """A released route that has left."""
        plan = await self.released(await self.planned(day))
        (route,) = plan.routes
        return (await call(self.routes.DepartRoute, pb.DepartRouteRequest(id=route.id, rider=RIDER))).route

    async def deliver(self, route: str, shipment: str, cash: int = 0, **more: Any) -> pb.Route:
        proof = pb.Proof(kind="photo", sha256=more.pop("sha256", PHOTO), receiver="self")
        proof.position.CopyFrom(pb.Position(lat=31.2, lng=121.5))
        asked = pb.DeliverStopRequest(id=route, rider=more.get("rider", RIDER), shipment_id=shipment, proof=proof)
        if cash:
            asked.collected.CopyFrom(Money(currency="CNY", minor=cash))
        return (await call(self.routes.DeliverStop, asked)).route

    async def fail(self, route: str, shipment: str, reason: str = "nobody_home") -> pb.Route:
        asked = pb.FailStopRequest(id=route, rider=RIDER, shipment_id=shipment, reason=reason)
        return (await call(self.routes.FailStop, asked)).route

    async def finish(self, route: str, cash: int = 0) -> pb.Route:
        given = [Money(currency="CNY", minor=cash)] if cash else []
        return (await call(self.routes.FinishRoute, pb.FinishRouteRequest(id=route, rider=RIDER, cash=given))).route

    async def route(self, key: str) -> pb.Route:
        return (await call(self.routes.GetRoute, pb.GetRouteRequest(id=key))).route

    async def tracking(self, key: str) -> tuple[str, list[str]]:
        asked = shipments_pb2.GetShipmentRequest(id=key)
        shown = (await call(self.desk.stub.GetShipment, asked)).shipment
        return shown.tracking_state, [event.raw_code for event in shown.tracking]


async def depot(house: House, **settings: Any) -> Depot:
    """Logistics with a same-city way of sending by its own fleet, and one trike."""
    orders = Orders()
    await house.fake("orders", orders, payments_pb2_grpc.add_PaymentsServiceServicer_to_server)
    catalog = Catalog({"main": {"TEA": 1000, "CUP": 1000}})
    await house.fake("catalog", catalog, stock_pb2_grpc.add_StockServiceServicer_to_server)
    logistics = await house.start("logistics", fleet_work_s=0.05, fleet_attempts=2, **settings)
    made = Depot(house, logistics, orders, Desk(house, logistics))
    price = Money(currency="CNY", minor=1500)
    zone = freight_pb2.FreightZone(
        countries=["CN"],
        provinces=["上海"],
        first_units=5000,
        first_price=price,
        step_units=1000,
        step_price=price,
        min_days=1,
        max_days=1,
    )
    by_us = freight_pb2.FreightTemplate(id="same_city", title="同城", by="weight", zones=[zone], carrier="fleet")
    await call(made.freight.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=by_us))
    await made.vehicle()
    return made
