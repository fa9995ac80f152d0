"""This is where goods are ordered again and again: at most one order a cycle, whoever stops where."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from shop.orders.v1 import subscriptions_pb2 as pb
from shop.orders.v1 import subscriptions_pb2_grpc
from shop.orders.v1.events_pb2 import (
    OrderPaid,
    RenewalAhead,
    RenewalFailed,
    RenewalSkipped,
    SubscriptionChanged,
    SubscriptionRenewed,
)

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.orders.world import ADDRESS, World, settles

ME = "cus_1"


def _desk(world: World) -> Any:
    return subscriptions_pb2_grpc.SubscriptionsServiceStub(world.service.channel)


async def plan(world: World, **more: Any) -> None:
    """What A can be subscribed to by."""
    wanted: dict[str, Any] = {
        "id": "tea",
        "title": "Tea",
        "skus": ["A"],
        "every": ["1w", "1m"],
        "on_price_rise": "hold",
        "on_stock_out": "skip",
        "remind_days": 2,
        "retry_days": [1, 3],
        "open": True,
    }
    await call(_desk(world).PutPlan, pb.PutPlanRequest(plan=pb.Plan(**{**wanted, **more})))


async def subscribed(world: World, token: str = "tok_ok", key: str = "", **more: Any) -> pb.Subscription:
    """Every week two of A."""
    wanted: dict[str, Any] = {
        "items": [pb.SubscriptionItem(sku="A", quantity=2)],
        "delivery_option": "standard",
        "address": ADDRESS,
        "payment_token": token,
        "plan": "tea",
        "every": "1w",
        "zone": "Asia/Shanghai",
        "currency": "CNY",
    }
    asked = pb.SubscribeRequest(
        customer_id=ME,
        wish=pb.Wish(**{**wanted, **more}),
        request_id=key or uuid.uuid4().hex,
        fingerprint=repr(more).encode(),
    )
    made: pb.Subscription = (await call(_desk(world).Subscribe, asked)).subscription
    return made


async def steer(world: World, of: pb.Subscription, action: str, customer: str = ME) -> pb.Subscription:
    """Skip, pause, resume, cancel: as a client does, until it is not busy."""
    asked = pb.SteerSubscriptionRequest(id=of.id, customer_id=customer, action=action)
    for _ in range(50):
        try:
            steered: pb.Subscription = (await call(_desk(world).SteerSubscription, asked)).subscription
            return steered
        except Refused as no:
            if no.reason != "SUBSCRIPTION_BUSY":
                raise
            await asyncio.sleep(0.02)
    raise AssertionError("always busy")


async def until(world: World, of: pb.Subscription, **fields: Any) -> dict[str, Any]:
    """Until the chore has made it so."""
    kept = world.service.ground.database["subscriptions"]
    async with asyncio.timeout(10):
        while not (found := await kept.find_one({"_id": of.id, **fields})):
            await asyncio.sleep(0.02)
    return dict(found)


async def paid(world: World) -> int:
    """How many orders were paid."""
    await world.house.settled()
    return len(world.house.told(OrderPaid))


async def test_each_week_one_order_is_made_and_announced(world: World) -> None:
    await plan(world)
    of = await subscribed(world)
    assert of.agreed.minor == 2600
    found = await until(world, of, cycle=2)
    world.house.clock.advance(days=5)
    await until(world, of, reminded=2)
    world.house.clock.advance(days=2)
    found = await until(world, of, cycle=3)
    assert (len(set(found["orders"])), await paid(world)) == (2, 2)
    assert [told.cycle for told in world.house.told(RenewalAhead)] == [2]
    assert [told.order_id for told in world.house.told(SubscriptionRenewed)] == found["orders"]
    order = await world.order(found["orders"][0], ME)
    assert (order.channel, order.payment_state) == ("subscription", "captured")
    assert b"tok_ok" not in repr(found).encode()


async def test_after_a_month_away_one_order_is_made_and_not_four(world: World) -> None:
    await plan(world)
    of = await subscribed(world)
    await until(world, of, cycle=2)
    world.house.clock.advance(days=30)
    await until(world, of, cycle=6)
    assert await paid(world) == 2
    assert [told.reason for told in world.house.told(RenewalSkipped)] == ["missed"]


async def test_a_declined_card_is_tried_again_then_it_is_paused_and_goes_on_with_another(world: World) -> None:
    await plan(world)
    of = await subscribed(world, "tok_declined")
    for days, failures in ((1, 1), (3, 2), (0, 3)):
        await until(world, of, failures=failures, sealed_draft=b"")
        world.house.clock.advance(days=days)
    await until(world, of, state="paused", why="payment_declined")
    await world.house.settled()
    assert [bool(told.retry_at) for told in world.house.told(RenewalFailed)] == [True, True, False]
    assert [told.state for told in world.house.told(SubscriptionChanged)] == ["active", "paused"]
    wish = pb.Wish(payment_token="tok_ok")
    await call(_desk(world).ChangeSubscription, pb.ChangeSubscriptionRequest(id=of.id, customer_id=ME, wish=wish))
    resumed = await steer(world, of, "resume")
    assert (resumed.state, resumed.failures) == ("active", 0)
    world.house.clock.advance(days=7)
    await until(world, of, cycle=resumed.cycle + 1)
    assert await paid(world) == 1


@pytest.mark.parametrize(
    ("policy", "state", "told"), [("hold", "paused", RenewalFailed), ("skip", "active", RenewalSkipped)]
)
async def test_a_price_that_rose_is_told_and_not_charged(world: World, policy: str, state: str, told: Any) -> None:
    await plan(world, on_price_rise=policy)
    of = await subscribed(world, first_at=rfc3339(world.house.clock.now() + timedelta(days=3)))
    world.catalog.skus["A"].price = 1200
    world.house.clock.advance(days=4)
    await until(world, of, state=state, **({"cycle": 2} if policy == "skip" else {"why": "price_rise"}))
    assert await paid(world) == 0
    assert [each.reason for each in world.house.told(told)] == ["price_rise"]
    if policy == "hold":
        assert (await steer(world, of, "resume")).agreed.minor == 3000


@pytest.mark.parametrize("policy", ["hold", "skip"])
async def test_what_is_out_of_stock_is_skipped_or_waited_for(world: World, policy: str) -> None:
    await plan(world, on_stock_out=policy)
    world.catalog.skus["A"].available = 1
    of = await subscribed(world)
    if policy == "skip":
        await until(world, of, cycle=2)
        assert (await paid(world), [t.reason for t in world.house.told(RenewalSkipped)]) == (0, ["stock_out"])
        return
    await until(world, of, failures=1, sealed_draft=b"")
    world.catalog.skus["A"].available = 10
    world.house.clock.advance(days=1, seconds=1)
    await until(world, of, cycle=2)
    assert (await paid(world), [t.reason for t in world.house.told(RenewalFailed)]) == (1, ["stock_out"])


async def test_it_is_skipped_paused_changed_and_cancelled_by_its_own_customer_alone(world: World) -> None:
    await plan(world)
    of = await subscribed(world, first_at=rfc3339(world.house.clock.now() + timedelta(days=3)))
    with pytest.raises(NotFound):
        await steer(world, of, "cancel", "cus_2")
    assert (await steer(world, of, "skip")).cycle == 2
    wish = pb.Wish(items=[pb.SubscriptionItem(sku="A", quantity=5)])
    change = pb.ChangeSubscriptionRequest(id=of.id, customer_id=ME, wish=wish)
    changed = (await settles(lambda: call(_desk(world).ChangeSubscription, change))).subscription
    assert (changed.items[0].quantity, changed.agreed.minor) == (5, 5600)
    assert (await steer(world, of, "pause")).state == "paused"
    world.house.clock.advance(days=40)
    resumed = await steer(world, of, "resume")
    assert resumed.due_at > rfc3339(world.house.clock.now())
    for _ in range(2):
        assert (await steer(world, of, "cancel")).state == "cancelled"
    with pytest.raises(WrongState):
        await steer(world, of, "resume")
    kept = await until(world, of, state="cancelled")
    assert (kept["sealed_token"], await paid(world)) == (b"", 0)


async def test_the_same_request_subscribes_once_and_what_cannot_be_meant_is_refused(world: World) -> None:
    await plan(world)
    once, again = await subscribed(world, key="k"), await subscribed(world, key="k")
    assert once.id == again.id
    with pytest.raises(Invalid) as reused:
        await subscribed(world, key="k", every="1m")
    assert reused.value.reason == "KEY_REUSED"
    wrong: list[dict[str, Any]] = [
        {"every": "2w"},
        {"items": [pb.SubscriptionItem(sku="B.2", quantity=1)]},
        {"zone": "Mars/Olympus"},
        {"first_at": "2000-01-01T00:00:00Z"},
        {"items": [pb.SubscriptionItem(sku="A", quantity=0)]},
    ]
    for more in wrong:
        with pytest.raises(Invalid) as no:
            await subscribed(world, **more)
        assert no.value.reason == "INVALID_SUBSCRIPTION"


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("charge", "after"),
        pytest.param("charge", "before", marks=pytest.mark.long),
        pytest.param("HoldStock", "before", marks=pytest.mark.long),
        pytest.param("HoldStock", "after", marks=pytest.mark.long),
    ],
)
async def test_a_crash_at_any_step_of_a_renewal_orders_once(world: World, step: str, when: str) -> None:
    await plan(world)
    reached = asyncio.Event()
    world.faults.once[step, when] = reached
    of = await subscribed(world)
    await reached.wait()
    await world.service.stop()  # where it stands
    await world.another_instance()
    kept = world.service.ground.database["subscriptions"]
    async with asyncio.timeout(10):
        while not (found := await kept.find_one({"_id": of.id, "cycle": 2})):
            world.house.clock.advance(seconds=3)  # leases end
            await asyncio.sleep(0.03)
    payments = await world.psp.payments(found["orders"][0])
    assert [payment["captured_minor"] for payment in payments] == [2600]
    assert len(await _captures(world)) == 1


async def _captures(world: World) -> list[Any]:
    return [row for row in await world.psp.ledger() if row["kind"] == "capture"]
