"""This is where orders are held to have a place in a delivery window, exactly as long as they live, and one at a time."""

import asyncio
import contextlib
import uuid
from typing import Any

import grpc.aio
import pytest
from shop.orders.v1 import carts_pb2, carts_pb2_grpc, exceptions_pb2, orders_pb2, slots_pb2, slots_pb2_grpc
from shop.orders.v1.events_pb2 import DeliveryWindowChanged, OrderPaid

from services.kit.errors import Invalid, NotFound, Refused, TooLate, Unavailable, WrongState
from services.kit.rpc import call
from tests.orders.preorders.test_preorders import opened
from tests.orders.test_exceptions import desk
from tests.orders.test_readdressing import elsewhere
from tests.orders.world import ADDRESS, World

ME = "cus_1"
PAID, CANCELLED = orders_pb2.ORDER_STATE_PAID, orders_pb2.ORDER_STATE_CANCELLED


def _desk(world: World) -> Any:
    return slots_pb2_grpc.SlotsServiceStub(world.service.channel)


async def _choose(world: World, cart: str, window: str, option: str = "same-city") -> carts_pb2.Cart:
    key = carts_pb2.CartKey(cart_id=cart, customer_id=ME)
    asked = carts_pb2.ChooseDeliveryRequest(key=key, option=option, window=window)
    cart_now: carts_pb2.Cart = (await call(world.carts.ChooseDelivery, asked)).cart
    return cart_now


async def _cart(world: World, window: str = "s1") -> str:
    """One that is brought then."""
    cart = await world.filled_cart({"A": 2}, ME)
    await _choose(world, cart, window)
    return cart


async def _bought(world: World, window: str = "s1", token: str = "tok_ok") -> orders_pb2.Order:
    cart = await _cart(world, window)
    order: orders_pb2.Order = (await world.check_out(world.request(cart, token, customer_id=ME))).order
    return order


async def _change(world: World, order: str, slot: str, staff: str = "") -> orders_pb2.Order:
    asked = slots_pb2.ChangeSlotRequest(order_id=order, customer_id="" if staff else ME, staff_id=staff, slot=slot)
    changed: orders_pb2.Order = (await call(_desk(world).ChangeSlot, asked)).order
    return changed


async def _fates(world: World, *orders: str) -> list[str]:
    answer = await call(_desk(world).ListSlotFates, slots_pb2.ListSlotFatesRequest(order_ids=orders))
    return list(answer.slots)


async def _killed(world: World, doing: Any, step: str, when: str) -> None:
    """Orders dies at this step of it; another replica is spoken to from then on."""
    reached = asyncio.Event()
    world.faults.once[step, when] = reached
    dying = asyncio.ensure_future(doing)
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError, Refused):
        await dying
    await world.another_instance()


async def _until(world: World, where: dict[str, Any]) -> None:
    """Until the chores have made some order so; leases of what broke off end meanwhile."""
    orders = world.service.ground.database["orders"]
    async with asyncio.timeout(10):
        while not await orders.find_one(where):
            await asyncio.sleep(0.05)
            world.house.clock.advance(seconds=1)


async def test_a_window_is_chosen_with_the_cart_taken_at_checkout_and_told_with_the_order(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=5, s2=5, s9=0)
    cart = await world.filled_cart({"A": 2}, ME)
    key = carts_pb2.CartKey(cart_id=cart, customer_id=ME)
    asked = slots_pb2.ListCartSlotsRequest(key=key, option="same-city")
    assert [(one.id, one.left) for one in (await call(_desk(world).ListCartSlots, asked)).slots] == [
        ("s1", 5),
        ("s2", 5),
    ]
    shown = await _choose(world, cart, "")
    assert [message.code for message in shown.messages] == ["window_missing"]
    with pytest.raises(WrongState) as missing:
        await world.check_out(world.request(cart, customer_id=ME))
    assert missing.value.reason == "WINDOW_MISSING"
    for slot, reason in (("s7", "WINDOW_CLOSED"), ("s9", "WINDOW_FULL")):
        with pytest.raises(WrongState) as no:
            await _choose(world, cart, slot)
        assert (no.value.reason, no.value.meta["next"]) == (reason, "s1 s2")
    with pytest.raises(Invalid):
        await _choose(world, cart, "s1", option="balloon")
    assert (await _choose(world, cart, "s2")).window.id == "s2"
    assert world.logistics.of("") == [] and not any(world.logistics.holders.values())
    order = (await world.check_out(world.request(cart, customer_id=ME))).order
    assert (order.window.id, world.logistics.of(order.id)) == ("s2", ["s2"])
    assert order.expectations[0].ship_by == order.window.from_at
    assert order.expectations[0].deliver_by == order.window.until_at
    await world.house.settled()
    (told,) = world.house.told(OrderPaid)
    assert (told.window.slot, told.window.warehouse, told.window.revision) == ("s2", "hz-main", 0)
    assert list(told.classes) == []  # in two days: nothing urgent
    soon = await _bought(world, "s1")
    assert list(
        (await call(world.orders.GetOrder, orders_pb2.GetOrderRequest(id=soon.id, staff=True))).order.classes
    ) == ["urgent"]


async def test_orders_without_a_window_ask_nobody_for_one(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=5)
    for _ in range(2):
        order = await world.bought({"A": 1}, customer_id=ME)
        await world.cancel(order.id, ME)
    cart = await _cart(world)  # chosen, and then something else was
    asked = world.logistics.asked_for_places
    await _choose(world, cart, "", option="standard")
    order = (await world.check_out(world.request(cart, customer_id=ME))).order
    assert not order.HasField("window") and world.logistics.asked_for_places == asked
    with pytest.raises(NotFound) as none:
        await _change(world, order.id, "s1")
    assert none.value.reason == "NO_WINDOW"


async def test_a_window_that_filled_up_meanwhile_is_refused_with_others_and_costs_nothing(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    late = await _cart(world)
    first = await _bought_by_another(world)
    for _ in range(2):
        with pytest.raises(WrongState) as full:
            await world.check_out(world.request(late, customer_id=ME, key="k-full"))
        assert (full.value.reason, full.value.meta["next"]) == ("WINDOW_FULL", "s2")
    assert world.catalog.holds == {first: {"A": 2}}
    await _choose(world, late, "s2")
    order = (await world.check_out(world.request(late, customer_id=ME))).order
    assert (order.state, world.logistics.of(order.id)) == (PAID, ["s2"])


async def _bought_by_another(world: World) -> str:
    cart = await world.filled_cart({"A": 2}, "cus_2")
    key = carts_pb2.CartKey(cart_id=cart, customer_id="cus_2")
    await call(world.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="same-city", window="s1"))
    return str((await world.check_out(world.request(cart, customer_id="cus_2"))).order.id)


async def test_what_comes_to_nothing_gives_its_place_back_whoever_is_away(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    cart = await _cart(world)
    world.faults.once["SettleSlot", "after"] = TooLate("the answer is lost")
    with pytest.raises(WrongState) as declined:
        await world.check_out(world.request(cart, "tok_declined", customer_id=ME))
    refused = declined.value.meta["order_id"]
    world.house.clock.advance(seconds=11)
    await _until(world, {"_id": refused, "undo": []})
    assert not any(world.logistics.holders.values()) and await _fates(world, refused, "ord_unheard") == ["", ""]
    order = (await world.check_out(world.request(cart, customer_id=ME))).order
    assert await _fates(world, order.id) == ["s1"]
    world.faults.once["SettleSlot", "before"] = Unavailable("away")
    await world.cancel(order.id, ME)
    world.house.clock.advance(seconds=11)
    await _until(world, {"_id": order.id, "state": "cancelled", "undo": []})
    assert not any(world.logistics.holders.values()) and await _fates(world, order.id) == [""]
    with pytest.raises(WrongState):
        await _change(world, order.id, "s2")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_checkout_nobody_goes_on_with_is_given_up_and_its_place_is_free(world: World, when: str) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    request = world.request(await _cart(world), customer_id=ME)
    await _killed(world, world.checkout.Checkout(request, timeout=10), "TakeSlot", when)
    world.house.clock.advance(minutes=11)
    await _until(world, {"state": "refused", "undo": []})
    assert not any(world.logistics.holders.values())
    with pytest.raises(WrongState) as expired:
        await world.check_out(request)
    assert (expired.value.reason, await world.psp.payments(expired.value.meta["order_id"])) == ("CHECKOUT_EXPIRED", [])


async def test_what_is_sold_ahead_has_no_window(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    await opened(world)
    with pytest.raises(WrongState) as ahead:
        await _bought(world)
    assert (ahead.value.reason, world.logistics.of("")) == ("AHEAD_WITHOUT_WINDOW", [])
    assert not any(world.logistics.holders.values())


async def test_its_address_stays_where_its_riders_go(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    order = await _bought(world)

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
    waiting = await _bought(world, token="tok_3ds")
    assert waiting.state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION
    assert (world.logistics.of(waiting.id), await _fates(world, waiting.id)) == (["s1"], ["s1"])
    world.house.clock.advance(minutes=16)
    await _until(world, {"_id": waiting.id, "state": "declined", "undo": []})
    assert not any(world.logistics.holders.values())


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_as_the_place_is_taken_is_made_good(world: World, when: str) -> None:
    world.logistics.offer(world.house.clock, s1=1)
    request = world.request(await _cart(world), customer_id=ME, key=uuid.uuid4().hex)
    await _killed(world, world.checkout.Checkout(request, timeout=10), "TakeSlot", when)
    world.house.clock.advance(seconds=11)
    order = (await world.insisting(request)).order
    assert (order.state, world.logistics.of(order.id)) == (PAID, ["s1"])
    assert len(await world.psp.payments(order.id)) == 1


async def test_its_customer_changes_it_once_until_the_cut_off_and_staff_may_after_that(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1, s3=1, s4=1)
    order = await _bought(world)
    asked = slots_pb2.ListOrderSlotsRequest(order_id=order.id, customer_id=ME)
    assert [one.id for one in (await call(_desk(world).ListOrderSlots, asked)).slots] == ["s2", "s3", "s4"]
    for _ in range(2):
        changed = await _change(world, order.id, "s2")
        assert (changed.window.id, changed.window.changed, world.logistics.of(order.id)) == ("s2", True, ["s2"])
    assert changed.expectations[0].ship_by == changed.window.from_at > order.window.from_at
    with pytest.raises(WrongState) as fixed:
        await _change(world, order.id, "s3")
    assert (fixed.value.reason, fixed.value.meta["why"]) == ("WINDOW_FIXED", "changed")
    moved = await _change(world, order.id, "s3", "stf_1")
    assert moved.window.id == "s3" and moved.ship_clock.due_at == moved.window.from_at
    world.logistics.riding.add(order.id)
    with pytest.raises(WrongState) as riding:
        await _change(world, order.id, "s4", "stf_1")
    assert riding.value.reason == "ON_THE_WAY"
    late = await _bought(world, "s1")
    world.house.clock.advance(hours=22)  # its cut-off
    with pytest.raises(WrongState) as over:
        await _change(world, late.id, "s4")
    assert (over.value.meta["why"], world.logistics.of(late.id)) == ("cut_off", ["s1"])
    with pytest.raises(NotFound):
        await call(
            _desk(world).ChangeSlot, slots_pb2.ChangeSlotRequest(order_id=late.id, customer_id="cus_9", slot="s4")
        )
    await world.house.settled()
    told = [(one.was, one.window.slot, one.window.revision, one.by) for one in world.house.told(DeliveryWindowChanged)]
    assert told == [("s1", "s2", 1, ""), ("s2", "s3", 2, "stf_1")]


@pytest.mark.parametrize(
    ("step", "when", "has"), [("TakeSlot", "before", "s1"), ("TakeSlot", "after", "s1"), ("SettleSlot", "before", "s2")]
)
async def test_a_crash_half_way_through_a_change_leaves_one_window_and_it_can_be_asked_again(
    world: World, step: str, when: str, has: str
) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    order = await _bought(world)
    asked = slots_pb2.ChangeSlotRequest(order_id=order.id, customer_id=ME, slot="s2")
    await _killed(world, _desk(world).ChangeSlot(asked, timeout=10), step, when)
    assert (await world.order(order.id, ME)).window.id == has
    assert await _fates(world, order.id) == [has]  # what logistics' sweeper, or the event, goes by
    assert (await _change(world, order.id, "s2")).window.id == "s2"
    await world.house.settled()
    assert [one.window.slot for one in world.house.told(DeliveryWindowChanged)] == ["s2"]


async def test_of_many_changes_at_once_one_happens_and_no_place_is_lost(world: World) -> None:
    slots = {f"s{n}": 1 for n in range(1, 8)}
    world.logistics.offer(world.house.clock, **slots)
    order = await _bought(world)
    tries = [_change(world, order.id, slot) for slot in list(slots)[1:]]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    won = [answer.window.id for answer in answers if isinstance(answer, orders_pb2.Order)]
    assert len(set(won)) == 1
    assert {no.reason for no in answers if isinstance(no, Refused)} <= {"WINDOW_FIXED"}
    assert world.logistics.of(order.id) == won[:1] == [(await world.order(order.id, ME)).window.id]


async def _overtaken(world: World, order: orders_pb2.Order) -> Any:
    """A change to `s2` that has its place and not yet said so; set the gate to let it go on."""
    world.logistics.gates["s2"] = asyncio.Event()
    slow = asyncio.create_task(_change(world, order.id, "s2"))
    async with asyncio.timeout(5):
        while "s2" not in world.logistics.of(order.id):
            await asyncio.sleep(0.01)
    return slow


async def test_a_slow_change_does_not_undo_what_staff_changed_meanwhile(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1, s3=1)
    order = await _bought(world)
    slow = await _overtaken(world, order)
    for slot in ("s3", "s1"):  # there and back
        await _change(world, order.id, slot, "stf_1")
    world.logistics.gates["s2"].set()
    with pytest.raises(WrongState) as overtaken:
        await slow
    assert (overtaken.value.reason, world.logistics.of(order.id)) == ("WINDOW_FIXED", ["s1"])


async def test_a_slow_change_of_what_was_cancelled_meanwhile_takes_nothing(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    order = await _bought(world)
    slow = await _overtaken(world, order)
    await world.cancel(order.id, ME)
    world.logistics.holders["s2"].add(order.id)  # its place was taken after all were given back
    world.logistics.gates["s2"].set()
    with pytest.raises(WrongState):
        await slow
    assert (await world.order(order.id, ME)).window.id == "s1" and world.logistics.of(order.id) == []
    await world.house.settled()
    assert world.house.told(DeliveryWindowChanged) == []


async def test_of_cancelling_and_changing_at_once_nothing_stays_taken_of_what_is_cancelled(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    order = await _bought(world)
    await asyncio.gather(_change(world, order.id, "s2"), world.cancel(order.id, ME), return_exceptions=True)
    await _until(world, {"_id": order.id, "state": "cancelled", "undo": []})
    assert not any(world.logistics.holders.values())


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
