"""This is where held orders stay where they are, and repaired addresses come to their parcels, whatever comes first."""

import asyncio
from typing import Any

import pytest
from shop.logistics.v1 import shipments_pb2 as pb
from shop.logistics.v1 import shipments_pb2_grpc
from shop.logistics.v1.events_pb2 import ShipmentException, ShipmentPlanned
from shop.orders.v1.events_pb2 import OrderHeld, OrderPaid, OrderReaddressed, OrderReleased
from shop.type.v1.address_pb2 import Address, Region

from services.kit.errors import Refused, Unavailable, WrongState
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from tests.house import House, Started

from .neighbourhood import opened, paid
from .test_planning import parcels, shipments, warehouse


async def hold(logistics: Started, order_id: str, turn: int) -> None:
    await call(shipments(logistics).HoldShipments, pb.HoldShipmentsRequest(order_id=order_id, turn=turn))


async def step(logistics: Started, name: str, shipment_id: str) -> pb.Shipment:
    method: Any = getattr(shipments_pb2_grpc.ShipmentsServiceStub(logistics.channel), f"{name}Shipment")
    kind: Any = {"Pack": pb.PackShipmentRequest, "Ship": pb.ShipShipmentRequest}[name]
    shipment: pb.Shipment = (await call(method, kind(id=shipment_id, by="stf_1"))).shipment
    return shipment


def released(event: OrderPaid, turn: int) -> OrderReleased:
    return OrderReleased(order=event, order_id=event.order_id, turn=turn, by="stf_1")


def sealed(order_id: str, street: str) -> bytes:
    to = Address(country="CN", province="上海市", city="上海市", street=street, name="張", phone="+8613812341234")
    return Seal(DEVELOPMENT_SEAL_KEY).close(to.SerializeToString(), order_id)


async def planned(house: House, logistics: Started, **more: Any) -> tuple[OrderPaid, list[pb.Shipment]]:
    event = paid(house.clock, **more)
    await house.tell(event)
    await house.settled()
    return event, await parcels(logistics, event.order_id)


async def test_a_held_order_is_neither_packed_nor_handed_over_until_it_is_let_go(house: House) -> None:
    logistics, _ = await opened(house)
    event, (parcel,) = await planned(house, logistics)
    await hold(logistics, event.order_id, 1)
    assert (await parcels(logistics, event.order_id))[0].held
    with pytest.raises(WrongState) as held:
        await step(logistics, "Pack", parcel.id)
    assert held.value.reason == "SHIPMENT_HELD"
    await house.tell(released(event, 2))
    await house.settled()
    await step(logistics, "Pack", parcel.id)
    await hold(logistics, event.order_id, 1)  # an old word
    await hold(logistics, event.order_id, 3)
    with pytest.raises(WrongState):
        await step(logistics, "Ship", parcel.id)
    await house.tell(released(event, 4))
    await house.settled()
    assert (await step(logistics, "Ship", parcel.id)).state == pb.SHIPMENT_STATE_SHIPPED
    with pytest.raises(WrongState) as gone:
        await hold(logistics, event.order_id, 5)
    assert gone.value.reason == "ALREADY_SHIPPED"
    assert len(house.told(ShipmentPlanned)) == 1


async def test_an_old_word_does_not_hold_what_was_planned_when_it_was_let_go(house: House) -> None:
    logistics, _ = await opened(house)
    event = paid(house.clock)
    await house.tell(released(event, 2))
    await house.settled()
    await hold(logistics, event.order_id, 1)
    assert [parcel.held for parcel in await parcels(logistics, event.order_id)] == [False]


async def test_hold_and_release_told_shuffled_come_to_the_last_word(house: House) -> None:
    logistics, _ = await opened(house)
    event, _parcels = await planned(house, logistics)
    for word in (released(event, 4), OrderHeld(order_id=event.order_id, turn=3, to_send=True), released(event, 2)):
        await house.tell(word)
    await house.settled()
    assert not (await parcels(logistics, event.order_id))[0].held
    await house.tell(OrderHeld(order_id=event.order_id, turn=5, to_send=True))
    await house.tell(OrderHeld(order_id=event.order_id, turn=5, to_send=True))
    await house.settled()
    assert (await parcels(logistics, event.order_id))[0].held


async def test_an_order_held_as_it_was_bought_is_planned_when_it_is_let_go(house: House) -> None:
    logistics, _ = await opened(house)
    event = paid(house.clock)
    event.holds.append("audit")
    event.priority = 2
    await house.tell(event)
    await house.settled()
    assert await parcels(logistics, event.order_id) == []
    with pytest.raises(Unavailable):
        await hold(logistics, event.order_id, 1)
    del event.holds[:]
    await house.tell(released(event, 2))
    await house.settled()
    (parcel,) = await parcels(logistics, event.order_id)
    assert (parcel.held, parcel.priority) == (False, 2)


@pytest.mark.parametrize("runs", [3, pytest.param(50, marks=pytest.mark.long)])
async def test_hold_against_handing_over_has_one_winner(house: House, runs: int) -> None:
    logistics, _ = await opened(house)
    for _ in range(runs):
        event, (parcel,) = await planned(house, logistics)
        await step(logistics, "Pack", parcel.id)
        held, shipped = await asyncio.gather(
            hold(logistics, event.order_id, 1), step(logistics, "Ship", parcel.id), return_exceptions=True
        )
        (now,) = await parcels(logistics, event.order_id)
        if isinstance(held, Refused):
            assert held.reason == "ALREADY_SHIPPED" and now.state == pb.SHIPMENT_STATE_SHIPPED
        else:
            assert isinstance(shipped, Refused) and now.held and now.state == pb.SHIPMENT_STATE_PACKED


async def test_a_repaired_address_comes_to_all_parcels_until_one_has_left(house: House) -> None:
    stock = {"main": {"TEA": 2}, "east": {"CUP": 2}}
    logistics, _ = await opened(house, stock)

    await warehouse(logistics, "east", "上海市")
    event, both = await planned(house, logistics, lines={"TEA": 1, "CUP": 1})
    assert len(both) == 2
    region = Region(country="CN", province="上海市", city="上海市")
    for revision, street in ((2, "南京路 2 號"), (1, "南京路 1 號")):  # the older is told later
        word = OrderReaddressed(
            order_id=event.order_id,
            revision=revision,
            region=region,
            sealed_address=sealed(event.order_id, street),
            to_send=True,
        )
        await house.tell(word)
        await house.settled()
    assert {one.address.street for one in await parcels(logistics, event.order_id)} == {"南京路 2 號"}
    await step(logistics, "Pack", both[1].id)
    await step(logistics, "Ship", both[1].id)
    request = pb.ReaddressShipmentsRequest(
        order_id=event.order_id, revision=3, region=region, sealed_address=sealed(event.order_id, "南京路 3 號")
    )
    with pytest.raises(WrongState) as late:
        await call(shipments(logistics).ReaddressShipments, request)
    assert late.value.reason == "ALREADY_SHIPPED"
    assert {one.address.street for one in await parcels(logistics, event.order_id)} == {"南京路 2 號"}


async def test_goods_no_warehouse_has_are_told_once(house: House) -> None:
    logistics, _ = await opened(house, {"main": {"TEA": 0}})
    event, (waiting,) = await planned(house, logistics, lines={"TEA": 1})
    await house.tell(event)
    await house.settled()
    (told,) = house.told(ShipmentException)
    assert (told.shipment_id, told.order_id) == (waiting.id, event.order_id) and told.reasons


async def test_an_order_held_before_its_goods_are_found_stays_held_in_all_parcels_until_it_is_let_go(
    house: House,
) -> None:
    logistics, catalog = await opened(house, {"main": {"TEA": 1}, "east": {"CUP": 0}})
    await warehouse(logistics, "east", "上海市")
    event, (waiting,) = await planned(house, logistics, lines={"TEA": 1, "CUP": 1})
    assert waiting.state == pb.SHIPMENT_STATE_EXCEPTION
    await hold(logistics, event.order_id, 1)
    catalog.stock["east"]["CUP"] = 1
    await logistics.stop()
    logistics = await house.start("logistics", exceptions_again_s=0.05)
    async with asyncio.timeout(10):
        while len(both := await parcels(logistics, event.order_id)) < 2:
            await asyncio.sleep(0.02)
    for parcel in both:
        with pytest.raises(WrongState) as held:
            await step(logistics, "Pack", parcel.id)
        assert held.value.reason == "SHIPMENT_HELD"
    await house.tell(released(event, 2))
    await house.settled()
    for parcel in both:
        await step(logistics, "Pack", parcel.id)
