"""This is where another window is chosen for an order: once, one of many, and whoever dies no place is lost."""

import asyncio
from typing import Any

import pytest
from shop.orders.v1 import orders_pb2, slots_pb2
from shop.orders.v1.events_pb2 import DeliveryWindowChanged

from services.kit.errors import NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.orders.slots.buying import (
    ME,
    bought,
    change,
    fates,
    killed,
    slots_desk,
    until,
)
from tests.orders.world import World


async def test_its_customer_changes_it_once_until_the_cut_off_and_staff_may_after_that(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1, s3=1, s4=1)
    order = await bought(world)
    asked = slots_pb2.ListOrderSlotsRequest(order_id=order.id, customer_id=ME)
    assert [one.id for one in (await call(slots_desk(world).ListOrderSlots, asked)).slots] == ["s2", "s3", "s4"]
    for _ in range(2):
        changed = await change(world, order.id, "s2")
        assert (changed.window.id, changed.window.changed, world.logistics.of(order.id)) == ("s2", True, ["s2"])
    assert changed.expectations[0].ship_by == changed.window.from_at > order.window.from_at
    with pytest.raises(WrongState) as fixed:
        await change(world, order.id, "s3")
    assert (fixed.value.reason, fixed.value.meta["why"]) == ("WINDOW_FIXED", "changed")
    moved = await change(world, order.id, "s3", "stf_1")
    assert moved.window.id == "s3" and moved.ship_clock.due_at == moved.window.from_at
    world.logistics.riding.add(order.id)
    with pytest.raises(WrongState) as riding:
        await change(world, order.id, "s4", "stf_1")
    assert riding.value.reason == "ON_THE_WAY"
    late = await bought(world, "s1")
    world.house.clock.advance(hours=22)  # its cut-off
    with pytest.raises(WrongState) as over:
        await change(world, late.id, "s4")
    assert (over.value.meta["why"], world.logistics.of(late.id)) == ("cut_off", ["s1"])
    with pytest.raises(NotFound):
        await call(
            slots_desk(world).ChangeSlot, slots_pb2.ChangeSlotRequest(order_id=late.id, customer_id="cus_9", slot="s4")
        )
    await world.house.settled()
    told = [(one.was, one.window.slot, one.window.revision, one.by) for one in world.house.told(DeliveryWindowChanged)]
    assert told == [("s1", "s2", 1, ""), ("s2", "s3", 2, "stf_1")]


BROKEN_OFF = [
    pytest.param("TakeSlot", "before", "s1", marks=pytest.mark.long),
    ("TakeSlot", "after", "s1"),
    ("SettleSlot", "before", "s2"),
]


@pytest.mark.parametrize(("step", "when", "has"), BROKEN_OFF)
async def test_a_crash_half_way_through_a_change_leaves_one_window_and_it_can_be_asked_again(
    world: World, step: str, when: str, has: str
) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    order = await bought(world)
    asked = slots_pb2.ChangeSlotRequest(order_id=order.id, customer_id=ME, slot="s2")
    await killed(world, slots_desk(world).ChangeSlot(asked, timeout=10), step, when)
    assert (await world.order(order.id, ME)).window.id == has
    assert await fates(world, order.id) == [has]  # what logistics' sweeper, or the event, goes by
    assert (await change(world, order.id, "s2")).window.id == "s2"
    await world.house.settled()
    assert [one.window.slot for one in world.house.told(DeliveryWindowChanged)] == ["s2"]


async def test_of_many_changes_at_once_one_happens_and_no_place_is_lost(world: World) -> None:
    slots = {f"s{n}": 1 for n in range(1, 8)}
    world.logistics.offer(world.house.clock, **slots)
    order = await bought(world)
    tries = [change(world, order.id, slot) for slot in list(slots)[1:]]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    won = [answer.window.id for answer in answers if isinstance(answer, orders_pb2.Order)]
    assert len(set(won)) == 1
    assert {no.reason for no in answers if isinstance(no, Refused)} <= {"WINDOW_FIXED"}
    assert world.logistics.of(order.id) == won[:1] == [(await world.order(order.id, ME)).window.id]


async def _overtaken(world: World, order: orders_pb2.Order) -> Any:
    """A change to `s2` that has its place and not yet said so; set the gate to let it go on."""
    world.logistics.gates["s2"] = asyncio.Event()
    slow = asyncio.create_task(change(world, order.id, "s2"))
    async with asyncio.timeout(5):
        while "s2" not in world.logistics.of(order.id):
            await asyncio.sleep(0.01)
    return slow


async def test_a_slow_change_does_not_undo_what_staff_changed_meanwhile(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1, s3=1)
    order = await bought(world)
    slow = await _overtaken(world, order)
    for slot in ("s3", "s1"):  # there and back
        await change(world, order.id, slot, "stf_1")
    world.logistics.gates["s2"].set()
    with pytest.raises(WrongState) as overtaken:
        await slow
    assert (overtaken.value.reason, world.logistics.of(order.id)) == ("WINDOW_FIXED", ["s1"])


async def test_a_slow_change_of_what_was_cancelled_meanwhile_takes_nothing(world: World) -> None:
    world.logistics.offer(world.house.clock, s1=1, s2=1)
    order = await bought(world)
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
    order = await bought(world)
    await asyncio.gather(change(world, order.id, "s2"), world.cancel(order.id, ME), return_exceptions=True)
    await until(world, {"_id": order.id, "state": "cancelled", "undo": []})
    assert not any(world.logistics.holders.values())
