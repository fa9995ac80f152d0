"""This is where the promise to send within a day is watched: warned and broken once, also after a restart."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from shop.orders.v1 import deadlines_pb2 as pb
from shop.orders.v1 import deadlines_pb2_grpc, holds_pb2, holds_pb2_grpc, orders_pb2
from shop.orders.v1.events_pb2 import ClockBreached, ClockWarned
from shop.type.v1.page_pb2 import Page

from services.kit.clock import parse_time, rfc3339
from services.kit.errors import Conflict, Invalid
from services.kit.rpc import call

from .aftersales.counter import Counter
from .world import World

HOUR = 3600


def desk(world: World) -> Any:
    return deadlines_pb2_grpc.DeadlinesServiceStub(world.service.channel)


async def at_risk(world: World, *, breached: bool = False) -> list[str]:
    request = pb.ListOrdersAtRiskRequest(breached=breached, page=Page(limit=10))
    return [order.id for order in (await call(desk(world).ListOrdersAtRisk, request)).orders]


async def put(world: World, policy: pb.SlaPolicy, if_version: int = 0) -> pb.SlaTerms:
    request = pb.PutSlaPolicyRequest(policy=policy, if_version=if_version)
    terms: pb.SlaTerms = (await call(desk(world).PutSlaPolicy, request)).terms
    return terms


async def clock_of(world: World, order_id: str) -> Any:
    document = await world.service.ground.database["orders"].find_one({"_id": order_id})
    assert document
    return document["ship_clock"]


async def settled(world: World, order_id: str, **wanted: Any) -> Any:
    """The clock, once the chores have made it so."""
    await world.until_order({"_id": order_id, **{f"ship_clock.{name}": value for name, value in wanted.items()}})
    await world.house.settled()
    return await clock_of(world, order_id)


def told(world: World) -> list[tuple[str, int]]:
    breaches = [(event.subject, event.level) for event in world.house.told(ClockBreached)]
    return sorted([(event.subject, 0) for event in world.house.told(ClockWarned)] + breaches)


async def test_a_promise_is_warned_of_broken_and_escalated_once(world: World) -> None:
    order, begun = await world.bought({"A": 1}), world.house.clock.now()
    assert order.expectations[0].ship_by == rfc3339(begun + timedelta(hours=24))
    assert await at_risk(world) == []
    world.house.clock.advance(hours=20, minutes=1)
    await settled(world, order.id, told=1)
    assert (await at_risk(world), await at_risk(world, breached=True)) == ([order.id], [])
    (warned,) = world.house.told(ClockWarned)
    assert (warned.policy, warned.order_id, warned.at) == ("ship_by", order.id, rfc3339(begun + timedelta(hours=20)))
    world.house.clock.advance(hours=50)  # nobody was there for the breach
    clock = await settled(world, order.id, told=3)
    assert clock["next_at"] is None and clock["breached_at"] == begun + timedelta(hours=24)
    assert told(world) == [(order.id, 0), (order.id, 1), (order.id, 2)]
    assert await at_risk(world, breached=True) == [order.id]


async def test_what_fell_due_while_the_service_was_away_is_told_once_after_it_is_back(world: World) -> None:
    orders = [await world.bought({"A": 1}) for _ in range(3)]
    await world.service.stop()
    world.house.clock.advance(hours=30)
    await world.another_instance()
    for order in orders:
        await settled(world, order.id, told=2)
    first = world.service
    await world.another_instance()
    assert first is not world.service
    await asyncio.sleep(0)
    assert told(world) == sorted((order.id, level) for order in orders for level in (0, 1))


@pytest.mark.parametrize("runs", [2, pytest.param(50, marks=pytest.mark.long)])
async def test_two_replicas_and_many_rounds_tell_once(world: World, runs: int) -> None:
    from services.orders.deadlines.policies import POLICIES
    from services.orders.deadlines.ship_by import ShipBy
    from services.orders.store import Keeping
    from services.orders.timers import TermsBook

    keeping = Keeping(world.service.ground)
    expected = []
    for _ in range(runs):
        order = await world.bought({"A": 1})
        watchers = []
        for _ in range(4):
            book = TermsBook(keeping.terms, POLICIES, world.house.clock)
            await book.refresh()
            watchers.append(ShipBy(keeping.orders, book, world.house.clock, lambda _s: None))
        barrier = asyncio.Barrier(len(watchers))

        async def strike(watcher: ShipBy, barrier: asyncio.Barrier = barrier) -> None:
            await barrier.wait()
            await watcher.timers.strike()

        world.house.clock.advance(hours=20, minutes=1)
        await asyncio.gather(*(strike(watcher) for watcher in watchers))
        expected.append((order.id, 0))
        await settled(world, order.id, told=1)
        await call_stop(world, order)
    assert told(world) == sorted(expected)


async def call_stop(world: World, order: orders_pb2.Order) -> None:
    """It is sent, so that nothing more is told of it."""
    shipment = f"shp_{order.id[4:]}"
    for event in (world.plan(order, shipment), world.shipped(order, shipment)):
        await world.house.tell(event, key=shipment)
    await settled(world, order.id, terms=None)


async def test_a_sent_or_cancelled_order_is_at_no_risk_any_more(world: World) -> None:
    sent, cancelled = await world.bought({"A": 1}), await world.bought({"A": 1})
    world.house.clock.advance(hours=21)
    for order in (sent, cancelled):
        await settled(world, order.id, told=1)
    for event in (world.plan(sent, "shp_1", 2), world.plan(sent, "shp_2", 2), world.shipped(sent, "shp_1")):
        await world.house.tell(event, key=sent.id)
    await world.house.settled()
    assert not (await clock_of(world, sent.id))["stopped_at"]  # a parcel is still here
    await world.house.tell(world.shipped(sent, "shp_2"), key=sent.id)
    stopped = await settled(world, sent.id, terms=None)
    assert stopped["spent_ms"] == 21 * HOUR * 1000
    await world.cancel(cancelled.id)
    await settled(world, cancelled.id, terms=None)
    world.house.clock.advance(days=9)
    assert await at_risk(world) == []
    metric = world.service.ground.metrics.registry.get_sample_value
    assert metric("shop_order_to_ship_seconds_count") == 1
    assert metric("shop_order_to_ship_seconds_bucket", {"le": str(24.0 * HOUR)}) == 1


async def test_the_promise_stands_still_while_the_order_waits_for_its_customer(world: World) -> None:
    order = await world.bought({"A": 1})
    stub = holds_pb2_grpc.HoldsServiceStub(world.service.channel)
    world.house.clock.advance(hours=10)
    for reason, pauses in (("wrong_address", True), ("qc", False)):
        request = holds_pb2.HoldOrderRequest(order_id=order.id, reason=reason, by="stf_1", pauses=pauses)
        held = (await call(stub.HoldOrder, request)).order
    assert (held.ship_clock.state, held.ship_clock.due_at) == ("paused", "")
    world.house.clock.advance(days=3)
    go = holds_pb2.ReleaseHoldRequest(order_id=order.id, reason="wrong_address", by="stf_1")
    running = (await call(stub.ReleaseHold, go)).order  # quality is our own affair: the clock runs
    assert parse_time(running.ship_clock.due_at) == world.house.clock.now() + timedelta(hours=14)
    assert told(world) == []


async def test_changed_terms_reach_clocks_that_run_and_keep_what_is_spent(world: World) -> None:
    order, begun = await world.bought({"A": 1}), world.house.clock.now()
    world.house.clock.advance(hours=6)
    terms = await put(world, pb.SlaPolicy(id="ship_by", duration_s=8 * HOUR, warn_bp=2500))
    clock = await settled(world, order.id, terms=terms.revision, told=1)
    assert clock["due_at"] == begun + timedelta(hours=8) and told(world) == [(order.id, 0)]
    with pytest.raises(Conflict):
        await put(world, pb.SlaPolicy(id="ship_by", duration_s=HOUR), if_version=terms.revision - 1)
    fresh = await world.bought({"A": 1})
    assert (await clock_of(world, fresh.id))["due_at"] == world.house.clock.now() + timedelta(hours=8)


async def test_calendars_are_checked_and_followed(world: World) -> None:
    spans = [pb.SlaSpan(opens=540, closes=720), pb.SlaSpan(opens=780, closes=1080)]
    office = [pb.SlaDay(spans=spans)] * 5 + [pb.SlaDay()] * 2
    good = pb.SlaCalendar(id="office", zone="Asia/Shanghai", week=office, special=[pb.SlaDay(date="2026-10-01")])
    wrong = [
        ("/zone", pb.SlaCalendar(id="office", zone="Moon/Sea", week=office)),
        ("/week", pb.SlaCalendar(id="office", zone="UTC", week=[pb.SlaDay()] * 7)),
        ("/week", pb.SlaCalendar(id="office", zone="UTC", week=[pb.SlaDay(spans=spans[::-1])] * 7)),
        ("/special", pb.SlaCalendar(id="office", zone="UTC", week=office, special=[pb.SlaDay(date="2026-13-01")])),
        ("/id", pb.SlaCalendar(id="Büro", zone="UTC", week=office)),
    ]
    for pointer, calendar in wrong:
        with pytest.raises(Invalid) as no:
            await call(desk(world).PutSlaCalendar, pb.PutSlaCalendarRequest(calendar=calendar))
        assert (no.value.reason, no.value.errors[0].pointer) == ("INVALID_SLA", pointer)
    with pytest.raises(Invalid):
        await put(world, pb.SlaPolicy(id="ship_by", duration_s=HOUR, calendar="office"))
    kept = (await call(desk(world).PutSlaCalendar, pb.PutSlaCalendarRequest(calendar=good))).terms
    seldom = pb.SlaCalendar(
        id="office", zone="UTC", week=[pb.SlaDay(spans=[pb.SlaSpan(opens=0, closes=1)])] + [pb.SlaDay()] * 6
    )
    await put(world, pb.SlaPolicy(id="other", duration_s=3 * HOUR, calendar="office"))
    with pytest.raises(Invalid):  # a minute a week: three hours would take three years
        await call(desk(world).PutSlaCalendar, pb.PutSlaCalendarRequest(calendar=seldom))
    assert list(kept.calendars) == [good]
    await put(world, pb.SlaPolicy(id="ship_by", duration_s=8 * HOUR, calendar="office"))
    order = await world.bought({"A": 1})
    due_at = (await clock_of(world, order.id))["due_at"]
    assert 1 <= due_at.hour + due_at.minute / 60 <= 10  # in Shanghai's office hours


async def test_a_return_is_answered_within_a_day_that_stands_while_its_customer_is_asked(world: World) -> None:
    order, counter = await world.delivered({"A": 2}, customer_id="cus_1"), Counter(world)
    opened = await counter.open(order.id, {"A": 1})
    returns = world.service.ground.database["returns"]

    async def clock_is(**wanted: Any) -> Any:
        async with asyncio.timeout(10):
            where = {"_id": opened.id, **{f"review_clock.{name}": value for name, value in wanted.items()}}
            while not (found := await returns.find_one(where)):
                await asyncio.sleep(0.02)
        return found["review_clock"]

    begun = world.house.clock.now()
    assert (await clock_is(turn=1))["due_at"] == begun + timedelta(hours=24)
    world.house.clock.advance(hours=10)
    await counter.move(opened.id, "ask", "Which side is broken?")
    await clock_is(paused="waits_for_customer")
    world.house.clock.advance(days=2)
    assert [e for e in world.house.told(ClockBreached) if e.policy == "return_review"] == []
    await counter.move(opened.id, "answer", "The left one.", staff=False)
    assert (await clock_is(paused="", told=0))["due_at"] == begun + timedelta(days=2, hours=24)
    world.house.clock.advance(hours=14)
    await clock_is(told=2)
    await world.house.settled()
    told = [(e.subject, e.order_id) for e in world.house.told(ClockBreached) if e.policy == "return_review"]
    assert told == [(opened.id, order.id)]
    await counter.approve(opened.id)
    await clock_is(terms=None)
