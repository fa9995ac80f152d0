"""This is where an order is cancelled, or it is too late for that."""

import asyncio

import pytest
from shop.orders.v1 import orders_pb2
from shop.orders.v1.events_pb2 import CheckoutRefused, OrderCancelled, RefundIssued

from services.kit.errors import NotFound, Refused, Unavailable, WrongState
from services.kit.rpc import call

from .world import World, settles


async def _nothing_left(world: World, order: orders_pb2.Order, total: int) -> None:
    assert order.state == orders_pb2.ORDER_STATE_CANCELLED
    payments = await world.psp.payments(order.id)
    assert [(p["captured_minor"], p["refunded_minor"]) for p in payments] == [(total, total)]
    assert (world.catalog.holds, world.marketing.taken, world.crm.spent) == ({}, {}, {})
    assert [a.amount.minor for a in order.adjustments] == [-total]
    await world.house.settled()
    assert [told.total.minor for told in world.house.told(OrderCancelled)] == [total]
    assert [told.amount.minor for told in world.house.told(RefundIssued)] == [total]


async def test_cancelling_gives_everything_back_once(world: World) -> None:
    world.marketing.coupons["SAVE"] = 100
    cart = await world.filled_cart({"A": 2, "B.2": 1}, "cus_1")
    await world.add_coupon(cart, "SAVE", "cus_1")
    order = (await world.check_out(world.request(cart, customer_id="cus_1", points=100))).order
    assert order.totals[-1].amount.minor == 4900
    answers = await asyncio.gather(*(settles(lambda: world.cancel(order.id, "cus_1")) for _ in range(10)))
    ending = {orders_pb2.ORDER_STATE_CANCELLED, orders_pb2.ORDER_STATE_CANCELLING}
    assert {answer.state for answer in answers} <= ending
    cancelled = await world.order(order.id, "cus_1")
    await _nothing_left(world, cancelled, 4900)
    assert [event.type for event in cancelled.events] == ["placed", "paid", "cancelled", "refunded"]
    assert world.house.told(RefundIssued)[0].goods.minor == 4300  # 4500 less coupon and points
    assert sum(line.paid.minor for line in world.house.told(RefundIssued)[0].lines) == 4300
    version = (await world.order(order.id, "cus_1")).version  # what hears of it has stopped its clock
    assert (await world.cancel(order.id, "cus_1")).version == version


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("StopShipments", "before"),
        ("StopShipments", "after"),
        ("refund", "before"),
        ("refund", "after"),
    ],
)
async def test_a_cancel_cut_short_is_finished(world: World, step: str, when: str) -> None:
    order = await world.bought({"A": 2})
    world.faults.once[step, when] = Unavailable("away") if step == "StopShipments" else ConnectionError()
    with pytest.raises(Unavailable) as refused:
        await world.cancel(order.id)
    assert refused.value.reason == "CANCEL_UNFINISHED"
    await world.until_order({"state": "cancelled", "undo": []})
    await _nothing_left(world, await world.order(order.id), 2600)


async def test_what_the_shelf_does_not_take_back_now_it_takes_back_later(world: World) -> None:
    order = await world.bought({"A": 2})
    world.faults.once["ReleaseHold", "before"] = Unavailable("away")
    assert (await world.cancel(order.id)).state == orders_pb2.ORDER_STATE_CANCELLED
    world.house.clock.advance(seconds=11)
    await world.until_order({"state": "cancelled", "undo": []})
    await _nothing_left(world, await world.order(order.id), 2600)


async def test_what_has_left_cannot_be_cancelled(world: World) -> None:
    order = await world.bought({"A": 1})
    world.logistics.shipped.add(order.id)  # and we have not heard of it yet
    with pytest.raises(WrongState) as refused:
        await world.cancel(order.id)
    assert refused.value.reason == "TOO_LATE_TO_CANCEL"
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_PAID
    for event in (world.plan(order), world.shipped(order)):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_SHIPPED
    with pytest.raises(WrongState, match="sent already"):
        await world.cancel(order.id)
    assert [p["refunded_minor"] for p in await world.psp.payments(order.id)] == [0]


async def test_cancel_and_ship_at_once_have_one_winner(world: World) -> None:
    for _ in range(3):
        order = await world.bought({"A": 1})
        reached = asyncio.Event()
        world.faults.once["StopShipments", "before"] = reached
        cancelling = asyncio.ensure_future(
            world.orders.CancelOrder(orders_pb2.CancelOrderRequest(id=order.id), timeout=5)
        )
        await reached.wait()
        world.logistics.shipped.add(order.id)  # the warehouse was faster
        for event in (world.plan(order), world.shipped(order)):
            await world.house.tell(event, key=order.id)
        await world.house.settled()
        assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_CANCELLING
        cancelling.cancel()
        world.house.clock.advance(seconds=11)
        await world.until_order({"_id": order.id, "state": "shipped"})
        assert [p["refunded_minor"] for p in await world.psp.payments(order.id)] == [0]


async def test_a_payment_that_waits_for_its_customer_is_let_go(world: World) -> None:
    cart = await world.filled_cart({"A": 2})
    order = (await world.check_out(world.request(cart, "tok_3ds"))).order
    cancelled = await world.cancel(order.id)
    assert (cancelled.state, list(cancelled.adjustments)) == (orders_pb2.ORDER_STATE_CANCELLED, [])
    assert [p["status"] for p in await world.psp.payments(order.id)] == ["voided"]
    assert world.catalog.skus["A"].available == 100
    await world.house.settled()
    assert world.house.told(OrderCancelled) == []
    assert [told.reason for told in world.house.told(CheckoutRefused)] == ["CANCELLED"]
    assert (await world.check_out(world.request(cart))).order.state == orders_pb2.ORDER_STATE_PAID


async def test_anothers_order_is_not_there_but_staff_see_it(world: World) -> None:
    order = await world.bought({"A": 1}, customer_id="cus_1")
    for stranger in ("", "cus_2"):
        with pytest.raises(NotFound):
            await world.cancel(order.id, stranger)
    with pytest.raises(Refused):
        await world.cancel("ord_$ne")
    request = orders_pb2.CancelOrderRequest(id=order.id, staff=True, reason="fraud")
    answer = await call(world.orders.CancelOrder, request)
    assert answer.order.state == orders_pb2.ORDER_STATE_CANCELLED
    await world.house.settled()
    assert world.house.told(OrderCancelled)[0].reason == "fraud"
