"""This is where warehouses are made, changed and refused."""

import pytest
from shop.logistics.v1 import warehouses_pb2, warehouses_pb2_grpc
from shop.logistics.v1.events_pb2 import FreightChanged
from shop.type.v1.address_pb2 import Region

from services.kit.calendars import Span
from services.kit.clock import parse_time, rfc3339
from services.kit.errors import Invalid
from services.kit.rpc import call
from services.logistics.regions import Region as Place
from services.logistics.warehouses import Warehouse, checked
from tests.house import House

from .neighbourhood import opened, paid
from .test_planning import parcels


async def test_a_new_shop_has_a_warehouse_and_a_second_one_is_known_at_once(house: House) -> None:
    logistics, _ = await opened(house)
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    listed = await call(stub.ListWarehouses, warehouses_pb2.ListWarehousesRequest())
    assert [(one.code, one.region.country, one.open) for one in listed.warehouses] == [("main", "CN", True)]
    second = warehouses_pb2.Warehouse(
        code="bj", title="北京倉", region=Region(country="CN", province="北京"), open=True
    )
    for is_open in (True, False):
        second.open = is_open
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=second))
        listed = await call(stub.ListWarehouses, warehouses_pb2.ListWarehousesRequest())
        assert [(one.code, one.open) for one in listed.warehouses] == [("bj", is_open), ("main", True)]
    await house.settled()
    assert [event.id for event in house.told(FreightChanged)] == ["bj", "bj"]


async def test_a_restart_founds_nothing_twice(house: House) -> None:
    logistics, _ = await opened(house)
    await logistics.stop()
    logistics = await house.start("logistics")
    for name, count in (("warehouses", 1), ("freight_templates", 2), ("carrier_keys", 1)):
        assert await logistics.ground.database[name].estimated_document_count() == count


async def test_what_is_no_warehouse_is_refused(house: House) -> None:
    logistics, _ = await opened(house)
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    wrong = warehouses_pb2.Warehouse(code="a.b", title="\x07", region=Region(country="cn", city="x" * 65))
    with pytest.raises(Invalid) as refused:
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=wrong))
    assert refused.value.reason == "INVALID_WAREHOUSE"
    assert {error.pointer for error in refused.value.errors} == {"/code", "/title", "/region/country", "/region/city"}


def working(**more: object) -> Warehouse:
    """Shanghai, Monday to Friday from nine to six, what is paid before four leaves the same day."""
    week = [[Span(9 * 60, 18 * 60)]] * 5 + [[], []]
    usual: dict[str, object] = {"time_zone": "Asia/Shanghai", "week": week, "cut_off": 16 * 60}
    return Warehouse("sh", "上海", **(usual | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("paid", "leaves", "days"),
    [
        ("2026-11-25T02:00:00Z", "2026-11-25T02:00:00.000Z", 0),  # Wednesday, ten o'clock there
        ("2026-11-25T00:30:00Z", "2026-11-25T01:00:00.000Z", 0),  # half past eight: when it opens
        ("2026-11-25T07:59:00Z", "2026-11-25T07:59:00.000Z", 0),
        ("2026-11-25T08:00:00Z", "2026-11-26T01:00:00.000Z", 1),  # four o'clock: tomorrow at nine
        ("2026-11-27T08:00:00Z", "2026-11-30T01:00:00.000Z", 3),  # Friday: Monday
        ("2026-11-28T02:00:00Z", "2026-11-30T01:00:00.000Z", 2),  # Saturday
    ],
)
def test_what_is_paid_after_the_cut_off_leaves_the_next_day_it_works(paid: str, leaves: str, days: int) -> None:
    at = parse_time(paid)
    assert at
    assert rfc3339(working().leaves(at)) == leaves
    assert working().wait_days(at) == days
    assert Warehouse("x", "X").leaves(at) == at


def test_a_holiday_is_passed_over_and_a_sunday_that_is_worked_is_not() -> None:
    at = parse_time("2026-09-30T09:00:00Z")
    assert at
    off = {f"2026-10-0{day}": list[Span]() for day in range(1, 8)} | {"2026-10-04": [Span(10 * 60, 12 * 60)]}
    assert rfc3339(working(special=off).leaves(at)) == "2026-10-04T02:00:00.000Z"


async def test_what_is_known_of_a_warehouse_comes_back_and_its_load_is_shown(house: House) -> None:
    logistics, _ = await opened(house)
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    span = warehouses_pb2.OpenSpan(opens=540, closes=1080)
    whole = warehouses_pb2.Warehouse(
        code="main",
        title="Main",
        region=Region(country="CN", province="上海"),
        open=True,
        kind="store",
        street="外高橋路 1 號",
        latitude_e6=31_230_416,
        longitude_e6=121_473_701,
        capacity_m3=900,
        orders_a_day=4,
        time_zone="Asia/Shanghai",
        hours=[warehouses_pb2.OpenDay(day=str(n), spans=[span]) for n in range(1, 6)]
        + [warehouses_pb2.OpenDay(day="2026-10-01")],
        cut_off=960,
        zones=["A-01", "A-02"],
    )
    kept = (await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=whole))).warehouse
    whole.version = kept.version
    assert kept == whole
    await house.tell(paid(house.clock))
    await house.settled()
    (listed,) = (await call(stub.ListWarehouses, warehouses_pb2.ListWarehousesRequest())).warehouses
    assert (listed.load.planned_today, listed.load.waiting, listed.load.used_milli) == (1, 1, 250)
    assert listed.load.leaves_at >= rfc3339(house.clock.now())


async def test_a_full_warehouse_is_passed_over_while_another_can(house: House) -> None:
    logistics, _ = await opened(house, {"main": {"TEA": 9}, "bj": {"TEA": 9}})
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    for code, province, bound in (("main", "上海", 1), ("bj", "北京", 0)):
        region = Region(country="CN", province=province, city=province)
        made = warehouses_pb2.Warehouse(code=code, title=code, region=region, open=True, orders_a_day=bound)
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=made))
    went = []
    for _ in range(2):
        event = paid(house.clock)
        await house.tell(event)
        await house.settled()
        # What is full is looked at anew after two seconds, or when a warehouse changes.
        await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=made))
        (parcel,) = await parcels(logistics, event.order_id)
        went.append(parcel.warehouse)
    assert went == ["main", "bj"]
    assert parcel.reasons[1].endswith("full today")


def test_what_is_no_calendar_is_refused() -> None:
    for wrong, pointer in (
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"special": {"2026-13-01": []}}, "/hours"),
        ({"week": [[Span(600, 540)]] * 7}, "/hours"),
        ({"cut_off": 1441}, "/cut_off"),
        ({"zones": ["A", "A"]}, "/zones"),
        ({"kind": "shed"}, "/kind"),
        ({"orders_a_day": -1}, "/orders_a_day"),
    ):
        with pytest.raises(Invalid) as refused:
            checked(working(region=Place("CN"), **wrong))
        assert [error.pointer for error in refused.value.errors] == [pointer]
