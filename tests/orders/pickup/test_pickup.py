"""This is where goods are put aside in a store, and given out once, to who knows the code; or put back when nobody comes."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.orders.v1 import carts_pb2, orders_pb2, pickups_pb2, pickups_pb2_grpc
from shop.orders.v1.events_pb2 import OrderDelivered, PickupExpired, PickupReady, PickupWaiting

from services.kit.errors import NotFound, Refused, Unavailable, WrongState
from services.kit.rpc import call
from services.orders.pickup.pickups import code_of, same_code
from tests.orders.world import World

ME = "cus_1"


def _desk(world: World) -> Any:
    return pickups_pb2_grpc.PickupsServiceStub(world.service.channel)


async def chosen(world: World, lines: dict[str, int], store: str = "hz-01") -> str:
    """A cart that is picked up."""
    cart = await world.filled_cart(lines, ME)
    key = carts_pb2.CartKey(cart_id=cart, customer_id=ME)
    await call(_desk(world).ChoosePickup, pickups_pb2.ChoosePickupRequest(key=key, store=store))
    return cart


async def bought(world: World, lines: dict[str, int]) -> orders_pb2.Order:
    """An order that is picked up."""
    cart = await chosen(world, lines)
    order: orders_pb2.Order = (await world.check_out(world.request(cart, customer_id=ME))).order
    return order


async def seen(world: World, order_id: str, *, staff: bool = False) -> pickups_pb2.Pickup:
    """How far it has come."""
    asked = pickups_pb2.GetPickupRequest(order_id=order_id, customer_id="" if staff else ME, staff=staff)
    pickup: pickups_pb2.Pickup = (await call(_desk(world).GetPickup, asked)).pickup
    return pickup


async def ready(world: World, order_id: str) -> pickups_pb2.Pickup:
    """It lies there."""
    asked = pickups_pb2.ReadyPickupRequest(order_id=order_id)
    pickup: pickups_pb2.Pickup = (await call(_desk(world).ReadyPickup, asked)).pickup
    return pickup


async def collect(world: World, order_id: str, code: str) -> pickups_pb2.Pickup:
    """Somebody comes."""
    asked = pickups_pb2.CollectPickupRequest(order_id=order_id, code=code, by="stf_1")
    pickup: pickups_pb2.Pickup = (await call(_desk(world).CollectPickup, asked)).pickup
    return pickup


async def test_it_is_put_aside_told_to_be_ready_and_given_out_for_its_code(world: World) -> None:
    order = await bought(world, {"A": 2})
    assert (order.fulfilment, order.totals[-1].amount.minor) == ("pickup", 2000)  # nothing for sending it
    assert world.catalog.taken == {order.id: {"A": 2}}
    assert (await seen(world, order.id)).code == ""
    with pytest.raises(WrongState) as early:
        await collect(world, order.id, "x")
    assert early.value.reason == "PICKUP_NOT_READY"
    for _ in range(2):
        assert (await ready(world, order.id)).code == ""
    code = (await seen(world, order.id)).code
    assert (len(code), (await seen(world, order.id, staff=True)).code) == (8, "")
    given_out = await collect(world, order.id, f" {code[:4].lower()}-{code[4:]} ")
    assert (given_out.state, given_out.by) == ("collected", "stf_1")
    with pytest.raises(WrongState):
        await collect(world, order.id, code)
    now = await world.order(order.id, ME)
    assert (now.state, now.lines[0].fulfilled) == (orders_pb2.ORDER_STATE_DELIVERED, 2)
    await world.house.settled()
    assert [told.store for told in world.house.told(PickupReady)] == ["hz-01"]
    assert [told.order_id for told in world.house.told(OrderDelivered)] == [order.id]
    kept = await world.service.ground.database["orders"].find_one({"_id": order.id})
    assert code not in str(kept)


async def test_five_wrong_codes_lock_it_and_a_new_code_opens_it(world: World) -> None:
    order = await bought(world, {"A": 1})
    await ready(world, order.id)
    old = (await seen(world, order.id)).code
    tries = await asyncio.gather(*(collect(world, order.id, f"WRONG{n}") for n in range(12)), return_exceptions=True)
    reasons = [no.reason for no in tries if isinstance(no, Refused)]
    assert sorted(reasons) == ["PICKUP_CODE_WRONG"] * 5 + ["PICKUP_LOCKED"] * 7
    with pytest.raises(Refused) as locked:
        await collect(world, order.id, old)
    assert locked.value.reason == "PICKUP_LOCKED"
    await call(_desk(world).RenewPickupCode, pickups_pb2.RenewPickupCodeRequest(order_id=order.id))
    with pytest.raises(WrongState) as stale:
        await collect(world, order.id, old)
    assert stale.value.reason == "PICKUP_CODE_WRONG"
    assert (await collect(world, order.id, (await seen(world, order.id)).code)).state == "collected"


async def test_who_comes_twice_at_once_gets_it_once(world: World) -> None:
    order = await bought(world, {"A": 1})
    await ready(world, order.id)
    code = (await seen(world, order.id)).code
    tries = await asyncio.gather(*(collect(world, order.id, code) for _ in range(4)), return_exceptions=True)
    assert len([each for each in tries if not isinstance(each, Refused)]) == 1
    await world.house.settled()
    assert len(world.house.told(OrderDelivered)) == 1


@pytest.mark.parametrize("lost", [None, "before", "after"])
async def test_when_nobody_comes_it_is_put_back_and_the_money_given_back(world: World, lost: str | None) -> None:
    order = await bought(world, {"A": 2})
    await ready(world, order.id)
    code = (await seen(world, order.id)).code
    world.house.clock.advance(days=6)
    await world.until_order({"_id": order.id, "pickup.reminded": True})
    if lost:
        world.faults.once["ReceiveStock", lost] = Unavailable("away")
    world.house.clock.advance(days=1)
    orders = world.service.ground.database["orders"]
    async with asyncio.timeout(10):
        while not await orders.find_one({"_id": order.id, "state": "cancelled", "undo": []}):
            await asyncio.sleep(0.02)
            world.house.clock.advance(seconds=1)  # leases end
    assert list(world.catalog.received.values()) == [("hz-01", 2)]
    assert world.catalog.skus["A"].available == 100
    [payment] = await world.psp.payments(order.id)
    assert payment["refunded_minor"] == payment["captured_minor"] == 2000
    with pytest.raises(WrongState):
        await collect(world, order.id, code)
    await world.house.settled()
    assert (len(world.house.told(PickupWaiting)), len(world.house.told(PickupExpired))) == (1, 1)


async def test_cancel_against_collect_and_one_of_the_two_happens(world: World) -> None:
    order = await bought(world, {"A": 1})
    await ready(world, order.id)
    code = (await seen(world, order.id)).code
    await asyncio.gather(collect(world, order.id, code), world.cancel(order.id, ME), return_exceptions=True)
    state = (await world.order(order.id, ME)).state
    [payment] = await world.psp.payments(order.id)
    back = {orders_pb2.ORDER_STATE_DELIVERED: 0, orders_pb2.ORDER_STATE_CANCELLED: 1000}[state]
    assert (payment["refunded_minor"], bool(world.catalog.received)) == (back, bool(back))


async def test_a_store_that_is_short_gives_out_nothing_and_nobody_is_charged_for_it(world: World) -> None:
    cart = await chosen(world, {"A": 1})
    world.catalog.short.add("hz-01")
    key = carts_pb2.CartKey(cart_id=cart, customer_id=ME)
    points = (await call(_desk(world).ListPickupPoints, pickups_pb2.ListPickupPointsRequest(key=key))).points
    assert [(point.store.code, point.available) for point in points] == [("bj-01", True), ("hz-01", False)]
    assert list(points[0].store.hours) == ["mon 10:00-21:00"]
    for store, reason in (("hz-01", "STORE_SHORT"), ("main", "PICKUP_POINT_NOT_FOUND")):
        with pytest.raises(Refused) as no:
            await call(_desk(world).ChoosePickup, pickups_pb2.ChoosePickupRequest(key=key, store=store))
        assert no.value.reason == reason
    with pytest.raises(WrongState):
        await world.check_out(world.request(cart, customer_id=ME))  # it was short only when it was paid
    (found,) = [doc async for doc in world.service.ground.database["orders"].find({"state": "refused"})]
    [payment] = await world.psp.payments(found["_id"])
    assert payment["captured_minor"] == payment["refunded_minor"]
    assert (world.catalog.holds, world.catalog.received) == ({}, {})


async def test_what_is_sent_is_not_picked_up(world: World) -> None:
    order = await world.bought({"A": 1}, customer_id=ME)
    with pytest.raises(NotFound) as no:
        await seen(world, order.id)
    assert no.value.reason == "NOT_PICKED_UP"
    listed = pickups_pb2.ListPickupsRequest(store="hz-01", state="preparing")
    assert list((await call(_desk(world).ListPickups, listed)).pickups) == []


@given(st.text(), st.text(max_size=40), st.integers(1, 50))
def test_a_code_is_the_same_again_and_another_for_each_order_and_turn(secret: str, order_id: str, turn: int) -> None:
    code = code_of(secret, order_id, turn)
    assert same_code(f"{code[:4]} {code[4:].lower()}", code)
    assert code != code_of(secret, order_id, turn + 1)
    assert code != code_of(secret, f"{order_id}x", turn)
    assert not same_code("", code)
