"""This is where a carrier sees what is its own: what waits for it, and all it carries."""

import pytest
from shop.logistics.v1 import carriers_pb2, shipments_pb2
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Invalid
from services.kit.rpc import call
from tests.house import House

from .neighbourhood import NAME, PHONE, STREET
from .test_scans import Courier, started


async def pickups(courier: Courier, date: str) -> list[tuple[str, str, list[str]]]:
    answer = await call(courier.stub.ListPickups, carriers_pb2.ListPickupsRequest(proof=courier.proof(), date=date))
    return [(one.warehouse, one.direction, list(one.waybills)) for one in answer.pickups]


async def test_what_waits_is_to_be_picked_up_and_what_has_left_is_not(house: House) -> None:
    desk, courier = await started(house)
    (planned,), (packed,), (shipped,) = [await desk.planned(TEA=1) for _ in range(3)]
    for one in (packed, shipped):
        await desk.pack(one.id)
    await desk.ship(shipped.id)
    today = house.clock.now().strftime("%Y-%m-%d")
    ((warehouse, direction, waybills),) = await pickups(courier, today)
    assert (warehouse, direction) == ("main", "forward")
    assert sorted(waybills) == sorted([planned.waybill, packed.waybill])
    assert await pickups(courier, "2020-01-01") == []
    for wrong in ("", "today", "2026-13-01", "20261122", "9999-12-31", "2026-11-22x", "\x00"):
        with pytest.raises(Invalid) as refused:
            await pickups(courier, wrong)
        assert refused.value.reason == "INVALID_DATE"


async def test_a_carrier_lists_its_shipments_by_cursor_without_names(house: House) -> None:
    desk, courier = await started(house)
    found = [(await desk.planned(TEA=1))[0] for _ in range(3)]
    await desk.pack(found[1].id)
    ids, cursor = list[str](), ""
    while True:
        request = carriers_pb2.ListCarrierShipmentsRequest(proof=courier.proof(), page=Page(limit=2, cursor=cursor))
        page = await call(courier.stub.ListCarrierShipments, request)
        ids += [one.id for one in page.shipments]
        for personal in (NAME, PHONE, STREET):
            assert personal not in str(page)
        assert all(one.address.city == "上海市" for one in page.shipments)
        cursor = page.next_cursor
        if not cursor:
            break
    assert ids == sorted(one.id for one in found)
    request = carriers_pb2.ListCarrierShipmentsRequest(proof=courier.proof(), state=shipments_pb2.SHIPMENT_STATE_PACKED)
    page = await call(courier.stub.ListCarrierShipments, request)
    assert [one.id for one in page.shipments] == [found[1].id]
