"""This is where a simulation is held to what the same carts would have been given, and to what it may look at."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from shop.catalog.v1 import margins_pb2, margins_pb2_grpc
from shop.marketing.v1 import coupons_pb2 as cp
from shop.marketing.v1 import promotions_pb2 as pp
from shop.marketing.v1 import simulations_pb2 as pb
from shop.marketing.v1.simulations_pb2_grpc import SimulationsServiceStub
from shop.orders.v1 import baskets_pb2, baskets_pb2_grpc

from services.kit.clock import rfc3339
from services.kit.errors import Unavailable
from services.kit.rpc import call
from services.marketing.evaluation import Entered
from services.marketing.promotions import LIMITED_TIME, Promotion
from services.marketing.rules import Rules
from services.marketing.simulations.replaying import PastBasket, PastLine, Trial, replay
from tests.house import House
from tests.marketing.shop import CatalogFake, Marketing, cny
from tests.marketing.test_takings import refusal

NOW = datetime(2026, 11, 22, tzinfo=UTC)
_lines = some.lists(
    some.builds(
        PastLine,
        some.sampled_from(["TEA", "CUP", "POT"]),
        some.just("food"),
        some.integers(1, 5),
        some.integers(1, 50_000),
        some.integers(0, 30_000),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda line: line.sku,
)


def percent(name: str, basis_points: int, **more: Any) -> Promotion:
    return Promotion(name, LIMITED_TIME, "", NOW - timedelta(days=1), percent_bp=basis_points, **more)


def trial(others: list[Promotion], tried: Promotion) -> Trial:
    return Trial(tried.id, Rules(others), Rules([*others, tried]), list[Entered](), "", frozenset(tried.groups), NOW)


@given(_lines, some.integers(1, 9_999), some.integers(0, 9_999))
def test_a_basket_is_given_what_a_cart_would_be(lines: list[PastLine], tried: int, other: int) -> None:
    basket = PastBasket(NOW, "CNY", "storefront", lines)
    others = [percent("prm_0", other)] if other else []
    replayed = replay(basket, trial(others, percent("prm_simulated", tried)))
    sums = replayed.sums({"TEA": 10**9})
    gross = sum(line.unit_minor * line.quantity for line in lines)
    assert sums["revenue_before_minor"] - sums["revenue_minor"] == sums["discount_minor"]
    assert 0 <= sums["revenue_minor"] <= sums["revenue_before_minor"] <= gross
    assert sums["cost_minor"] == sum(line.cost_minor * line.quantity for line in lines)
    gives = any((line.unit_minor * line.quantity * tried + 5_000) // 10_000 for line in lines)
    assert sums["touched"] == int(tried > other and gives)
    assert sums["below_floor"] == (sums["touched"] and any(line.sku == "TEA" for line in lines))


def test_everybody_is_whom_it_is_for() -> None:
    basket = PastBasket(NOW, "CNY", "storefront", [PastLine("TEA", "food", 1, 10_000, 4_000)])
    club = percent("prm_simulated", 1_000, groups=["tea-club"])
    assert replay(basket, trial([], club)).discount_minor == 1_000
    live = percent("prm_simulated", 1_000, channels=["live"])
    assert replay(basket, trial([], live)).discount_minor == 0


class OrdersFake:
    """Orders with so many baskets of one tea at ¥100 a day; its answer is lost once."""

    def __init__(self, days: int, a_day: int) -> None:
        start = NOW - timedelta(days=days)
        self.placed = [start + timedelta(days=day, minutes=n) for day in range(days) for n in range(a_day)]
        self.asked: list[int] = []
        self.fails = 1

    async def ListPastBaskets(
        self, request: baskets_pb2.ListPastBasketsRequest, _context: Any
    ) -> baskets_pb2.ListPastBasketsResponse:
        begin = int(request.cursor or 0)
        self.asked.append(begin)
        if begin and self.fails:
            self.fails -= 1
            raise Unavailable("lost")
        end = begin + request.limit
        line = baskets_pb2.PastLine(sku="TEA", category="food", quantity=1, unit_minor=10_000, cost_minor=6_000)
        baskets = [
            baskets_pb2.PastBasket(placed_at=rfc3339(at), currency="CNY", channel="storefront", lines=[line])
            for at in self.placed[begin:end]
        ]
        more = str(end) if end < len(self.placed) else ""
        return baskets_pb2.ListPastBasketsResponse(baskets=baskets, next_cursor=more)


class Floors(CatalogFake):
    """Catalog: tea may be sold for ¥85 at the least."""

    async def GetLowestPrices(
        self, request: margins_pb2.GetLowestPricesRequest, _context: Any
    ) -> margins_pb2.GetLowestPricesResponse:
        price = margins_pb2.SkuFloor(sku="TEA", lowest_minor=8_500, currency="CNY")
        return margins_pb2.GetLowestPricesResponse(prices=[price])


async def simulated(house: House, orders: OrdersFake, **tried: Any) -> pb.Simulation:
    await house.fake("catalog", Floors(), margins_pb2_grpc.add_MarginsServiceServicer_to_server)
    await house.fake("orders", orders, baskets_pb2_grpc.add_BasketsServiceServicer_to_server)
    shop = Marketing(house, await house.start("marketing"))
    stub: Any = SimulationsServiceStub(shop.started.channel)
    request = pb.StartSimulationRequest(days=30, by="stf_1", request_id="request-1", **tried)
    said: pb.Simulation = (await call(stub.StartSimulation, request)).simulation
    assert (await call(stub.StartSimulation, request)).simulation.id == said.id
    async with asyncio.timeout(20):
        while said.state in ("waiting", "running"):
            await asyncio.sleep(0.05)
            said = (await call(stub.GetSimulation, pb.GetSimulationRequest(id=said.id))).simulation
    assert await shop.started.ground.database["promotions"].find_one({"_id": {"$gt": ""}}) is None
    return said


async def test_a_promotion_is_tried_page_by_page_and_summed_by_day(house: House) -> None:
    orders = OrdersFake(days=3, a_day=150)
    tried = pp.Promotion(kind=pp.PROMOTION_KIND_LIMITED_TIME, percent_bp=2_000, title="20 % off")
    said = await simulated(house, orders, promotion=tried)
    assert (said.state, said.done, said.total) == ("done", 30, 30)
    assert orders.asked == [0, 200, 200, 400]  # the lost answer was asked for again, and nothing counted twice
    [all_days] = said.totals
    assert (all_days.orders, all_days.touched, all_days.discount_minor) == (450, 450, 450 * 2_000)
    assert (all_days.revenue_before_minor, all_days.revenue_minor) == (450 * 10_000, 450 * 8_000)
    assert (all_days.cost_minor, all_days.below_floor) == (450 * 6_000, 450)
    assert [(day.day, day.orders) for day in said.days] == [(f"2026-11-{n}", 150) for n in (19, 20, 21)]


async def test_a_coupons_uses_and_money_run_out_as_they_would(house: House) -> None:
    tried = cp.Coupon(amount_off=cny(1_000), limit=300, budget=cny(250_500))
    said = await simulated(house, OrdersFake(days=3, a_day=150), coupon=tried)
    [all_days] = said.totals
    assert (all_days.touched, all_days.discount_minor, all_days.below_floor) == (250, 250_000, 0)
    assert [day.touched for day in said.days] == [150, 100, 0]


async def test_what_cannot_be_tried_is_refused(house: House) -> None:
    await house.fake("catalog", Floors(), margins_pb2_grpc.add_MarginsServiceServicer_to_server)
    stub: Any = SimulationsServiceStub((await house.start("marketing")).channel)
    coupon = cp.Coupon(amount_off=cny(1_000))
    neither = pb.StartSimulationRequest(by="stf_1", request_id="request-1")
    too_long = pb.StartSimulationRequest(by="stf_1", request_id="request-1", coupon=coupon, days=91)
    for request in (neither, too_long):
        assert (await refusal(call(stub.StartSimulation, request))).reason == "INVALID_SIMULATION"
