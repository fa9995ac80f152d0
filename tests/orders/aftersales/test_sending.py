"""This is where something is sent instead: as an order of its own, its stock held once, its difference paid once."""

import asyncio
import contextlib

import grpc.aio
import pytest
from shop.orders.v1 import orders_pb2, returns_pb2
from shop.orders.v1.events_pb2 import OrderPaid

from services.kit.errors import Refused
from tests.orders.world import World, settles

from .counter import Counter


async def test_a_reship_is_an_order_of_its_own_that_costs_nothing(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 2, "B.2": 1}, customer_id="cus_1")
    rma = await counter.open(order.id, {"A": 1}, "missing", "reship")
    await counter.approve(rma.id)
    sent = await counter.send(rma.id)
    assert sent.state == returns_pb2.RETURN_STATE_SENT
    assert (await counter.send(rma.id)).follow_up == sent.follow_up
    follow = await counter.follow_up(sent)
    assert follow.state == orders_pb2.ORDER_STATE_PAID
    assert follow.follows == orders_pb2.Follows(order_id=order.id, kind="reship", return_id=rma.id)
    assert [(line.sku, line.quantity, line.total.minor) for line in follow.lines] == [("A", 1, 0)]
    assert follow.address.street == "文三路 90 号" and sum(t.amount.minor for t in follow.totals[:-1]) == 0
    assert world.catalog.holds[follow.id] == {"A": 1}
    assert await world.psp.payments(follow.id) == []
    await world.house.settled()
    told = world.house.told(OrderPaid)[-1]
    assert (told.order_id, told.channel, told.total.minor) == (follow.id, "after_sales", 0)


async def test_what_was_sent_can_come_back_for_what_its_first_was_paid_with(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 2}, customer_id="cus_1")
    rma = await counter.approve((await counter.open(order.id, {"A": 2}, "quality", "replace")).id)
    await counter.receive(rma.id)
    follow = await counter.follow_up(await counter.send(rma.id))
    await _delivered(world, follow)
    back = await counter.open(follow.id, {"A": 1}, "size")
    assert back.refund.minor == 1000
    await counter.approve(back.id)
    await counter.receive(back.id)
    assert (await counter.refund(back.id)).state == returns_pb2.RETURN_STATE_REFUNDED
    assert await counter.given_back(order.id) == 1000
    with pytest.raises(Refused) as no:
        await counter.open(order.id, {"A": 1})
    assert no.value.reason == "NOTHING_TO_RETURN"


async def test_what_is_dearer_is_paid_for_and_what_is_cheaper_given_back(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 1, "B.2": 1}, customer_id="cus_1")
    dearer = await counter.open(order.id, {"A": 1}, "size", "exchange", wants={"B.2": 1})
    cheaper = await counter.open(order.id, {"B.2": 1}, "size", "exchange", wants={"A": 1})
    for rma in (dearer, cheaper):
        await counter.approve(rma.id)
        await counter.receive(rma.id)
    waiting = await counter.send(dearer.id)
    assert (waiting.state, waiting.difference.minor) == (returns_pb2.RETURN_STATE_AWAITING_PAYMENT, 1500)
    again = await counter.pay(dearer.id, "tok_declined")
    assert (again.state, again.unsendable) == (returns_pb2.RETURN_STATE_AWAITING_PAYMENT, "PAYMENT_DECLINED")
    world.catalog.skus["B.2"].price = 2700
    with pytest.raises(Refused) as no:
        await counter.pay(dearer.id)
    assert no.value.reason == "DIFFERENCE_CHANGED"
    paid = await counter.pay(dearer.id)
    assert paid.state == returns_pb2.RETURN_STATE_SENT
    assert [p["captured_minor"] for p in await world.psp.payments(paid.follow_up)] == [1700]
    sent = await counter.send(cheaper.id)
    assert (sent.state, sent.difference.minor) == (returns_pb2.RETURN_STATE_SENT, -1500)
    assert await counter.given_back(order.id) == 1500
    follow = await counter.follow_up(paid)
    await _delivered(world, follow)
    with pytest.raises(Refused) as twice:
        await counter.open(follow.id, {"B.2": 1}, "size", "exchange")
    assert twice.value.reason == "ALREADY_EXCHANGED"
    back = await counter.open(follow.id, {"B.2": 1}, "size")
    await counter.approve(back.id)
    await counter.receive(back.id)
    await counter.refund(back.id)
    assert await counter.given_back(follow.id) == 1700
    assert await counter.given_back(order.id) == 2500  # all that its goods cost, but for the A that was kept


async def test_what_is_out_of_stock_is_refunded_instead(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 1}, customer_id="cus_1")
    world.catalog.skus["A"].available = 0
    rma = await counter.approve((await counter.open(order.id, {"A": 1}, "quality", "replace")).id)
    await counter.receive(rma.id)
    back = await counter.send(rma.id)
    assert (back.state, back.unsendable) == (returns_pb2.RETURN_STATE_RECEIVED, "OUT_OF_STOCK")
    assert (await counter.refund(rma.id)).state == returns_pb2.RETURN_STATE_REFUNDED
    assert await counter.given_back(order.id) == 1000


async def test_a_follow_up_that_is_cancelled_is_owed_again(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 1}, customer_id="cus_1")
    rma = await counter.open(order.id, {"A": 1}, "missing", "reship")
    await counter.approve(rma.id)
    sent = await counter.send(rma.id)
    await world.cancel(sent.follow_up, "cus_1")
    await world.house.settled()
    now = await counter.get(rma.id)
    assert (now.state, now.unsendable, now.follow_up) == (returns_pb2.RETURN_STATE_APPROVED, "CANCELLED", "")
    assert (await counter.refund(rma.id)).state == returns_pb2.RETURN_STATE_REFUNDED
    assert await counter.given_back(order.id) == 1000


STEPS = [("HoldStock", "before"), ("HoldStock", "after"), ("refund", "before"), ("refund", "after")]


@pytest.mark.parametrize(
    ("step", "when"), [STEPS[1], *(pytest.param(*one, marks=pytest.mark.long) for one in (STEPS[0], *STEPS[2:]))]
)
async def test_who_dies_while_sending_is_followed_by_the_chore(world: World, step: str, when: str) -> None:
    """A cheaper exchange holds stock, orders, and gives the difference back; cut at each step it is done once."""
    counter = Counter(world)
    order = await world.delivered({"B.2": 1}, customer_id="cus_1")
    rma = await counter.open(order.id, {"B.2": 1}, "size", "exchange", wants={"A": 1})
    await counter.approve(rma.id)
    await counter.receive(rma.id)
    reached = asyncio.Event()
    world.faults.once[step, when] = reached
    request = returns_pb2.SendInsteadRequest(id=rma.id, by="stf_1")
    dying = asyncio.ensure_future(world.returns.SendInstead(request, timeout=10))
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
        await dying
    await world.another_instance()
    counter = Counter(world)

    async def done() -> None:
        while (await counter.get(rma.id)).state != returns_pb2.RETURN_STATE_SENT:
            world.house.clock.advance(seconds=11)
            await asyncio.sleep(0.1)

    await asyncio.wait_for(done(), 15)
    now = await counter.get(rma.id)
    assert world.catalog.holds[now.follow_up] == {"A": 1}
    assert [order_id for order_id in world.catalog.holds if order_id not in (order.id, now.follow_up)] == []
    assert await counter.given_back(order.id) == 1500


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=pytest.mark.long)])
async def test_sent_by_two_and_refunded_by_a_third_at_once_it_is_one_of_them(world: World, times: int) -> None:
    counter = Counter(world)
    for _ in range(times):
        order = await world.delivered({"A": 1}, customer_id="cus_1")
        rma = await counter.approve((await counter.open(order.id, {"A": 1}, "quality", "replace")).id)
        await counter.receive(rma.id)
        await asyncio.gather(
            counter.send(rma.id),
            counter.send(rma.id),
            settles(lambda: counter.refund(rma.id)),  # noqa: B023
            return_exceptions=True,
        )
        now, given = await counter.get(rma.id), await counter.given_back(order.id)
        if now.state == returns_pb2.RETURN_STATE_SENT:
            assert given == 0 and world.catalog.holds[now.follow_up] == {"A": 1}
        else:
            assert (now.state, given) == (returns_pb2.RETURN_STATE_REFUNDED, 1000)
        living = {now.follow_up} if now.follow_up else set()
        sent = world.service.ground.database["orders"].find({"channel": "after_sales", "state": "paid"})
        assert {row["_id"] async for row in sent if row["follow_up"]["return_id"] == rma.id} == living


async def _delivered(world: World, order: orders_pb2.Order) -> None:
    shipment = f"shp_{order.id.removeprefix('ord_')}"
    for event in (world.plan(order, shipment), world.shipped(order, shipment)):
        await world.house.tell(event, key=shipment)
    await world.house.tell(world.moved(order, "delivered", 1, shipment), key=shipment)
    await world.house.settled()
