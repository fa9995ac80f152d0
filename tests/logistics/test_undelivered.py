"""This is where what nobody took comes back: scanned in once, by grade, whoever brought it back."""

import asyncio
from typing import Any

import pytest
from shop.logistics.v1 import returns_pb2 as pb
from shop.logistics.v1 import returns_pb2_grpc
from shop.logistics.v1.events_pb2 import ParcelRestocked
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House, Started

from .test_scans import started


class Bench:
    """Who looks at what came back."""

    def __init__(self, logistics: Started) -> None:
        self.stub = returns_pb2_grpc.ReturnParcelsServiceStub(logistics.channel)

    async def waiting(self, limit: int = 20) -> list[str]:
        found, cursor = list[str](), ""
        while True:
            asked = pb.ListUndeliveredRequest(page=Page(limit=limit, cursor=cursor))
            page = await call(self.stub.ListUndelivered, asked)
            found += [one.waybill for one in page.parcels]
            if not (cursor := page.next_cursor):
                return found

    async def restock(self, waybill: str, *found: tuple[str, str, int]) -> pb.UndeliveredParcel:
        there = [pb.FoundUnits(sku=sku, grade=grade, units=units) for sku, grade, units in found]
        asked = pb.RestockUndeliveredRequest(waybill=waybill, found=there, by="stf_1")
        parcel: pb.UndeliveredParcel = (await call(self.stub.RestockUndelivered, asked)).parcel
        return parcel


def put_back(house: House) -> list[tuple[str, Any]]:
    """What was told: by parcel, what was found."""
    return [
        (one.shipment_id, [(row.sku, row.grade, row.units) for row in one.found]) for one in house.told(ParcelRestocked)
    ]


async def test_what_a_carrier_brings_back_is_put_back_once_by_grade(house: House) -> None:
    desk, courier = await started(house)
    bench = Bench(desk.logistics)
    (kept,), (other,), (gone,) = [await desk.planned(TEA=3, CUP=1) for _ in range(3)]
    for parcel, *way in ((kept, "rejected", "returning"), (other, "returned"), (gone, "delivered")):
        codes = ["picked_up", "out_for_delivery", *way]
        await courier.report([courier.scan(parcel.waybill, code, at) for at, code in enumerate(codes)])
    assert await bench.waiting() == [other.waybill]  # the first is still on its way back
    found = (("TEA", "A", 1), ("TEA", "C", 1), ("CUP", "scrap", 1))  # and one tea is missing
    for waybill, wrong, reason in (
        (gone.waybill, (), "NOT_COME_BACK"),
        ("SB0", (), "WAYBILL_NOT_FOUND"),
        (kept.waybill, (("TEA", "A", 2), ("TEA", "C", 2)), "INVALID_RESTOCK"),
        (kept.waybill, (("SALT", "A", 1),), "INVALID_RESTOCK"),
        (kept.waybill, (("TEA", "D", 1),), "INVALID_RESTOCK"),
    ):
        with pytest.raises(Refused) as refused:
            await bench.restock(waybill, *wrong)
        assert refused.value.reason == reason
    done = await asyncio.gather(*(bench.restock(kept.waybill, *found) for _ in range(4)))
    assert {(one.restocked_at, one.restocked_by) for one in done} == {(done[0].restocked_at, "stf_1")}
    assert [line.sku for line in (await bench.restock(other.waybill)).lines] == ["TEA", "CUP"]
    await bench.restock(other.waybill, ("TEA", "A", 1))  # again, with other words: nothing changes
    await house.settled()
    assert put_back(house) == [(kept.id, list(found)), (other.id, [("TEA", "A", 3), ("CUP", "A", 1)])]
    assert await bench.waiting() == []
