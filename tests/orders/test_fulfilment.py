"""This is where what logistics tells becomes part of the order, in whatever order and however often."""

import itertools
import random

from shop.orders.v1 import orders_pb2
from shop.orders.v1.events_pb2 import OrderDelivered

from .world import World


async def test_an_order_follows_its_parcel_to_the_door(world: World) -> None:
    order = await world.bought({"A": 2})
    await world.house.tell(world.plan(order), key="shp_1")
    await world.house.settled()
    planned = await world.order(order.id)
    assert (planned.expectations[0].waybill, planned.lines[0].warehouse) == ("WBshp_1", "main")
    assert planned.lines[0].fulfilled == 0
    for event in (world.shipped(order), world.moved(order, "in_transit", 1), world.moved(order, "delivered", 2)):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    there = await world.order(order.id)
    assert there.state == orders_pb2.ORDER_STATE_DELIVERED
    assert there.lines[0].fulfilled == 2
    types = ["placed", "paid", "allocated", "shipped", "in_transit", "delivered"]
    assert [event.type for event in there.events] == types
    assert [event.seq for event in there.events] == list(range(1, 7))
    [told] = world.house.told(OrderDelivered)
    assert (told.order_id, told.goods.minor) == (order.id, 2000)


async def test_told_twice_and_shuffled_it_comes_to_the_same(world: World) -> None:
    outcomes = []
    for seed in range(4):
        order = await world.bought({"A": 1})
        one, two = f"shp_{seed}a", f"shp_{seed}b"
        events = [
            *(world.plan(order, shipment, 2) for shipment in (one, two)),
            *(world.shipped(order, shipment) for shipment in (one, two)),
            *(
                world.moved(order, state, revision, shipment)
                for shipment in (one, two)
                for revision, state in enumerate(("picked_up", "out_for_delivery", "delivered"), 1)
            ),
        ]
        told = list(itertools.chain(events, events))
        if seed:
            random.Random(seed).shuffle(told)
        for event in told:
            await world.house.tell(event, key=order.id)
        await world.house.settled()
        there = await world.order(order.id)
        types = sorted(event.type for event in there.events)
        shipments = [(expectation.carrier, expectation.deliver_by) for expectation in there.expectations]
        outcomes.append((there.state, types, shipments, there.lines[0].fulfilled))
    assert outcomes[0][0] == orders_pb2.ORDER_STATE_DELIVERED
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(world.house.told(OrderDelivered)) == 4


async def test_one_parcel_of_two_is_not_the_order(world: World) -> None:
    order = await world.bought({"A": 1})
    for shipment in ("shp_1", "shp_2"):
        await world.house.tell(world.plan(order, shipment, 2), key=order.id)
    await world.house.tell(world.moved(order, "delivered", 1, "shp_1"), key=order.id)
    await world.house.settled()
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_SHIPPED
    await world.house.tell(world.moved(order, "delivered", 1, "shp_2"), key=order.id)
    await world.house.settled()
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_DELIVERED


async def test_a_parcel_of_an_order_nobody_knows_changes_nothing(world: World) -> None:
    order = await world.bought({"A": 1})
    stray = world.plan(order)
    stray.order_id = "ord_unknown"
    strange = world.plan(order)
    strange.shipment_id = "shp_1.planned_at"
    for event in (stray, strange):
        await world.house.tell(event)
    await world.house.settled()
    assert (await world.order(order.id)).version == order.version
    assert await world.service.ground.database["parked"].count_documents({"_id": {"$gt": ""}}) == 0
