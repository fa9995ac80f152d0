"""This is where promotions make bought goods cheaper for everybody: who paid more is given the difference, once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from shop.marketing.v1 import promotions_pb2 as pb
from shop.marketing.v1.events_pb2 import PromotionChanged
from shop.orders.v1.price_protection_pb2 import ListPriceDropsRequest

from services.kit.clock import rfc3339
from services.kit.errors import Unavailable
from services.kit.rpc import call
from services.orders.leases import EPOCH
from tests.orders.neighbours import Sku
from tests.orders.world import World

from .shop import falls, put, standing, stub, swept

LIMITED, THRESHOLD = pb.PROMOTION_KIND_LIMITED_TIME, pb.PROMOTION_KIND_SPEND_THRESHOLD


async def promotes(world: World, promotion: pb.Promotion, shown: dict[str, int]) -> None:
    """Staff make a promotion, or change it; from its start on these SKUs cost so much."""
    world.marketing.rules[promotion.id] = promotion
    world.marketing.shown = {sku: (minor, promotion.id) for sku, minor in shown.items()}
    world.house.clock.advance(seconds=5)
    told = PromotionChanged(promotion_id=promotion.id, at=rfc3339(world.house.clock.now()))
    await world.house.tell(told, key=promotion.id)
    await world.house.settled()
    await looked(world)


async def looked(world: World) -> None:
    """Every promotion that was due is looked after, every drop swept, all that is reserved paid."""
    database, soon = world.service.ground.database, world.house.clock.now() + timedelta(seconds=11)  # or leased
    for collection, due in (("promotion_watches", "due_at"), ("price_drops", "due_at"), ("orders", "protecting_at")):
        while await database[collection].find_one({due: {"$gt": EPOCH, "$lte": soon}}):
            await asyncio.sleep(0.01)


def running(world: World, promotion_id: str = "prm_1", kind: Any = LIMITED, **more: Any) -> pb.Promotion:
    """One that has begun."""
    return pb.Promotion(id=promotion_id, kind=kind, starts_at=rfc3339(world.house.clock.now()), **more)


async def drops(world: World) -> list[tuple[str, int, str, int]]:
    """SKU, price, cause and what was paid, oldest first."""
    listed = (await call(stub(world).ListPriceDrops, ListPriceDropsRequest())).drops
    return [(drop.sku, drop.new_price.minor, drop.cause, drop.amount.minor) for drop in reversed(listed)]


async def paid(world: World, order: Any) -> list[int]:
    """What went back."""
    return [each.amount.minor for each in (await standing(world, order.id, order.customer_id)).payments]


async def test_a_promotion_for_everybody_gives_the_difference_to_who_paid_more_once(world: World) -> None:
    order = await world.bought({"A": 2}, customer_id="cus_1")
    await world.bought({"B.2": 1}, customer_id="cus_2")
    promotion = running(world, skus=["A", "C"])
    await promotes(world, promotion, {"A": 850, "C": 100})
    late = rfc3339(world.house.clock.now())
    await promotes(world, promotion, {"A": 850})  # changed, and as cheap as before
    await world.house.tell(PromotionChanged(promotion_id=promotion.id, at=late), key=promotion.id)
    await world.house.settled()
    assert [drop[:3] for drop in await drops(world)] == [("A", 850, "promotion")] * 2  # nobody has bought C
    assert await paid(world, order) == [300]
    await promotes(world, promotion, {"A": 800})
    assert await paid(world, order) == [300, 100]
    assert [payment["refunded_minor"] for payment in await world.psp.payments(order.id)] == [400]


async def test_it_counts_from_its_start_and_again_from_each_step(world: World) -> None:
    order, now = await world.bought({"A": 1}, customer_id="cus_1"), world.house.clock.now()
    begins_at, step_at = rfc3339(now + timedelta(hours=1)), rfc3339(now + timedelta(hours=2))
    steps = [pb.PromotionStep(percent_bp=1_000, until=step_at), pb.PromotionStep(percent_bp=3_000)]
    promotion = pb.Promotion(id="prm_1", kind=LIMITED, starts_at=begins_at, steps=steps, categories=["cat_1"])
    await promotes(world, promotion, {"A": 900})
    assert await drops(world) == []
    world.house.clock.advance(hours=1)
    await looked(world)
    assert await drops(world) == [("A", 900, "flash_sale", 100)]
    world.marketing.shown = {"A": (700, "prm_1")}
    world.house.clock.advance(hours=1)
    await looked(world)
    assert await drops(world) == [("A", 900, "flash_sale", 100), ("A", 700, "flash_sale", 200)]
    assert await paid(world, order) == [100, 200]


async def test_what_is_not_for_everybody_now_is_nobodys_price(world: World) -> None:
    await world.bought({"A": 1}, customer_id="cus_1")
    others: list[dict[str, Any]] = [
        {"kind": THRESHOLD},
        {"audience": pb.Audience(signed_in=True)},
        {"audience": pb.Audience(tiers=["gold"])},
        {"channels": ["live"]},
        {"paused": True},
        {"ends_at": "2020-01-01T00:00:00Z"},
    ]
    for number, other in enumerate(others):
        await promotes(world, running(world, f"prm_{number}", **other), {"A": 500})
    world.house.clock.advance(days=31)
    await promotes(world, running(world, "prm_late"), {"A": 500})  # for who bought within thirty days
    assert await drops(world) == []


async def test_what_is_bought_is_found_by_category_or_all_of_it_however_much_there_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.orders.protection.store._A_LOOK", 2)
    skus = [f"S{number}" for number in range(5)]
    for sku in skus:
        world.catalog.skus[sku] = Sku(1_000)
        await world.bought({sku: 1}, customer_id=f"cus_{sku.lower()}")
    await promotes(world, running(world, categories=["cat_2"]), dict.fromkeys(skus, 900))
    assert await drops(world) == []
    await promotes(world, running(world, "prm_2"), dict.fromkeys(skus, 900))
    assert sorted(drop[0] for drop in await drops(world)) == skus
    assert {drop[1:] for drop in await drops(world)} == {(900, "promotion", 100)}


async def test_the_policy_may_leave_flash_sales_out(world: World) -> None:
    await put(world, excluded_causes=["flash_sale"])
    order = await world.bought({"A": 1}, customer_id="cus_1")
    await promotes(world, running(world, limit_per_customer=1), {"A": 500})
    assert await paid(world, order) == []
    await promotes(world, running(world, "prm_2"), {"A": 900})
    assert await paid(world, order) == [100]


async def test_a_list_price_that_falls_while_it_runs_counts_as_it_is_shown_though_marketing_was_away(
    world: World,
) -> None:
    await promotes(world, running(world), {})
    order = await world.bought({"A": 1}, customer_id="cus_1")
    world.catalog.skus["A"].price = 900
    world.marketing.shown = {"A": (810, "prm_1")}
    world.faults.once["ListShownPrices", "before"] = Unavailable("away")
    drop = await falls(world, 900)
    while world.faults.once:
        await asyncio.sleep(0.01)
    world.house.clock.advance(seconds=11)
    await swept(world, drop)
    await looked(world)
    assert await paid(world, order) == [100, 90]
