"""This is where parcels that stand still become exceptions, and are none any more once they are found."""

from typing import Any

from shop.logistics.v1 import events_pb2 as parcels

from services.kit.clock import parse_time, rfc3339

from .test_exceptions import listed
from .world import World


def told(world: World, kind: Any, order_id: str, revision: int = 2) -> Any:
    return kind(
        shipment_id="shp_1",
        order_id=order_id,
        carrier="sf",
        waybill="SF1",
        state="in_transit",
        revision=revision,
        heard_at=rfc3339(world.house.clock.now()),
        at=rfc3339(world.house.clock.now()),
    )


async def _open(world: World) -> list[tuple[str, str]]:
    return sorted((case.reason, case.text) for case in await listed(world, state="open"))


async def test_a_parcel_that_stands_still_is_a_case_and_then_a_lost_one(world: World) -> None:
    order = await world.bought({"A": 1})
    for event in (world.plan(order), world.shipped(order), world.moved(order, "in_transit", 2)):
        await world.house.tell(event, key="shp_1")
    for _ in range(2):
        await world.house.tell(told(world, parcels.ParcelStuck, order.id), key="shp_1")
    await world.house.settled()
    ((reason, text),) = await _open(world)
    assert reason == "stuck" and "sf SF1" in text
    for _ in range(2):
        await world.house.tell(told(world, parcels.ParcelLost, order.id), key="shp_1")
    await world.house.settled()
    assert [reason for reason, _ in await _open(world)] == ["lost"]
    found = world.moved(order, "out_for_delivery", 3)
    found.stood_still = True
    await world.house.tell(found, key="shp_1")
    await world.house.settled()
    assert await _open(world) == []
    outcomes = {case.reason: case.outcome for case in await listed(world, state="resolved")}
    assert outcomes == {"stuck": "lost", "lost": "found"}


async def test_a_carrier_that_says_itself_it_lost_a_parcel_is_believed(world: World) -> None:
    order = await world.bought({"A": 1})
    event = world.moved(order, "exception", 2)
    event.reason = "lost"
    for each in (world.plan(order), world.shipped(order), event):
        await world.house.tell(each, key="shp_1")
    await world.house.settled()
    assert [reason for reason, _ in await _open(world)] == ["lost"]
    await world.house.tell(world.moved(order, "delivered", 3), key="shp_1")
    await world.house.settled()
    assert await _open(world) == []


async def test_an_order_shows_when_it_is_expected(world: World) -> None:
    order = await world.bought({"A": 1})
    shipped = world.shipped(order)
    shipped.expected_from, shipped.expected_to = "2026-11-25T02:00:00.000Z", "2026-11-26T20:00:00.000Z"
    for event in (world.plan(order), shipped):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    (promise,) = (await world.order(order.id, order.customer_id)).expectations
    assert parse_time(promise.expected_from) == parse_time(shipped.expected_from)
    assert promise.expected_to == shipped.expected_to
