"""This is where parcels are held to be awaited in the window their order has, whoever dies in between or is quicker."""

import asyncio
from typing import Any

import pytest
from shop.logistics.v1 import fleet_pb2, fleet_pb2_grpc, freight_pb2, freight_pb2_grpc
from shop.orders.v1 import slots_pb2
from shop.orders.v1.events_pb2 import DeliveryWindowChanged
from shop.type.v1.money_pb2 import Money

from services.kit.clock import rfc3339
from services.kit.errors import WrongState
from services.kit.rpc import call
from services.logistics.bringing import Bringing
from services.logistics.shipments import Shipment
from tests.house import House
from tests.logistics.fleet.riding import RIDER
from tests.logistics.neighbourhood import paid
from tests.logistics.slots.booking import HERE, SAME_CITY, Booking, booking, order_id
from tests.logistics.test_planning import parcels, warehouse


async def _own_fleet(at: Booking) -> None:
    price = Money(currency="CNY", minor=1500)
    zone = freight_pb2.FreightZone(
        countries=["CN"], first_units=5000, first_price=price, step_units=1000, step_price=price, max_days=1
    )
    template = freight_pb2.FreightTemplate(id=SAME_CITY, title="同城", by="weight", zones=[zone], carrier="fleet")
    freight = freight_pb2_grpc.FreightServiceStub(at.logistics.channel)
    await call(freight.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=template))
    trike: dict[str, Any] = {
        "code": "v1",
        "title": "Trike",
        "kind": "trike",
        "depot": "main",
        "rider": RIDER,
        "active": True,
    }
    vehicle = fleet_pb2.Vehicle(**trike, capacity_g=50_000, capacity_pieces=30, shift_from="08:00", shift_until="22:00")
    await call(_fleet(at).PutVehicle, fleet_pb2.PutVehicleRequest(vehicle=vehicle))


def _fleet(at: Booking) -> Any:
    return fleet_pb2_grpc.FleetServiceStub(at.logistics.channel)


async def _window(at: Booking, slot: str, revision: int = 0) -> slots_pb2.OrderWindow:
    kept = await at.kept(slot)
    assert kept
    return slots_pb2.OrderWindow(
        slot=slot,
        warehouse=kept.warehouse,
        from_at=rfc3339(kept.from_at),
        until_at=rfc3339(kept.until_at),
        revision=revision,
    )


async def _ordered(at: Booking, slot: str, **lines: int) -> str:
    """An order that is brought then, planned."""
    order = order_id()
    await at.take(order, slot)
    event = paid(at.house.clock, lines or {"TEA": 1}, order_id=order, region=HERE, option=SAME_CITY)
    event.window.CopyFrom(await _window(at, slot))
    await at.house.tell(event)
    await at.house.settled()
    return order


async def _kept(at: Booking, order: str) -> list[Shipment]:
    store: Any = next(one for one in at.logistics.ground.stores if one.name == "shipments")
    found: list[Shipment] = [await store.get(one.id) for one in await parcels(at.logistics, order)]
    return found


async def _own(at: Booking, order: str) -> Bringing:
    (parcel,) = await _kept(at, order)
    assert parcel.deliver_by == parcel.own.window_until
    return parcel.own


async def _begins(at: Booking, order: str) -> str:
    return rfc3339((await _own(at, order)).window_from)


async def _told(at: Booking, order: str, slot: str, revision: int) -> None:
    window = await _window(at, slot, revision)
    now = rfc3339(at.house.clock.now())
    await at.house.tell(DeliveryWindowChanged(order_id=order, window=window, at=now, to_send=True))


async def _planned_day(at: Booking, ahead: int) -> fleet_pb2.RoutePlan:
    asked = fleet_pb2.CreateRoutePlanRequest(depot="main", day=at.day(ahead), by="stf_1", limit_s=0.1)
    plan: fleet_pb2.RoutePlan = (await call(_fleet(at).CreateRoutePlan, asked)).plan
    while plan.state == "computing":
        await asyncio.sleep(0.02)
        plan = (await call(_fleet(at).GetRoutePlan, fleet_pb2.GetRoutePlanRequest(id=plan.id))).plan
    assert plan.state == "draft"
    return plan


async def _released(at: Booking, plan: fleet_pb2.RoutePlan) -> fleet_pb2.RoutePlan:
    released: fleet_pb2.RoutePlan = (
        await call(_fleet(at).ReleaseRoutePlan, fleet_pb2.ReleaseRoutePlanRequest(id=plan.id))
    ).plan
    return released


async def test_it_leaves_from_the_windows_warehouse_if_its_goods_are_there(house: House) -> None:
    at = await booking(house, {"main": {"TEA": 5}, "near": {"TEA": 50}})
    await warehouse(at.logistics, "near", "上海")
    await _own_fleet(at)
    await at.window()
    order = await _ordered(at, at.slot())
    (parcel,) = await _kept(at, order)
    assert (parcel.warehouse, parcel.carrier, parcel.own.depot) == ("main", "fleet", "main")
    assert parcel.reasons[0] == "main: chosen; its riders bring it in the window chosen"
    short = await _ordered(at, at.slot(), TEA=6)
    assert [one.warehouse for one in await _kept(at, short)] == ["near"]  # better from elsewhere than not at all


async def test_a_change_takes_the_new_place_brings_it_to_the_parcel_and_frees_the_old(house: House) -> None:
    at = await booking(house)
    await at.window()
    old, new = at.slot(1), at.slot(2)
    order = await _ordered(at, old)
    first = await _begins(at, order)
    for _ in range(2):  # the answer was lost
        await at.take(order, new, 1, old)
    assert await at.holders(old) == await at.holders(new) == [order]
    assert await _begins(at, order) > first
    for _ in range(2):
        await at.settle(order, new, 1)
    assert (await at.holders(old), await at.holders(new)) == ([], [order])
    await _told(at, order, new, 1)
    await house.settled()
    own = await _own(at, order)
    assert own.window_turn == 2 and rfc3339(own.window_from) > first


async def test_a_change_that_the_order_never_heard_of_is_taken_back(house: House) -> None:
    at = await booking(house, slots_swept_s=0.02)
    await at.window()
    old, new = at.slot(1), at.slot(2)
    order = await _ordered(at, old)
    first = await _begins(at, order)
    await at.take(order, new, 1, old)
    at.orders.slots = {order: old}
    house.clock.advance(minutes=21)
    async with asyncio.timeout(5):
        while await at.holders(new) or await _begins(at, order) != first:
            await asyncio.sleep(0.01)
    assert await at.holders(old) == [order]
    await at.take(order, at.slot(3), 1, old)  # and it can be wished again
    await at.settle(order, at.slot(3), 1)
    assert (await at.holders(old), (await _own(at, order)).window_turn) == ([], 2)


async def test_old_news_frees_nothing_of_a_later_change(house: House) -> None:
    at = await booking(house)
    await at.window()
    one, two, three = at.slot(1), at.slot(2), at.slot(3)
    order = await _ordered(at, one)
    await at.take(order, two, 1, one)
    await at.settle(order, two, 1)
    await at.take(order, one, 2, two)  # back again, with the place at `two` still held
    await _told(at, order, two, 1)  # old news come late
    await house.settled()
    assert await at.holders(one) == [order]
    await at.settle(order, one, 2)
    await at.take(order, three, 3, one)
    await _told(at, order, one, 2)
    await _told(at, order, two, 1)
    await house.settled()
    assert await at.holders(three) == [order]
    await at.settle(order, three, 3)
    assert [await at.holders(slot) for slot in (one, two, three)] == [[], [], [order]]
    await at.settle(order)
    assert await at.holders(three) == []


async def test_a_place_it_had_before_and_has_again_is_not_freed_by_old_news(house: House) -> None:
    at = await booking(house)
    await at.window()
    one, two = at.slot(1), at.slot(2)
    order = await _ordered(at, one)
    await at.take(order, two, 1, one)  # changed, and whoever was to free the first place died
    await at.take(order, one, 2, two)  # changed back
    await _told(at, order, two, 1)
    await house.settled()
    assert await at.holders(one) == [order]
    await at.settle(order, one, 2)
    assert (await at.holders(one), await at.holders(two)) == ([order], [])


async def test_a_place_taken_anew_while_the_sweeper_asks_stays(house: House) -> None:
    at = await booking(house, slots_swept_s=0.02)
    await at.window()
    old, new = at.slot(1), at.slot(2)
    order = await _ordered(at, old)
    at.orders.slots = {order: old}
    house.clock.advance(minutes=10)
    await at.take(order, new, 1, old)
    house.clock.advance(minutes=11)
    await at.orders.until_asked(1)  # about the old place: it stays
    at.orders.gate = asyncio.Event()
    house.clock.advance(minutes=10)
    await at.orders.until_asked(2)  # about the new one: not theirs
    await at.settle(order, old, 1)
    await at.take(order, new, 1, old)
    gate, at.orders.gate = at.orders.gate, None
    gate.set()
    async with asyncio.timeout(5):
        while (kept := await at.kept(new)) and kept.version < 4:  # taken, freed, taken, looked at
            await asyncio.sleep(0.01)
    assert await at.holders(new) == [order]


async def test_what_a_rider_has_is_brought_as_it_was_and_a_stale_plan_takes_nothing_along(house: House) -> None:
    at = await booking(house, fleet_work_s=0.02)
    await _own_fleet(at)
    await at.window()
    await at.window("pm", begins="14:00", ends="18:00")
    morning, noon = at.slot(1), at.slot(1, "pm", "1400-1800")
    changed, kept = await _ordered(at, morning), await _ordered(at, morning)
    plan = await _planned_day(at, 1)
    await at.take(changed, noon, 1, morning)
    await at.settle(changed, noon, 1)
    plan = await _released(at, plan)
    assert [stop.order_id for route in plan.routes for stop in route.stops] == [kept]
    assert [(one.order_id, one.reason) for one in plan.unserved] == [(changed, "taken_elsewhere")]
    with pytest.raises(WrongState) as late:
        await at.take(kept, noon, 1, morning)
    assert late.value.reason == "ON_THE_WAY"
    assert (await at.holders(noon), await at.holders(morning)) == ([changed], [kept])
    again = await _planned_day(at, 1)
    stops = {stop.order_id: stop for route in again.routes for stop in route.stops}
    assert stops[changed].window_from == await _begins(at, changed)
    assert stops[changed].arrives_at <= stops[changed].window_until


async def test_a_change_heard_of_before_the_order_is_planned_comes_to_its_parcel(house: House) -> None:
    at = await booking(house)
    await at.window()
    old, new, order = at.slot(1), at.slot(2), order_id()
    await at.take(order, old)
    event = paid(house.clock, {"TEA": 1}, order_id=order, region=HERE, option=SAME_CITY)
    event.window.CopyFrom(await _window(at, old))
    await at.take(order, new, 1, old)
    await _told(at, order, new, 1)
    await house.tell(event)
    await house.settled()
    kept = await at.kept(new)
    assert kept and await _begins(at, order) == rfc3339(kept.from_at)
    assert (await at.holders(old), await at.holders(new)) == ([], [order])
