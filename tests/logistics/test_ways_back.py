"""This is where a parcel that comes back is fetched at a time of its choice, missed, called off and scanned in (L12)."""

import asyncio
from typing import Any

import pytest
from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import returns_pb2 as pb
from shop.logistics.v1 import returns_pb2_grpc
from shop.logistics.v1.events_pb2 import ReturnParcelReceived, ReturnPickupChanged
from shop.orders.v1.events_pb2 import ReturnChanged
from shop.type.v1.address_pb2 import Region

from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House

from .neighbourhood import PHONE, Catalog
from .test_returns import return_request
from .test_scans import Courier, started

PLACE = Region(country="CN", province="上海市", city="上海市")


def ret(n: int) -> str:
    return f"ret_01kt5m8q2x{n:016d}"


async def windows(stub: Any) -> dict[str, int]:
    answer = await call(stub.ListPickupWindows, pb.ListPickupWindowsRequest(region=PLACE))
    return {one.window: one.left for one in answer.windows}


async def booked(stub: Any, n: int, window: str) -> pb.BookReturnResponse:
    request = return_request(ret(n))
    request.window = window
    answer: pb.BookReturnResponse = await call(stub.BookReturn, request)
    return answer


async def refusal(asked: Any) -> str:
    with pytest.raises(Refused) as no:
        await asked
    return no.value.reason


async def state(stub: Any, n: int) -> str:
    answer = await call(stub.GetReturnParcel, pb.GetReturnParcelRequest(return_id=ret(n)))
    return str(answer.parcel.state)


async def test_a_window_takes_so_many_and_never_more(house: House) -> None:
    desk, _ = await started(house)
    stub = returns_pb2_grpc.ReturnParcelsServiceStub(desk.logistics.channel)
    plan = pb.PickupPlan(slots=["09:00-12:00", "13:00-18:00"], capacity=2, days=3)
    await call(stub.PutPickupPlan, pb.PutPickupPlanRequest(plan=plan))
    first, second = list(await windows(stub))[-2:]
    asked = [booked(stub, n, first) for n in range(1, 7)]
    came = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(one, Exception) for one in came].count(False) == 2
    assert {one.reason for one in came if isinstance(one, Refused)} == {"PICKUP_FULL"}
    won = [n for n, one in enumerate(came, 1) if not isinstance(one, BaseException)]
    assert (await windows(stub))[first] == 0
    assert (await booked(stub, won[0], first)).waybill  # again: it holds its place already

    request = pb.RebookPickupRequest(return_id=ret(won[0]), window=second)
    for _ in range(2):
        moved = (await call(stub.RebookPickup, request)).parcel
    assert (moved.window, moved.state) == (second, "booked")
    left = await windows(stub)
    assert (left[first], left[second]) == (1, 1)
    for _ in range(2):
        gone = (await call(stub.CancelReturnParcel, pb.CancelReturnParcelRequest(return_id=ret(won[1])))).parcel
    assert gone.state == "cancelled" and (await windows(stub))[first] == 2
    await house.settled()
    assert [one.what for one in house.told(ReturnPickupChanged)] == ["rebooked", "cancelled"]

    anew = await booked(stub, won[1], second)
    assert anew.waybill != gone.waybill and await state(stub, won[1]) == "booked"
    past = "2020-01-01 09:00-12:00"
    assert await refusal(booked(stub, 9, past)) == "PICKUP_WINDOW_NOT_FOUND"
    wrong = pb.PickupPlan(slots=["12:00-09:00"], capacity=0, days=1)
    assert await refusal(call(stub.PutPickupPlan, pb.PutPickupPlanRequest(plan=wrong))) == "INVALID_PICKUP_PLAN"


async def test_a_missed_pickup_is_told_once_and_booked_anew(house: House) -> None:
    await house.fake("catalog", Catalog(), stock_pb2_grpc.add_StockServiceServicer_to_server)
    logistics = await house.start("logistics", pickups_missed_s=0.05)
    stub, courier = returns_pb2_grpc.ReturnParcelsServiceStub(logistics.channel), Courier(house.clock).at(logistics)
    window = next(iter(await windows(stub)))
    waybill = (await booked(stub, 1, window)).waybill
    house.clock.advance(days=2)
    async with asyncio.timeout(10):
        while await state(stub, 1) != "missed":
            await house.settled()
    await house.settled()
    assert [(one.what, one.window, one.waybill) for one in house.told(ReturnPickupChanged)] == [
        ("missed", window, waybill)
    ]
    later = next(iter(await windows(stub)))
    await call(stub.RebookPickup, pb.RebookPickupRequest(return_id=ret(1), window=later))
    await courier.report([courier.scan(waybill, "picked_up", 1)])
    await house.settled()
    assert await state(stub, 1) == "moving"
    assert await refusal(call(stub.CancelReturnParcel, pb.CancelReturnParcelRequest(return_id=ret(1)))) == (
        "RETURN_PARCEL_LEFT"
    )
    again = pb.RebookPickupRequest(return_id=ret(1), window=later)
    assert await refusal(call(stub.RebookPickup, again)) == "PICKUP_NOT_OPEN"


async def test_what_comes_back_is_printed_followed_and_scanned_in_once(house: House) -> None:
    desk, courier = await started(house)
    stub = returns_pb2_grpc.ReturnParcelsServiceStub(desk.logistics.channel)
    waybill = (await booked(stub, 1, "when it rains")).waybill  # words hold no place, and are passed on
    label = await call(stub.PrintReturnLabel, pb.PrintReturnLabelRequest(return_id=ret(1)))
    assert label.document.startswith(b"%PDF") and PHONE.encode() not in label.document
    await courier.report([courier.scan(waybill, one, n) for n, one in enumerate(("picked_up", "delivered"))])
    await house.settled()
    (arrived,) = (await call(stub.ListReturnParcels, pb.ListReturnParcelsRequest(state="arrived"))).parcels
    assert arrived.waybill == waybill
    for _ in range(2):
        request = pb.ReceiveReturnParcelRequest(waybill=waybill, by="stf_1")
        received = (await call(stub.ReceiveReturnParcel, request)).parcel
    assert (received.state, received.received_by) == ("received", "stf_1")
    await house.settled()
    assert [one.return_id for one in house.told(ReturnParcelReceived)] == [ret(1)]
    tracked = await call(stub.GetReturnParcel, pb.GetReturnParcelRequest(return_id=ret(1)))
    assert [one.state for one in tracked.tracking] == ["picked_up", "delivered"]
    nobody = pb.ReceiveReturnParcelRequest(waybill="SB1")
    assert await refusal(call(stub.ReceiveReturnParcel, nobody)) == "RETURN_PARCEL_NOT_FOUND"
    assert (
        await refusal(call(stub.ListReturnParcels, pb.ListReturnParcelsRequest(state="lost"))) == "INVALID_RETURN_STATE"
    )


async def test_a_return_that_is_called_off_takes_its_pickup_along_unless_it_was_fetched(house: House) -> None:
    desk, courier = await started(house)
    stub = returns_pb2_grpc.ReturnParcelsServiceStub(desk.logistics.channel)
    window = next(iter(await windows(stub)))
    waybill = [(await booked(stub, n, window)).waybill for n in (1, 2)][1]
    await courier.report([courier.scan(waybill, "picked_up", 1)])
    for n in (1, 2, 3):  # of the third logistics never heard
        await house.tell(ReturnChanged(return_id=ret(n), state="cancelled"))
    await house.settled()
    assert [await state(stub, n) for n in (1, 2)] == ["cancelled", "moving"]
    assert (await windows(stub))[window] == 19
