"""This is where orders are held to have a place in a delivery window, exactly as long as they live, and one at a time."""

import uuid

import pytest
from shop.orders.v1 import carts_pb2, carts_pb2_grpc, exceptions_pb2, orders_pb2, slots_pb2
from shop.orders.v1.events_pb2 import OrderPaid
from shop.type.v1 import money_pb2

from services.kit.errors import Invalid, NotFound, TooLate, Unavailable, WrongState
from services.kit.rpc import call
from tests.orders.intake.desk import Desk, line, sold
from tests.orders.preorders.test_preorders import opened
from tests.orders.slots.buying import ME, PAID, bought, change, choose, fates, killed, slots_desk, until, windowed_cart
from tests.orders.test_exceptions import desk
from tests.orders.test_readdressing import elsewhere
from tests.orders.world import ADDRESS, World

WHEN = [pytest.param("before", marks=pytest.mark.long), "after"]


async def test_a_window_is_chosen_with_the_cart_taken_at_checkout_and_told_with_the_order(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=5, s2=5, s9=0)
    cart = await world.filled_cart({"A": 2}, ME)
    key = carts_pb2.CartKey(cart_id=cart, customer_id=ME)
    asked = slots_pb2.ListCartSlotsRequest(key=key, option="same-city")
    assert [(one.id, one.left) for one in (await call(slots_desk(world).ListCartSlots, asked)).slots] == [
        ("s1", 5),
        ("s2", 5),
    ]
    shown = await choose(world, cart, "")
    assert [message.code for message in shown.messages] == ["window_missing"]
    with pytest.raises(WrongState) as missing:
        await world.check_out(world.request(cart, customer_id=ME))
    assert missing.value.reason == "WINDOW_MISSING"
    for slot, reason in (("s7", "WINDOW_CLOSED"), ("s9", "WINDOW_FULL")):
        with pytest.raises(WrongState) as no:
            await choose(world, cart, slot)
        assert (no.value.reason, no.value.meta["next"]) == (reason, "s1 s2")
    with pytest.raises(Invalid):
        await choose(world, cart, "s1", option="balloon")
    assert (await choose(world, cart, "s2")).window.id == "s2"
    assert world.logistics.of("") == [] and not any(world.logistics.holders.values())
    order = (await world.check_out(world.request(cart, customer_id=ME))).order
    assert (order.window.id, world.logistics.of(order.id)) == ("s2", ["s2"])
    assert order.expectations[0].ship_by == order.window.from_at
    assert order.expectations[0].deliver_by == order.window.until_at
    await world.house.settled()
    (told,) = world.house.told(OrderPaid)
    assert (told.window.slot, told.window.warehouse, told.window.revision) == ("s2", "hz-main", 0)
    assert list(told.classes) == []  # in two days: nothing urgent
    soon = await bought(world, "s1")
    assert list(
        (await call(world.orders.GetOrder, orders_pb2.GetOrderRequest(id=soon.id, staff=True))).order.classes
    ) == ["urgent"]


async def test_orders_without_a_window_ask_nobody_for_one(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=5)
    for _ in range(2):
        order = await world.bought({"A": 1}, customer_id=ME)
        await world.cancel(order.id, ME)
    cart = await windowed_cart(world)  # chosen, and then something else was
    asked = world.logistics.asked_for_places
    await choose(world, cart, "", option="standard")
    order = (await world.check_out(world.request(cart, customer_id=ME))).order
    assert not order.HasField("window") and world.logistics.asked_for_places == asked
    with pytest.raises(NotFound) as none:
        await change(world, order.id, "s1")
    assert none.value.reason == "NO_WINDOW"


async def test_a_window_that_filled_up_meanwhile_is_refused_with_others_and_costs_nothing(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    late = await windowed_cart(world)
    first = await _bought_by_another(world)
    for _ in range(2):
        with pytest.raises(WrongState) as full:
            await world.check_out(world.request(late, customer_id=ME, key="k-full"))
        assert (full.value.reason, full.value.meta["next"]) == ("WINDOW_FULL", "s2")
    assert world.catalog.holds == {first: {"A": 2}}
    await choose(world, late, "s2")
    order = (await world.check_out(world.request(late, customer_id=ME))).order
    assert (order.state, world.logistics.of(order.id)) == (PAID, ["s2"])


async def _bought_by_another(world: World) -> str:
    cart = await world.filled_cart({"A": 2}, "cus_2")
    key = carts_pb2.CartKey(cart_id=cart, customer_id="cus_2")
    await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="same-city", window="s1"))
    return str((await world.check_out(world.request(cart, customer_id="cus_2"))).order.id)


async def test_what_comes_to_nothing_gives_its_place_back_whoever_is_away(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    cart = await windowed_cart(world)
    world.faults.once["SettleSlot", "after"] = TooLate("the answer is lost")
    with pytest.raises(WrongState) as declined:
        await world.check_out(world.request(cart, "tok_declined", customer_id=ME))
    refused = declined.value.meta["order_id"]
    world.house.clock.advance(seconds=11)
    await until(world, {"_id": refused, "undo": []})
    assert not any(world.logistics.holders.values()) and await fates(world, refused, "ord_unheard") == ["", ""]
    order = (await world.check_out(world.request(cart, customer_id=ME))).order
    assert await fates(world, order.id) == ["s1"]
    world.faults.once["SettleSlot", "before"] = Unavailable("away")
    await world.cancel(order.id, ME)
    world.house.clock.advance(seconds=11)
    await until(world, {"_id": order.id, "state": "cancelled", "undo": []})
    assert not any(world.logistics.holders.values()) and await fates(world, order.id) == [""]
    with pytest.raises(WrongState):
        await change(world, order.id, "s2")


@pytest.mark.parametrize("when", WHEN)
async def test_a_checkout_nobody_goes_on_with_is_given_up_and_its_place_is_free(world: World, when: str) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    request = world.request(await windowed_cart(world), customer_id=ME)
    await killed(world, world.checkout.Checkout(request, timeout=10), "TakeSlot", when)
    world.house.clock.advance(minutes=11)
    await until(world, {"state": "refused", "undo": []})
    assert not any(world.logistics.holders.values())
    with pytest.raises(WrongState) as expired:
        await world.check_out(request)
    assert (expired.value.reason, await world.psp.payments(expired.value.meta["order_id"])) == ("CHECKOUT_EXPIRED", [])


async def test_what_is_sold_ahead_has_no_window(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    await opened(world)
    with pytest.raises(WrongState) as ahead:
        await bought(world)
    assert (ahead.value.reason, world.logistics.of("")) == ("AHEAD_WITHOUT_WINDOW", [])
    assert not any(world.logistics.holders.values())


async def test_what_comes_in_through_a_channel_is_brought_at_any_hour(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    mini = Desk(world)
    await mini.open("mini", "mini_program")
    total = money_pb2.Money(currency="CNY", minor=1900)
    how = {"payment_method": "card", "payment_token": "tok_ok", "freight_minor": 0, "delivery_option": "same-city"}
    taken = await mini.one("mini", sold("M1", line("A"), total=total, **how))
    order = await world.order(taken.order.order_id)
    assert (order.delivery.id, order.HasField("window"), world.logistics.asked_for_places) == ("same-city", False, 0)


async def test_its_address_stays_where_its_riders_go(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    order = await bought(world)

    async def moved(staff: str = "", **fields: str) -> None:
        asked = exceptions_pb2.ReaddressOrderRequest(order_id=order.id, address=elsewhere(**fields))
        asked.customer_id, asked.staff_id = "" if staff else ME, staff
        await call(desk(world).ReaddressOrder, asked)

    with pytest.raises(Invalid) as far:
        await moved(district="上城区")
    assert far.value.reason == "ADDRESS_TOO_FAR"
    await moved()
    await moved("stf_1", district="上城区")


async def test_a_payment_nobody_confirmed_gives_its_place_back(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    waiting = await bought(world, token="tok_3ds")
    assert waiting.state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION
    assert (world.logistics.of(waiting.id), await fates(world, waiting.id)) == (["s1"], ["s1"])
    world.house.clock.advance(minutes=16)
    await until(world, {"_id": waiting.id, "state": "declined", "undo": []})
    assert not any(world.logistics.holders.values())


@pytest.mark.parametrize("when", WHEN)
async def test_a_crash_as_the_place_is_taken_is_made_good(world: World, when: str) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    request = world.request(await windowed_cart(world), customer_id=ME, key=uuid.uuid4().hex)
    await killed(world, world.checkout.Checkout(request, timeout=10), "TakeSlot", when)
    world.house.clock.advance(seconds=11)
    order = (await world.insisting(request)).order
    assert (order.state, world.logistics.of(order.id)) == (PAID, ["s1"])
    assert len(await world.psp.payments(order.id)) == 1


async def test_a_guests_window_comes_along_when_they_sign_in(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    guest = await world.new_cart()
    await world.put(guest, "A", 1)
    key = carts_pb2.CartKey(cart_id=guest)
    await call(world.carts.SetAddress, carts_pb2.SetAddressRequest(key=key, address=ADDRESS))
    await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="same-city", window="s1"))
    carts = carts_pb2_grpc.CartsServiceStub(world.service.channel)
    merged = await call(carts.MergeCarts, carts_pb2.MergeCartsRequest(guest_cart_id=guest, customer_id=ME))
    assert merged.cart.window.id == "s1"
