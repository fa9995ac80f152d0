"""This is where paid orders become parcels: once, from the right shelves, and never after they were stopped."""

import asyncio
from datetime import timedelta

import pytest
from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import (
    shipments_pb2,
    shipments_pb2_grpc,
    warehouses_pb2,
    warehouses_pb2_grpc,
)
from shop.logistics.v1.events_pb2 import ShipmentCancelled, ShipmentPlanned
from shop.type.v1.address_pb2 import Region

from services.kit.clock import rfc3339
from services.kit.errors import NotFound
from services.kit.rpc import call
from services.logistics.numbering import shipment_id
from tests.house import House, Started

from .neighbourhood import NAME, PHONE, STREET, Catalog, opened, paid


async def warehouse(logistics: Started, code: str, province: str, *, is_open: bool = True) -> None:
    stub = warehouses_pb2_grpc.WarehousesServiceStub(logistics.channel)
    region = Region(country="CN", province=province, city=province)
    made = warehouses_pb2.Warehouse(code=code, title=code, region=region, open=is_open)
    await call(stub.PutWarehouse, warehouses_pb2.PutWarehouseRequest(warehouse=made))


def shipments(logistics: Started) -> "shipments_pb2_grpc.ShipmentsServiceAsyncStub":
    return shipments_pb2_grpc.ShipmentsServiceStub(logistics.channel)


async def parcels(logistics: Started, order_id: str) -> list[shipments_pb2.Shipment]:
    request = shipments_pb2.ListShipmentsRequest(order_id=order_id)
    return list((await call(shipments(logistics).ListShipments, request)).shipments)


def back(house: House) -> list[tuple[str, list[tuple[str, int]]]]:
    """What ShipmentCancelled puts back on which shelf."""
    return [
        (event.warehouse, [(line.sku, line.quantity) for line in event.lines])
        for event in house.told(ShipmentCancelled)
    ]


async def test_a_paid_order_is_one_parcel_after_one_call(house: House) -> None:
    logistics, catalog = await opened(house)
    event = paid(house.clock, {"TEA": 2, "CUP": 1})
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    assert catalog.calls == ["ConfirmHold"]
    assert parcel.state == shipments_pb2.SHIPMENT_STATE_PLANNED
    assert (parcel.warehouse, parcel.carrier, parcel.weight_g) == ("main", "sandbox", 900)
    assert parcel.waybill.startswith("SB")
    assert len(parcel.waybill) == 14
    assert list(parcel.reasons) == ["main: chosen; the only open warehouse"]
    assert (parcel.address.name, parcel.address.phone, parcel.address.street) == (NAME, PHONE, STREET)
    (told,) = house.told(ShipmentPlanned)
    assert (told.shipment_id, told.waybill, told.shipments) == (parcel.id, parcel.waybill, 1)
    assert told.deliver_by == rfc3339(house.clock.now() + timedelta(days=4))


async def test_the_address_is_sealed_in_the_database_and_in_no_event(house: House) -> None:
    logistics, _ = await opened(house)
    await house.tell(paid(house.clock))
    await house.settled()
    document = await logistics.ground.database["shipments"].find_one({}, hint="_id_")
    assert document
    (told,) = house.told(ShipmentPlanned)
    for personal in (NAME, PHONE, STREET):
        assert personal not in str(document)
        assert personal.encode() not in bytes(document["sealed_address"])
        assert personal not in str(told)


async def test_an_order_heard_of_five_times_at_once_is_planned_once(house: House) -> None:
    logistics, catalog = await opened(house)
    event = paid(house.clock)
    for number in range(5):
        await house.tell(event, key=f"k{number}")
    await house.settled()
    assert len(await parcels(logistics, event.order_id)) == 1
    assert len(house.told(ShipmentPlanned)) == 1
    assert catalog.stock["main"]["TEA"] == 998
    assert back(house) == []


async def test_the_nearest_warehouse_that_has_all_sends_it_and_says_why(house: House) -> None:
    stock = {"main": {"TEA": 5}, "bj": {"TEA": 5, "CUP": 5}, "gd": {"TEA": 50, "CUP": 50}}
    logistics, _ = await opened(house, stock)
    await warehouse(logistics, "bj", "北京")
    await warehouse(logistics, "gd", "廣東")
    event = paid(house.clock, {"TEA": 1, "CUP": 1}, region=Region(country="CN", province="Beijing", city="北京市"))
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    assert parcel.warehouse == "bj"
    assert parcel.reasons[0].startswith("bj: chosen; has all 2 lines; same city; enough for 5 such orders; costs ")
    assert len(parcel.reasons) == 3


async def test_what_no_warehouse_has_alone_is_sent_from_two(house: House) -> None:
    logistics, catalog = await opened(house, {"main": {"TEA": 5, "CUP": 0}, "bj": {"TEA": 0, "CUP": 5}})
    await warehouse(logistics, "bj", "北京")
    event = paid(house.clock, {"TEA": 2, "CUP": 3})
    await house.tell(event, key="a")
    await house.tell(event, key="b")
    await house.settled()
    found = await parcels(logistics, event.order_id)
    assert [(one.warehouse, [(x.sku, x.quantity) for x in one.lines]) for one in found] == [
        ("main", [("TEA", 2)]),
        ("bj", [("CUP", 3)]),
    ]
    assert len({one.waybill for one in found}) == 2
    assert [one.weight_g for one in found] == [600, 900]
    told = house.told(ShipmentPlanned)
    assert sorted(one.shipment_id for one in told) == sorted(one.id for one in found)
    assert {one.shipments for one in told} == {2}
    assert catalog.stock == {"main": {"TEA": 3, "CUP": 0}, "bj": {"TEA": 0, "CUP": 2}}


async def test_a_warehouse_that_turns_out_short_is_passed_over(house: House) -> None:
    logistics, catalog = await opened(house, {"main": {"TEA": 1}, "attic": {"TEA": 9}})
    event = paid(house.clock, {"TEA": 2})
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    assert parcel.warehouse == "attic"
    assert parcel.reasons[0].startswith("attic: chosen; has all 1 lines; place unknown")
    assert catalog.calls == ["ConfirmHold", "GetStock", "ConfirmHold"]


async def test_what_an_earlier_try_had_taken_is_sent_from_where_it_was_taken(house: House) -> None:
    logistics, catalog = await opened(house, {"main": {"TEA": 9}, "bj": {"TEA": 9}})
    await warehouse(logistics, "bj", "北京")
    event = paid(house.clock, {"TEA": 2})
    catalog.taken[event.order_id] = [("TEA", "bj", 2)]  # and then it broke off
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    assert (parcel.warehouse, parcel.reasons[0]) == ("bj", "bj: chosen; taken from there before")
    assert [(line.sku, line.quantity, line.title) for line in parcel.lines] == [("TEA", 2, "Title TEA")]


async def test_what_cannot_be_allocated_waits_for_staff_and_leaves_when_goods_arrive(house: House) -> None:
    catalog = Catalog({"main": {"TEA": 1}})
    await house.fake("catalog", catalog, stock_pb2_grpc.add_StockServiceServicer_to_server)
    logistics = await house.start("logistics", exceptions_again_s=0.05)
    event = paid(house.clock, {"TEA": 2})
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    assert parcel.state == shipments_pb2.SHIPMENT_STATE_EXCEPTION
    assert parcel.reasons[0] == "no warehouse: together they have not enough"
    assert parcel.waybill == ""
    catalog.stock["main"]["TEA"] = 5
    async with asyncio.timeout(10):
        while (await parcels(logistics, event.order_id))[0].state != shipments_pb2.SHIPMENT_STATE_PLANNED:
            await house.settled()
    await house.settled()
    assert [one.order_id for one in house.told(ShipmentPlanned)] == [event.order_id]
    assert catalog.stock["main"]["TEA"] == 3


async def test_a_cancelled_order_is_not_planned(house: House) -> None:
    logistics, catalog = await opened(house)
    event = paid(house.clock)
    catalog.cancelled.add(event.order_id)
    await house.tell(event)
    await house.settled()
    assert await parcels(logistics, event.order_id) == []


async def test_stopped_before_it_was_heard_of_what_was_taken_goes_back_once(house: House) -> None:
    logistics, catalog = await opened(house)
    event = paid(house.clock, {"TEA": 2})
    await call(shipments(logistics).StopShipments, shipments_pb2.StopShipmentsRequest(order_id=event.order_id))
    for key in "ab":
        await house.tell(event, key=key)
    await house.settled()
    assert await parcels(logistics, event.order_id) == []
    wanted = shipments_pb2.GetShipmentRequest(id=shipment_id(event.order_id, 1))
    with pytest.raises(NotFound):
        await call(shipments(logistics).GetShipment, wanted)
    assert catalog.stock["main"]["TEA"] == 998
    assert back(house) == [("main", [("TEA", 2)])]
    assert house.told(ShipmentPlanned) == []


async def test_stopped_while_its_goods_are_being_taken_they_go_back(house: House) -> None:
    logistics, catalog = await opened(house, {"main": {"TEA": 5}, "bj": {"CUP": 5}})
    await warehouse(logistics, "bj", "北京")
    catalog.gate = asyncio.Event()
    event = paid(house.clock, {"TEA": 2, "CUP": 1})
    await house.tell(event)
    await catalog.at_gate.wait()
    await call(shipments(logistics).StopShipments, shipments_pb2.StopShipmentsRequest(order_id=event.order_id))
    catalog.gate.set()
    await house.settled()
    assert sorted(back(house)) == [("bj", [("CUP", 1)]), ("main", [("TEA", 2)])]
    assert house.told(ShipmentPlanned) == []


async def race_stop_and_plan(house: House, orders: int) -> None:
    logistics, catalog = await opened(house)
    stub = shipments(logistics)
    events = [paid(house.clock, {"TEA": 1}) for _ in range(orders)]

    async def stop(order_id: str) -> None:
        await call(stub.StopShipments, shipments_pb2.StopShipmentsRequest(order_id=order_id))

    barrier = asyncio.Barrier(2 * orders)

    async def together(act: object) -> None:
        await barrier.wait()
        await act  # type: ignore[misc]

    acts = [act for event in events for act in (house.tell(event), stop(event.order_id))]
    await asyncio.gather(*(together(act) for act in acts))
    await house.settled()
    units_back = sum(units for _, lines in back(house) for _, units in lines)
    assert catalog.stock["main"]["TEA"] + units_back == 1000
    for event in events:
        assert {one.state for one in await parcels(logistics, event.order_id)} <= {
            shipments_pb2.SHIPMENT_STATE_CANCELLED
        }


async def test_of_plan_and_stop_one_wins_and_nothing_is_lost(house: House) -> None:
    await race_stop_and_plan(house, 20)


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_of_plan_and_stop_one_wins_fifty_times(house: House, run: int) -> None:
    await race_stop_and_plan(house, 20)
