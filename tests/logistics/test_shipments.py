"""This is where parcels are packed, shipped and stopped; of two who want different things one wins."""

import asyncio
from collections.abc import Awaitable

import pytest
from shop.logistics.v1 import carriers_pb2, carriers_pb2_grpc, shipments_pb2
from shop.logistics.v1.events_pb2 import ShipmentCancelled, ShipmentPacked, ShipmentShipped
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from services.logistics.numbering import ids_of, shipment_id
from tests.house import House, Started

from .neighbourhood import Signer, opened, paid
from .test_planning import parcels, shipments, warehouse

PLANNED, PACKED = shipments_pb2.SHIPMENT_STATE_PLANNED, shipments_pb2.SHIPMENT_STATE_PACKED
SHIPPED, CANCELLED = shipments_pb2.SHIPMENT_STATE_SHIPPED, shipments_pb2.SHIPMENT_STATE_CANCELLED


class Desk:
    """Staff, at one logistics."""

    def __init__(self, house: House, logistics: Started) -> None:
        self.house, self.logistics = house, logistics
        self.stub = shipments(logistics)

    async def planned(self, **lines: int) -> list[shipments_pb2.Shipment]:
        event = paid(self.house.clock, lines)
        await self.house.tell(event)
        await self.house.settled()
        return await parcels(self.logistics, event.order_id)

    async def pack(self, key: str) -> shipments_pb2.Shipment:
        return (await call(self.stub.PackShipment, shipments_pb2.PackShipmentRequest(id=key, by="stf_1"))).shipment

    async def ship(self, key: str) -> shipments_pb2.Shipment:
        return (await call(self.stub.ShipShipment, shipments_pb2.ShipShipmentRequest(id=key, by="stf_1"))).shipment

    async def stop(self, order_id: str) -> None:
        await call(self.stub.StopShipments, shipments_pb2.StopShipmentsRequest(order_id=order_id))

    async def state(self, key: str) -> int:
        return (await call(self.stub.GetShipment, shipments_pb2.GetShipmentRequest(id=key))).shipment.state


def test_ids_are_the_orders_own_and_sort_as_it_does() -> None:
    one, two = "ord_01kt5m8q2x0000000000000001", "ord_01kt5m8q2y0000000000000001"
    assert shipment_id(one, 1) == shipment_id(one, 1) != shipment_id(one, 2)
    assert shipment_id(one, 1).startswith("shp_01kt5m8q2x")
    assert len(shipment_id(one, 1)) == len(shipment_id("anything", 1)) == 30
    assert max(ids_of(one)) < min(ids_of(two))


async def test_a_parcel_is_packed_then_shipped_and_again_changes_nothing(house: House) -> None:
    logistics, _ = await opened(house)
    desk = Desk(house, logistics)
    (parcel,) = await desk.planned(TEA=1)
    with pytest.raises(WrongState) as refused:
        await desk.ship(parcel.id)
    assert refused.value.reason == "ILLEGAL_TRANSITION"
    assert [(await desk.pack(parcel.id)).state for _ in range(2)] == [PACKED, PACKED]
    house.clock.advance(hours=2)
    shipped = [await desk.ship(parcel.id) for _ in range(2)]
    assert [one.state for one in shipped] == [SHIPPED, SHIPPED]
    assert shipped[0].shipped_at == shipped[1].shipped_at > parcel.created_at
    with pytest.raises(WrongState):
        await desk.pack(parcel.id)
    await house.settled()
    assert [one.shipment_id for one in house.told(ShipmentPacked)] == [parcel.id]
    (told,) = house.told(ShipmentShipped)
    assert (told.at, told.paid_at, told.warehouse) == (shipped[0].shipped_at, parcel.created_at, "main")


async def test_a_stopped_parcel_goes_back_and_a_shipped_one_cannot_be_stopped(house: House) -> None:
    logistics, _ = await opened(house)
    desk = Desk(house, logistics)
    (first,), (second,) = await desk.planned(TEA=1), await desk.planned(CUP=3)
    await desk.pack(second.id)
    for _ in range(2):
        await desk.stop(second.order_id)
    assert await desk.state(second.id) == CANCELLED
    with pytest.raises(WrongState):
        await desk.ship(second.id)
    await desk.pack(first.id)
    await desk.ship(first.id)
    with pytest.raises(WrongState) as refused:
        await desk.stop(first.order_id)
    assert refused.value.reason == "ALREADY_SHIPPED"
    await house.settled()
    (told,) = house.told(ShipmentCancelled)
    assert (told.shipment_id, told.warehouse, told.lines[0].quantity) == (second.id, "main", 3)


async def two_parcels(house: House) -> tuple[Desk, list[shipments_pb2.Shipment]]:
    logistics, _ = await opened(house, {"main": {"TEA": 9}, "bj": {"CUP": 9}})
    await warehouse(logistics, "bj", "北京")
    desk = Desk(house, logistics)
    return desk, await desk.planned(TEA=1, CUP=1)


@pytest.mark.parametrize("leaving", [0, 1])
async def test_when_one_parcel_of_an_order_has_left_none_is_stopped(house: House, leaving: int) -> None:
    desk, found = await two_parcels(house)
    await desk.pack(found[leaving].id)
    await desk.ship(found[leaving].id)
    with pytest.raises(WrongState) as refused:
        await desk.stop(found[0].order_id)
    assert refused.value.reason == "ALREADY_SHIPPED"
    assert await desk.state(found[1 - leaving].id) == PLANNED
    await desk.pack(found[1 - leaving].id)
    assert (await desk.ship(found[1 - leaving].id)).state == SHIPPED


async def test_all_parcels_of_an_order_are_stopped_together(house: House) -> None:
    desk, found = await two_parcels(house)
    await desk.pack(found[1].id)
    await desk.stop(found[0].order_id)
    assert [await desk.state(one.id) for one in found] == [CANCELLED, CANCELLED]
    await house.settled()
    assert sorted(one.warehouse for one in house.told(ShipmentCancelled)) == ["bj", "main"]


async def tried(act: Awaitable[object]) -> bool:
    try:
        await act
    except Refused:
        return False
    return True


async def race_stop_and_ship(house: House, *, split: bool) -> None:
    """Stop, ship by staff and ship by the carrier's scan: all parcels leave or none, and the telling agrees."""
    if split:
        desk, found = await two_parcels(house)
    else:
        logistics, _ = await opened(house)
        desk = Desk(house, logistics)
        found = await desk.planned(TEA=1)
    for one in found:
        await desk.pack(one.id)
    carriers = carriers_pb2_grpc.CarriersServiceStub(desk.logistics.channel)
    picked_up = carriers_pb2.RecordScansRequest(
        proof=Signer(house.clock).proof(b"x"),
        scans=[
            carriers_pb2.Scan(waybill=one.waybill, code="picked_up", occurred_at=found[0].created_at) for one in found
        ],
    )
    acts: list[Awaitable[object]] = [desk.stop(found[0].order_id), *(desk.ship(one.id) for one in found)]
    acts.append(call(carriers.RecordScans, picked_up))
    barrier = asyncio.Barrier(len(acts))

    async def together(act: Awaitable[object]) -> bool:
        await barrier.wait()
        return await tried(act)

    stopped, *_ = await asyncio.gather(*(together(act) for act in acts))
    states = {await desk.state(one.id) for one in found}
    assert states == ({CANCELLED} if stopped else {SHIPPED})
    await house.settled()
    assert len(house.told(ShipmentCancelled)) == (len(found) if stopped else 0)
    assert len(house.told(ShipmentShipped)) == (0 if stopped else len(found))


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("run", range(3))
async def test_of_stop_and_ship_one_wins(house: House, run: int, split: bool) -> None:
    await race_stop_and_ship(house, split=split)


@pytest.mark.long
@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("run", range(50))
async def test_of_stop_and_ship_one_wins_fifty_times(house: House, run: int, split: bool) -> None:
    await race_stop_and_ship(house, split=split)


async def test_lists_go_page_by_page_and_by_state(house: House) -> None:
    logistics, _ = await opened(house)
    desk = Desk(house, logistics)
    events = [paid(house.clock, {"TEA": 1}) for _ in range(5)]
    for event in events:
        await house.tell(event)
    await desk.stop("ord_never_heard_of")
    await house.settled()
    ids, cursor = list[str](), ""
    while True:
        request = shipments_pb2.ListShipmentsRequest(page=Page(limit=2, cursor=cursor))
        page = await call(desk.stub.ListShipments, request)
        ids += [one.id for one in page.shipments]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(ids) == len(set(ids)) == 5
    assert ids == sorted(ids)
    await desk.pack(ids[3])
    packed = await call(desk.stub.ListShipments, shipments_pb2.ListShipmentsRequest(state=PACKED))
    assert [one.id for one in packed.shipments] == [ids[3]]


async def test_no_such_page(house: House) -> None:
    logistics, _ = await opened(house)
    stub = shipments(logistics)
    for page in (Page(limit=101), Page(limit=-1), Page(cursor="zz"), Page(cursor="5b315d00"), Page(cursor="\x00")):
        with pytest.raises(Invalid) as refused:
            await call(stub.ListShipments, shipments_pb2.ListShipmentsRequest(page=page))
        assert refused.value.reason == "INVALID_PAGE"


async def test_no_such_shipment(house: House) -> None:
    logistics, _ = await opened(house)
    desk = Desk(house, logistics)
    for key in ("", "shp_none", "\x00", "$ne", "x" * 5000):
        for act in (desk.state(key), desk.pack(key), desk.ship(key)):
            with pytest.raises(NotFound) as refused:
                await act
            assert refused.value.reason == "SHIPMENT_NOT_FOUND"
        if key != "shp_none":
            with pytest.raises(Invalid):
                await desk.stop(key)
