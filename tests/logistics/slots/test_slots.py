"""This is where places in delivery windows are held to be given out once, never too many, and never lost."""

import asyncio
from datetime import timedelta

import pytest
from shop.logistics.v1 import freight_pb2, freight_pb2_grpc, warehouses_pb2, warehouses_pb2_grpc
from shop.logistics.v1 import slots_pb2 as pb
from shop.type.v1.address_pb2 import Region
from shop.type.v1.money_pb2 import Money

from services.kit.errors import Conflict, Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.house import House
from tests.logistics.slots.booking import HERE, SAME_CITY, Booking, booking, order_id

PUXI = Region(country="CN", province="上海市", city="上海市", district="徐汇区")
AFAR = Region(country="CN", province="浙江省", city="杭州市", district="西湖区")


async def _holiday(at: Booking, day: str) -> None:
    stub = warehouses_pb2_grpc.WarehousesServiceStub(at.logistics.channel)
    region, closed = Region(country="CN", province="上海", city="上海"), [warehouses_pb2.OpenDay(day=day)]
    made = warehouses_pb2.Warehouse(code="main", title="main", region=region, open=True, hours=closed)
    await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=made))


async def test_the_next_days_are_offered_where_riders_go_until_the_cut_off_and_not_on_holidays(house: House) -> None:
    at = await booking(house)
    assert await at.free() == []
    await at.window(districts=["浦東新區"], days_ahead=4, special=[pb.SpecialDay(date=at.day(3), capacity=0)])
    await _holiday(at, at.day(2))
    assert await at.free() == [at.slot(0), at.slot(1), at.slot(4)]
    assert await at.free(PUXI) == await at.free(AFAR) == await at.free(HERE, "express") == []
    house.clock.advance(hours=1)  # seven: two hours before it begins
    assert await at.free() == [at.slot(1), at.slot(4)]
    weekday = (house.clock.now() + timedelta(hours=8)).isoweekday()
    await at.window(districts=["浦東新區"], days_ahead=4, weekdays=[weekday % 7 + 1])
    assert await at.free() == [at.slot(1)]
    await at.window(open=False)
    assert await at.free() == []


async def test_what_is_no_window_is_refused_with_where(house: House) -> None:
    at = await booking(house)
    for more, pointer in (
        ({"ends": "09:00"}, "/until"),
        ({"ends": "25:00"}, "/until"),
        ({"warehouse": "moon"}, "/warehouse"),
        ({"weekdays": [1, 1]}, "/weekdays"),
        ({"weekdays": []}, "/weekdays"),
        ({"capacity": 0}, "/capacity"),
        ({"capacity": 501}, "/capacity"),
        ({"special": [pb.SpecialDay(date="2026-02-30", capacity=1)]}, "/special"),
        ({"days_ahead": 31}, "/days_ahead"),
    ):
        with pytest.raises(Invalid) as no:
            await at.window(**more)
        assert [error.pointer for error in no.value.errors] == [pointer]
    kept = await at.window()
    stale = pb.PutDeliveryWindowRequest(window=kept, if_version=kept.version + 1)
    with pytest.raises(Conflict):
        await call(at.stub.PutDeliveryWindow, stale)
    with pytest.raises(NotFound):
        await call(at.stub.ListSlots, pb.ListSlotsRequest(code="pm"))


async def test_a_way_of_sending_says_where_a_window_is_chosen_with_it(house: House) -> None:
    at = await booking(house)
    freight = freight_pb2_grpc.FreightServiceStub(at.logistics.channel)
    zone = freight_pb2.FreightZone(
        countries=["CN"], first_units=5000, first_price=Money(currency="CNY", minor=900), step_units=1000, max_days=1
    )
    zone.step_price.CopyFrom(Money(currency="CNY", minor=100))
    template = freight_pb2.FreightTemplate(id=SAME_CITY, title="同城", by="weight", zones=[zone], carrier="fleet")
    await call(freight.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=template))

    async def windowed(region: Region) -> list[str]:
        asked = freight_pb2.QuoteDeliveryRequest(region=region, weight_g=100, goods=Money(currency="CNY", minor=1))
        return [quote.id for quote in (await call(freight.QuoteDelivery, asked)).quotes if quote.windowed]

    assert await windowed(HERE) == []
    await at.window()
    assert (await windowed(HERE), await windowed(AFAR)) == ([SAME_CITY], [])


async def test_a_place_is_an_orders_once_and_given_back_once(house: House) -> None:
    at = await booking(house)
    await at.window(capacity=2)
    mine, slot = order_id(), at.slot()
    for _ in range(3):
        assert (await at.take(mine, slot)).from_at.endswith("T01:00:00.000Z")
    assert await at.holders(slot) == [mine]
    others = [order_id(), order_id()]
    await at.take(others[0], slot)
    with pytest.raises(WrongState) as full:
        await at.take(others[1], slot)
    assert (full.value.reason, full.value.meta["next"]) == (
        "WINDOW_FULL",
        f"{at.slot(0)} {at.slot(2)} {at.slot(3)}",
    )
    (seen,) = [one for one in (await call(at.stub.ListSlots, pb.ListSlotsRequest(code="am"))).slots if one.id == slot]
    assert (seen.capacity, seen.taken, sorted(seen.order_ids)) == (2, 2, sorted([mine, others[0]]))
    for _ in range(2):
        await at.settle(mine)
    assert await at.holders(slot) == [others[0]]
    await at.take(others[1], slot)
    await at.window(capacity=1)  # places given out stay
    assert len(await at.holders(slot)) == 2 and slot not in await at.free()


async def test_nobody_gets_a_place_too_late_or_where_nobody_goes_but_who_has_one_keeps_it(house: House) -> None:
    at = await booking(house)
    await at.window(districts=["浦東新區"])
    mine, today = order_id(), at.slot(0)
    await at.take(mine, today)
    house.clock.advance(hours=1)
    await at.take(mine, today)  # asked again after the cut-off: the answer was lost
    wrong = [today, at.slot(1, "pm"), at.slot(1, hours="1000-1200"), at.slot(8), "", "am_2026-13-01_0900-1200", "am"]
    for slot in wrong:
        with pytest.raises(WrongState) as no:
            await at.take(order_id(), slot)
        assert (no.value.reason, no.value.meta["next"].split(" ")[0]) == ("WINDOW_CLOSED", at.slot(1))
    for region, option in ((PUXI, SAME_CITY), (HERE, "express")):
        with pytest.raises(WrongState) as no:
            await at.take(order_id(), at.slot(), region=region, option=option)
        assert no.value.reason == "WINDOW_CLOSED"
    assert await at.holders(today) == [mine]


async def _race(at: Booking, slot: str, buyers: int, places: int) -> None:
    """All at once, each twice: as many as there are places get one, the others are told."""
    orders = [order_id() for _ in range(buyers)]
    gate = asyncio.Event()

    async def go(order: str) -> str:
        await gate.wait()
        try:
            return (await at.take(order, slot)).id
        except Refused as no:
            return no.reason

    tasks = [asyncio.create_task(go(order)) for order in orders for _ in range(2)]
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*tasks)
    assert answers[::2] == answers[1::2]
    won = sorted(order for order, answer in zip(orders, answers[::2], strict=True) if answer == slot)
    assert len(won) == places and answers.count("WINDOW_FULL") == 2 * (buyers - places)
    assert await at.holders(slot) == won
    await asyncio.gather(*(at.settle(order) for order in won for _ in range(2)))
    assert await at.holders(slot) == []


async def test_forty_buyers_for_ten_places(house: House) -> None:
    at = await booking(house)
    await at.window(capacity=10)
    await _race(at, at.slot(), 40, 10)
    count = at.logistics.ground.metrics.registry.get_sample_value
    # For the dashboard.
    assert [count("shop_delivery_slots_total", {"outcome": one}) for one in ("taken", "full")] == [20, 60]


@pytest.mark.long
async def test_forty_buyers_for_ten_places_fifty_times(house: House) -> None:
    at = await booking(house)
    for run in range(50):
        code = f"w{run}"
        await at.window(code, capacity=10)
        await _race(at, at.slot(code=code), 40, 10)


async def test_places_of_orders_that_never_came_about_are_free_after_a_while_and_the_others_stay(house: House) -> None:
    at = await booking(house, slots_swept_s=0.02)
    await at.window()
    lost, living, moved, slot = order_id(), order_id(), order_id(), at.slot(2)
    for order in (lost, living, moved):
        await at.take(order, slot)
    at.orders.slots = {living: slot, moved: at.slot(3)}
    at.orders.away = True
    house.clock.advance(minutes=21)
    async with asyncio.timeout(5):
        while not at.orders.asked:
            await asyncio.sleep(0.01)
    assert len(await at.holders(slot)) == 3
    at.orders.away = False
    async with asyncio.timeout(5):
        while len(await at.holders(slot)) > 1:
            await asyncio.sleep(0.01)
    assert await at.holders(slot) == [living]
    async with asyncio.timeout(5):
        while not (late := await at.kept(slot)) or late.look_at <= house.clock.now() + timedelta(hours=5):
            await asyncio.sleep(0.01)
