"""This is where goods cross a border, or wait at it."""

import asyncio
import json
from typing import Any

import pytest
from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import customs_pb2 as pb
from shop.logistics.v1 import customs_pb2_grpc, shipments_pb2, shipments_pb2_grpc
from shop.logistics.v1.events_pb2 import ShipmentException, ShipmentPlanned
from shop.type.v1.address_pb2 import Region
from shop.type.v1.money_pb2 import Money

from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House
from tests.logistics.neighbourhood import Catalog, opened, paid

ABROAD = Region(country="GB", province="London", city="London")


def goods(sku: str, **more: Any) -> pb.CustomsGoods:
    return pb.CustomsGoods(**({"sku": sku, "hs_code": "090210", "origin": "CN", "description": "Green tea"} | more))


async def put(stub: Any, one: pb.CustomsGoods) -> pb.CustomsGoods:
    kept: pb.CustomsGoods = (await call(stub.PutCustomsGoods, pb.PutCustomsGoodsRequest(goods=one, by="stf_1"))).goods
    return kept


def crossing(country: str = "GB", sku: str = "TEA", minor: int = 5000) -> pb.JudgeCrossingRequest:
    line = pb.CrossingLine(sku=sku, quantity=2, unit=Money(currency="CNY", minor=minor))
    return pb.JudgeCrossingRequest(country=country, lines=[line], freight=Money(currency="CNY", minor=1000))


async def test_a_parcel_abroad_waits_until_customs_knows_its_goods(house: House) -> None:
    await house.fake("catalog", Catalog({"main": {"TEA": 9}}), stock_pb2_grpc.add_StockServiceServicer_to_server)
    logistics = await house.start("logistics", exceptions_again_s=0.05)
    stub = customs_pb2_grpc.CustomsServiceStub(logistics.channel)
    order = paid(house.clock, {"TEA": 2}, region=ABROAD)
    order.lines[0].paid.CopyFrom(Money(currency="CNY", minor=10_001))
    order.goods.CopyFrom(Money(currency="CNY", minor=10_001))
    await house.tell(order)
    await house.settled()
    (waits,) = house.told(ShipmentException)
    assert list(waits.reasons) == ["customs: TEA customs_data_missing: no hs_code, origin, description"]
    with pytest.raises(Refused) as no:
        await call(stub.GetDeclaration, pb.GetDeclarationRequest(shipment_id=waits.shipment_id))
    assert no.value.reason == "NOT_ABROAD"

    await put(stub, goods("TEA", declared=Money(currency="CNY", minor=6_000)))
    async with asyncio.timeout(10):
        while not house.told(ShipmentPlanned):
            await house.settled()
    (planned,) = house.told(ShipmentPlanned)
    told = json.loads(
        (await call(stub.GetDeclaration, pb.GetDeclarationRequest(shipment_id=planned.shipment_id))).document
    )
    assert (told["form"], told["value_minor"], told["net_weight_g"]) == ("CN22", 12_000, 600)
    assert told["pieces"][0]["hs_code"] == "090210" and told["addressee"]["country"] == "GB"
    for kind in ("commercial-invoice", "packing-list", "declaration"):
        request = pb.PrintCustomsPaperRequest(shipment_id=planned.shipment_id, kind=kind)
        assert (await call(stub.PrintCustomsPaper, request)).document.startswith(b"%PDF")
    with pytest.raises(Refused) as no:
        await call(stub.PrintCustomsPaper, pb.PrintCustomsPaperRequest(shipment_id=planned.shipment_id, kind="poem"))
    assert no.value.reason == "INVALID_PAPER"


async def test_who_stays_at_home_is_asked_nothing(house: House) -> None:
    logistics, _ = await opened(house)
    stub = customs_pb2_grpc.CustomsServiceStub(logistics.channel)
    await house.tell(paid(house.clock))
    await house.settled()
    assert len(house.told(ShipmentPlanned)) == 1
    judged = await call(stub.JudgeCrossing, crossing("CN"))
    assert not judged.abroad and not judged.obstacles and not judged.HasField("estimate")


async def test_restrictions_stand_from_a_day_on_and_until_one(house: House) -> None:
    logistics, _ = await opened(house)
    stub = customs_pb2_grpc.CustomsServiceStub(logistics.channel)
    await put(stub, goods("TEA"))
    day = house.clock.now().strftime("%Y-%m-%d")

    async def restricted(**more: str) -> list[tuple[str, str]]:
        said: dict[str, Any] = {
            "id": "tea",
            "country": "GB",
            "kind": "prohibited",
            "hs_prefix": "0902",
            "reason": "r",
            "text": "No.",
        }
        await call(stub.PutRestriction, pb.PutRestrictionRequest(restriction=pb.Restriction(**(said | more))))
        return [(one.sku, one.kind) for one in (await call(stub.JudgeCrossing, crossing())).obstacles]

    assert await restricted() == [("TEA", "prohibited")]
    assert await restricted(from_day=day, until_day=day) == [("TEA", "prohibited")]
    assert await restricted(from_day="2999-01-01") == []
    assert await restricted(until_day="2020-01-01") == []
    assert await restricted(country="US") == []
    assert await restricted(country="*", kind="restricted") == [("TEA", "restricted")]
    assert await restricted(battery="alone") == []
    await call(stub.RemoveRestriction, pb.RemoveRestrictionRequest(id="tea"))
    with pytest.raises(Refused) as no:
        await call(stub.RemoveRestriction, pb.RemoveRestrictionRequest(id="tea"))
    assert no.value.reason == "RESTRICTION_NOT_FOUND"


async def test_what_is_wrong_spoils_its_own_row_only_and_nothing_is_declared_below_what_was_paid(house: House) -> None:
    logistics, _ = await opened(house)
    stub = customs_pb2_grpc.CustomsServiceStub(logistics.channel)
    rows = [
        goods("A"),
        goods("B", hs_code="12345"),
        goods("C", hs_code="6912001"),
        goods("D", origin="China"),
        goods("E"),
    ]
    for _ in range(2):
        taken = (await call(stub.ImportCustomsGoods, pb.ImportCustomsGoodsRequest(goods=rows, by="stf_1"))).taken
        assert [[fault.field for fault in one.faults] for one in taken] == [
            [],
            ["hs_code"],
            ["hs_code"],
            ["origin"],
            [],
        ]
    assert [one.sku for one in (await call(stub.ListCustomsGoods, pb.ListCustomsGoodsRequest())).goods] == ["A", "E"]
    kept = await put(stub, goods("A", declared=Money(currency="CNY", minor=1)))
    table = pb.DutyTable(country="GB", currency="CNY", tax_name="VAT", rates=[pb.DutyRate(tax_bp=2000)])
    await call(stub.PutDutyTable, pb.PutDutyTableRequest(table=table))
    estimate = (await call(stub.JudgeCrossing, crossing(sku="A"))).estimate
    assert (estimate.customs_value.minor, estimate.tax.minor) == (10_000, 2_000) and not estimate.HasField("ddp")
    stale = pb.PutCustomsGoodsRequest(goods=goods("A"), if_version=kept.version - 1)
    with pytest.raises(Refused) as no:
        await call(stub.PutCustomsGoods, stale)
    assert no.value.reason == "VERSION_MISMATCH"


async def test_a_parcel_at_home_has_no_papers(house: House) -> None:
    logistics, _ = await opened(house)
    await house.tell(paid(house.clock))
    await house.settled()
    (planned,) = house.told(ShipmentPlanned)
    shipments = shipments_pb2_grpc.ShipmentsServiceStub(logistics.channel)
    assert (await call(shipments.GetShipment, shipments_pb2.GetShipmentRequest(id=planned.shipment_id))).shipment
    stub = customs_pb2_grpc.CustomsServiceStub(logistics.channel)
    with pytest.raises(Refused) as no:
        await call(stub.GetDeclaration, pb.GetDeclarationRequest(shipment_id=planned.shipment_id))
    assert no.value.reason == "NOT_ABROAD"
