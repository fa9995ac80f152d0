"""This is where orders are held and let go by many at once, and held at the warehouse whatever answer is lost."""

import asyncio
from typing import Any

import pytest
from shop.orders.v1 import holds_pb2, holds_pb2_grpc, orders_pb2
from shop.orders.v1.events_pb2 import OrderHeld, OrderPaid, OrderReleased

from services.kit.errors import NotFound, Refused, Unavailable, WrongState
from services.kit.rpc import call
from services.kit.service import Service
from services.kit.wings import joined
from services.orders import service
from services.orders.orders import Order
from services.orders.screens import Hold
from tests.house import free_port

from .world import World


def desk(world: World) -> Any:
    return holds_pb2_grpc.HoldsServiceStub(world.service.channel)


async def hold(world: World, order_id: str, reason: str, **more: Any) -> orders_pb2.Order:
    request = holds_pb2.HoldOrderRequest(order_id=order_id, reason=reason, by="stf_1", **more)
    order: orders_pb2.Order = (await call(desk(world).HoldOrder, request)).order
    return order


async def release(world: World, order_id: str, reason: str, by: str = "stf_2") -> orders_pb2.Order:
    request = holds_pb2.ReleaseHoldRequest(order_id=order_id, reason=reason, by=by, why="looked at")
    order: orders_pb2.Order = (await call(desk(world).ReleaseHold, request)).order
    return order


async def suspicious(world: World, *reasons: str, pauses: bool = False) -> orders_pb2.Order:
    """An order that was held as it was bought."""
    document = world.service.ground.database["orders"]
    order = await world.bought({"A": 1})
    now = world.house.clock.now()
    holds = [{"reason": r, "text": "", "at": now, "released_at": None, "pauses": pauses} for r in reasons]
    await document.update_one({"_id": order.id}, {"$set": {"holds": holds, "to_send": False}})
    return order


async def test_holds_are_let_go_one_by_one_and_the_last_tells_that_it_is_sent(world: World) -> None:
    order = await suspicious(world, "fraud_review", "audit")
    one = await release(world, order.id, "audit")
    assert [bool(hold.released_at) for hold in one.holds] == [False, True]
    assert world.house.told(OrderReleased) == []
    last = await release(world, order.id, "fraud_review", by="stf_9")
    again = await release(world, order.id, "fraud_review", by="stf_8")
    assert again == last and last.holds[0].released_by == "stf_9" and last.holds[0].why == "looked at"
    await world.house.settled()
    (told,) = world.house.told(OrderReleased)
    assert (told.order_id, told.by, list(told.order.holds), told.turn) == (order.id, "stf_9", [], 4)
    assert [event.type for event in last.events][-2:] == ["released", "released"]


async def test_many_at_once_release_each_hold_once_and_tell_once(world: World) -> None:
    reasons = [f"reason_{n}" for n in range(4)]
    order = await suspicious(world, *reasons)
    barrier = asyncio.Barrier(12)

    async def one(number: int) -> None:
        await barrier.wait()
        await release(world, order.id, reasons[number % 4], by=f"stf_{number}")

    await asyncio.gather(*(one(number) for number in range(12)))
    await world.house.settled()
    assert len(world.house.told(OrderReleased)) == 1
    kept = await world.service.ground.database["orders"].find_one({"_id": order.id})
    assert kept and sum(event["type"] == "released" for event in kept["events"]) == 4 and kept["to_send"]


async def test_a_held_order_is_held_at_the_warehouse_and_again_changes_nothing(world: World) -> None:
    order = await world.bought({"A": 1})
    held = await hold(world, order.id, "customer_asks", text="wants a mug more")
    assert await hold(world, order.id, "customer_asks", text="again") == held
    assert (held.holds[0].by, held.holds[0].text) == ("stf_1", "wants a mug more")
    assert world.logistics.held == {order.id: 1}
    await world.house.settled()
    (told,) = world.house.told(OrderHeld)
    assert (told.order_id, told.reason, told.turn, told.to_send) == (order.id, "customer_asks", 1, True)
    await release(world, order.id, "customer_asks")
    await world.house.settled()
    assert [event.turn for event in world.house.told(OrderReleased)] == [2]
    assert not (await world.order(order.id)).holds  # none of the customer's business


async def test_what_has_left_cannot_be_held(world: World) -> None:
    order = await world.bought({"A": 1})
    world.logistics.shipped.add(order.id)
    with pytest.raises(WrongState) as late:
        await hold(world, order.id, "qc")
    assert late.value.reason == "TOO_LATE_TO_HOLD"
    kept = await world.service.ground.database["orders"].find_one({"_id": order.id})
    assert kept and [one["released_by"] for one in kept["holds"]] == ["shop"]
    await world.house.tell(world.plan(order), key="shp_1")
    await world.house.tell(world.shipped(order), key="shp_1")
    await world.house.settled()
    with pytest.raises(WrongState) as gone:
        await hold(world, order.id, "qc")
    assert gone.value.reason == "NOT_HOLDABLE"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_of_the_warehouse_does_not_lose_the_hold(world: World, when: str) -> None:
    order = await world.bought({"A": 1})
    world.faults.once["HoldShipments", when] = Unavailable("away")
    held = await hold(world, order.id, "qc")
    assert not held.holds[0].released_at
    await world.house.settled()
    assert [event.order_id for event in world.house.told(OrderHeld)] == [order.id]


async def test_nobody_holds_what_is_not_there_or_for_no_reason(world: World) -> None:
    with pytest.raises(NotFound):
        await hold(world, "ord_nowhere", "qc")
    order = await world.bought({"A": 1})
    with pytest.raises(NotFound) as never:
        await release(world, order.id, "qc")
    assert never.value.reason == "HOLD_NOT_FOUND"
    for wrong in ("", "QC", "a" * 41, "x\n"):
        with pytest.raises(Refused) as no:
            await hold(world, order.id, wrong)
        assert no.value.errors[0].pointer == "/reason"


async def test_a_screen_holds_before_anybody_is_told_to_send(world: World) -> None:
    async def screen(order: Order, _purchase: object) -> None:
        order.holds.append(Hold("fraud_review", "velocity", world.house.clock.now()))

    def build(ground: Any) -> Service:
        core = service._core(ground)
        core.screens.all.append(screen)
        return joined(service._counter(core), *(wing(ground, core) for wing in service.WINGS))

    world.house.ports["orders"] = free_port()
    world.spoken_to(await world.house.start("orders", build, psp_url=world.psp.url))
    order = await world.bought({"A": 1})
    await world.house.settled()
    (paid,) = world.house.told(OrderPaid)
    assert list(paid.holds) == ["fraud_review"]
    await hold(world, order.id, "audit")
    assert world.logistics.held == {}  # nobody sends it yet
    await release(world, order.id, "fraud_review")
    await release(world, order.id, "audit")
    await world.house.settled()
    assert len(world.house.told(OrderReleased)) == 1
