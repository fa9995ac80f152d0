"""This is where a parcel comes to leave from another warehouse: once, whatever breaks off, packs or stops meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from shop.logistics.v1 import reroutes_pb2, reroutes_pb2_grpc, shipments_pb2
from shop.logistics.v1.events_pb2 import ShipmentCancelled, ShipmentException, ShipmentRerouted

from services.kit.errors import Invalid, Refused, Unavailable, WrongState
from services.kit.rpc import call
from tests.house import House, Started

from .neighbourhood import Catalog, opened, paid
from .test_planning import parcels, shipments, warehouse

PLANNED, PACKED = shipments_pb2.SHIPMENT_STATE_PLANNED, shipments_pb2.SHIPMENT_STATE_PACKED
CANCELLED, EXCEPTION = shipments_pb2.SHIPMENT_STATE_CANCELLED, shipments_pb2.SHIPMENT_STATE_EXCEPTION


class Desk:
    """Staff beside two warehouses, and a parcel that is planned in the first."""

    def __init__(self, house: House, logistics: Started, catalog: Catalog) -> None:
        self.house, self.logistics, self.catalog = house, logistics, catalog
        self.stub = reroutes_pb2_grpc.ReroutesServiceStub(logistics.channel)

    async def planned(self) -> shipments_pb2.Shipment:
        event = paid(self.house.clock, {"TEA": 2})
        await self.house.tell(event)
        await self.house.settled()
        (parcel,) = await parcels(self.logistics, event.order_id)
        assert (parcel.warehouse, parcel.state) == ("main", PLANNED)
        return parcel

    async def reroute(
        self, key: str, reason: str = "closed", was: str = "main", to: str = ""
    ) -> shipments_pb2.Shipment:
        request = reroutes_pb2.RerouteShipmentRequest(id=key, was=was, reason=reason, to=to, by="stf_1", note="seen")
        return (await call(self.stub.RerouteShipment, request)).shipment

    async def pack(self, key: str) -> object:
        return await call(shipments(self.logistics).PackShipment, shipments_pb2.PackShipmentRequest(id=key))

    async def stop(self, order_id: str) -> object:
        request = shipments_pb2.StopShipmentsRequest(order_id=order_id)
        return await call(shipments(self.logistics).StopShipments, request)

    async def now(self, parcel: shipments_pb2.Shipment) -> shipments_pb2.Shipment:
        (found,) = await parcels(self.logistics, parcel.order_id)
        return found


async def desk(house: House, bj: int = 9, **settings: float) -> Desk:
    logistics, catalog = await opened(house, {"main": {"TEA": 9}, "bj": {"TEA": bj}}, **settings)
    await warehouse(logistics, "bj", "北京")
    return Desk(house, logistics, catalog)


async def test_of_a_closed_warehouse_it_leaves_from_the_next_and_the_goods_change_places(house: House) -> None:
    at = await desk(house)
    parcel = await at.planned()
    for _ in range(2):
        moved = await at.reroute(parcel.id)
    assert (moved.state, moved.warehouse, moved.waybill) == (PLANNED, "bj", parcel.waybill)
    (route,) = moved.routes
    assert (route.was, route.warehouse, route.reason, route.by, route.note) == ("main", "bj", "closed", "stf_1", "seen")
    assert moved.reasons[0].startswith("bj: chosen; has all 1 lines")
    assert at.catalog.stock == {"main": {"TEA": 9}, "bj": {"TEA": 7}}
    await house.settled()
    (told,) = house.told(ShipmentRerouted)
    assert (told.was, told.warehouse, told.turn, told.reason) == ("main", "bj", 1, "closed")
    # Stopped then, it goes back where it was to leave from.
    await at.stop(parcel.order_id)
    await house.settled()
    assert [(one.warehouse, one.lines[0].quantity) for one in house.told(ShipmentCancelled)] == [("bj", 2)]


@pytest.mark.parametrize(("reason", "found"), [("short", "lost"), ("damaged", "damaged")])
async def test_what_is_not_sound_is_never_put_back_on_the_shelf(house: House, reason: str, found: str) -> None:
    at = await desk(house)
    parcel = await at.planned()
    assert (await at.reroute(parcel.id, reason)).warehouse == "bj"
    assert at.catalog.stock == {"main": {"TEA": 7}, "bj": {"TEA": 7}}
    assert at.catalog.spoilt == {found: 2}


async def test_where_no_other_has_it_it_waits_and_leaves_when_goods_arrive(house: House) -> None:
    at = await desk(house, bj=1)
    parcel = await at.planned()
    left = await at.reroute(parcel.id, "short")
    assert (left.state, left.moving, left.warehouse) == (EXCEPTION, "short", "main")
    await house.settled()
    (told,) = house.told(ShipmentException)
    assert told.shipment_id == parcel.id
    at.catalog.stock["bj"]["TEA"] = 2
    assert (await at.reroute(parcel.id, "short")).warehouse == "bj"
    assert at.catalog.spoilt == {"lost": 2}
    assert at.catalog.stock["bj"]["TEA"] == 0
    assert len(house.told(ShipmentException)) == 1


@pytest.mark.parametrize(("reason", "back"), [("short", []), ("closed", [2])])
async def test_stopped_while_it_waits_only_what_is_sound_goes_back(house: House, reason: str, back: list[int]) -> None:
    at = await desk(house, bj=0, exceptions_again_s=0.02)
    parcel = await at.planned()
    assert (await at.reroute(parcel.id, reason)).state == EXCEPTION
    await at.stop(parcel.order_id)
    at.catalog.stock["bj"]["TEA"] = 9  # too late: nobody tries any more
    house.clock.advance(minutes=1)
    asked = len(at.catalog.calls)
    assert await at.logistics.ground.database["shipments"].count_documents({"moving.until": {"$exists": True}}) == 0
    await house.settled()
    assert len(at.catalog.calls) == asked
    (told,) = house.told(ShipmentCancelled)
    assert [line.quantity for line in told.lines] == back
    assert (await at.now(parcel)).state == CANCELLED


async def test_what_broke_off_is_finished_from_where_it_was_taken(house: House) -> None:
    at = await desk(house, exceptions_again_s=0.05)
    parcel = await at.planned()
    at.catalog.moved_but_lost = 9
    with pytest.raises(Refused):
        await at.reroute(parcel.id)
    for act in (at.pack(parcel.id), at.stop(parcel.order_id), at.reroute(parcel.id)):
        with pytest.raises(Unavailable) as refused:
            await act
        assert refused.value.reason == "BEING_ALLOCATED"
    at.catalog.moved_but_lost, at.catalog.stock["bj"]["TEA"] = 0, 0
    house.clock.advance(minutes=1)
    async with asyncio.timeout(10):
        while (await at.now(parcel)).warehouse != "bj":
            await house.settled()
    assert at.catalog.stock["main"]["TEA"] == 9


async def test_what_cannot_be_rerouted_is_refused(house: House) -> None:
    at = await desk(house)
    parcel = await at.planned()
    for was, reason, to in (("main", "tired", ""), ("main", "closed", "nowhere"), ("main", "closed", "main")):
        with pytest.raises(Invalid) as refused:
            await at.reroute(parcel.id, reason, was, to)
        assert refused.value.reason == "INVALID_REROUTE"
    with pytest.raises(WrongState):
        await at.reroute(parcel.id, was="bj")
    await at.pack(parcel.id)
    with pytest.raises(WrongState) as late:
        await at.reroute(parcel.id)
    assert late.value.reason == "ILLEGAL_TRANSITION"
    assert at.catalog.stock == {"main": {"TEA": 7}, "bj": {"TEA": 9}}


async def race(house: House, orders: int) -> None:
    """Rerouted, packed and stopped at once: whatever wins, every unit is somewhere once."""
    at = await desk(house, bj=9)
    found = []
    for _ in range(orders):
        event = paid(house.clock, {"TEA": 2})
        await house.tell(event)
        await house.settled()
        found += await parcels(at.logistics, event.order_id)
    barrier = asyncio.Barrier(4 * len(found))

    async def together(act: Callable[[], Awaitable[object]]) -> None:
        await barrier.wait()
        for _ in range(40):
            try:
                await act()
                return
            except Unavailable:
                await asyncio.sleep(0)
            except WrongState:
                return

    acts: list[Callable[[], Awaitable[object]]] = []
    for one in found:
        acts += [
            lambda key=one.id, was=one.warehouse: at.reroute(key, was=was),  # type: ignore[misc]
            lambda key=one.id, was=one.warehouse: at.reroute(key, was=was),  # type: ignore[misc]
            lambda key=one.id: at.pack(key),  # type: ignore[misc]
            lambda key=one.order_id: at.stop(key),  # type: ignore[misc]
        ]
    await asyncio.gather(*(together(act) for act in acts))
    await house.settled()
    back = [(event.warehouse, line.quantity) for event in house.told(ShipmentCancelled) for line in event.lines]
    ended = [await at.now(one) for one in found]
    for code in ("main", "bj"):
        planned = sum(2 for one in ended if one.state != CANCELLED and one.warehouse == code)
        there = at.catalog.stock[code]["TEA"] + sum(units for was, units in back if was == code)
        assert there + planned == 9, code
    assert all(one.state in (CANCELLED, PLANNED, PACKED) for one in ended)


async def test_rerouted_packed_and_stopped_at_once_no_unit_is_lost_or_doubled(house: House) -> None:
    await race(house, 3)


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_the_same_fifty_times(house: House, run: int) -> None:
    await race(house, 4)
