"""This is where orders dies, or its neighbours do, at every step of a checkout; and it ends as if nothing had been."""

import asyncio
import contextlib
from datetime import timedelta

import grpc.aio
import pytest
from shop.orders.v1 import orders_pb2
from shop.orders.v1.events_pb2 import OrderPaid

from services.kit.errors import TooLate, Unavailable, WrongState
from services.kit.rpc import NeighbourFailed

from .protection.shop import Writes
from .world import World

STEPS = [(call, when) for call in ("HoldStock", "TakeCoupons", "SpendPoints", "charge") for when in ("before", "after")]


async def _filled(world: World) -> str:
    world.marketing.coupons["SAVE"] = 100
    cart = await world.filled_cart({"A": 3, "B.2": 1}, "cus_1")
    await world.add_coupon(cart, "SAVE", "cus_1")
    return cart


async def _bought_once(world: World, order: orders_pb2.Order) -> None:
    """One order, one charge, one hold, one coupon use, points spent once, told once."""
    assert order.state == orders_pb2.ORDER_STATE_PAID
    payments = await world.psp.payments(order.id)
    assert [(p["status"], p["captured_minor"], p["refunded_minor"]) for p in payments] == [("captured", 5900, 0)]
    assert world.catalog.holds == {order.id: {"A": 3, "B.2": 1}}
    assert world.marketing.taken == {order.id: ["SAVE"]}
    assert (world.crm.balance, world.crm.spent) == (400, {order.id: 100})
    await world.house.settled()
    assert [told.order_id for told in world.house.told(OrderPaid)] == [order.id]


@pytest.mark.parametrize(("call", "when"), STEPS)
async def test_a_crash_at_any_step_is_made_good_by_the_same_request(world: World, call: str, when: str) -> None:
    request = world.request(await _filled(world), customer_id="cus_1", points=100)
    reached = asyncio.Event()
    world.faults.once[call, when] = reached
    dying = asyncio.ensure_future(world.checkout.Checkout(request, timeout=10))
    await reached.wait()
    dying.cancel()  # the handler is cut where it stands, its lease still running
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
        await dying
    await world.another_instance()
    world.house.clock.advance(seconds=11)
    answer = await world.insisting(request)
    await _bought_once(world, answer.order)


@pytest.mark.parametrize(("call", "when"), STEPS)
async def test_a_crash_at_any_step_is_made_good_by_the_chore(world: World, call: str, when: str) -> None:
    request = world.request(await _filled(world), customer_id="cus_1", points=100)
    reached = asyncio.Event()
    world.faults.once[call, when] = reached
    dying = asyncio.ensure_future(world.checkout.Checkout(request, timeout=10))
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
        await dying
    world.house.clock.advance(seconds=11)
    await world.until_order({"state": "paid"})
    answer = await world.check_out(request)
    assert answer.replayed
    await _bought_once(world, answer.order)


@pytest.mark.parametrize(("call", "when"), [*STEPS, ("find", "before")])
async def test_a_neighbour_that_fails_once_is_asked_again(world: World, call: str, when: str) -> None:
    request = world.request(await _filled(world), customer_id="cus_1", points=100)
    failure: Exception = ConnectionError() if call in ("charge", "find") else Unavailable("away")
    world.faults.once[call, when] = failure
    if call == "find":  # the answer is lost, and so is the answer to what became of it
        world.faults.once["charge", "after"] = ConnectionError()
    answer = await world.insisting(request)
    await _bought_once(world, answer.order)


async def test_a_lost_answer_of_the_provider_captures_once(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    answer = await world.insisting(world.request(cart, "tok_timeout_captured"))
    payments = await world.psp.payments(answer.order.id)
    assert [(p["status"], p["captured_minor"]) for p in payments] == [("captured", 1600)]


async def test_while_the_provider_is_away_nothing_is_decided(world: World) -> None:
    request = world.request(await _filled(world), customer_id="cus_1", points=100)
    world.psp.cut = True
    with pytest.raises((Unavailable, TooLate)) as refused:
        await world.check_out(request)
    assert refused.value.reason == "CHECKOUT_UNFINISHED"
    assert len(world.catalog.holds) == 1
    world.psp.cut = False
    await _bought_once(world, (await world.insisting(request)).order)


async def test_after_ten_minutes_nobody_is_charged_any_more(world: World) -> None:
    request = world.request(await _filled(world), customer_id="cus_1", points=100)
    world.psp.cut = True
    with pytest.raises(Unavailable):
        await world.check_out(request)
    world.house.clock.advance(minutes=11)
    world.psp.cut = False
    await world.until_order({"state": "refused", "undo": []})
    with pytest.raises(WrongState) as refused:
        await world.check_out(request)
    assert refused.value.reason == "CHECKOUT_EXPIRED"
    assert await world.psp.ledger() == []
    assert (world.catalog.holds, world.marketing.taken, world.crm.balance) == ({}, {}, 500)


async def test_what_cannot_be_given_back_at_once_is_given_back_later(world: World) -> None:
    cart = await world.filled_cart({"A": 3})
    world.faults.once["ReleaseHold", "before"] = Unavailable("away")
    with pytest.raises(WrongState):
        await world.check_out(world.request(cart, "tok_declined"))
    assert world.catalog.skus["A"].available == 97
    world.house.clock.advance(seconds=11)
    await world.until_order({"state": "declined", "undo": []})
    assert world.catalog.skus["A"].available == 100


async def test_two_instances_that_both_think_it_is_theirs_charge_once(world: World) -> None:
    request = world.request(await _filled(world), customer_id="cus_1", points=100)
    reached = asyncio.Event()
    world.faults.once["charge", "after"] = reached
    slow = asyncio.ensure_future(world.checkout.Checkout(request, timeout=10))
    await reached.wait()
    world.house.clock.at += timedelta(seconds=11)  # its lease is over, and it does not know
    await world.another_instance()
    answer = await world.insisting(request)
    await _bought_once(world, answer.order)
    slow.cancel()


@pytest.mark.parametrize("after", [False, True])
async def test_a_crash_at_any_write_leaves_one_order_and_its_customer_another_cart(world: World, after: bool) -> None:
    writes, number, died = Writes(world, "orders", "carts"), 0, True
    while died:
        number += 1
        cart = await world.filled_cart({"A": 1}, "cus_1")
        request = world.request(cart, customer_id="cus_1")
        writes.die(number, after=after)
        with contextlib.suppress(NeighbourFailed, Unavailable):
            await world.check_out(request)
        died = writes.count >= number
        writes.live()
        world.house.clock.advance(seconds=11)
        order = (await world.insisting(request)).order
        assert [(p["status"], p["captured_minor"]) for p in await world.psp.payments(order.id)] == [("captured", 1600)]
        assert (await world.show(cart, "cus_1")).state == "ordered"
    assert (number, len(world.catalog.holds)) == (4, 4)  # kept, its cart closed, paid; and once nobody dies
