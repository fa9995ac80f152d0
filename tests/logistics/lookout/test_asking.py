"""This is where carriers that do not tell are asked, are passed over, waited for, and told what will not come."""

import asyncio
from typing import Any

from shop.logistics.v1 import connections_pb2, connections_pb2_grpc, freight_pb2, freight_pb2_grpc
from shop.logistics.v1.events_pb2 import ParcelMoved, ShipmentPlanned

from services.kit.rpc import call
from tests.house import House
from tests.logistics.carriers.standin import SF_ACCOUNT, StandIn

from .watch import Watch, watching


async def connect(watch: Watch, code: str, account: dict[str, str], *, on: bool = True) -> None:
    stub = connections_pb2_grpc.ConnectionsServiceStub(watch.desk.logistics.channel)
    wish = connections_pb2.PutConnectionRequest(code=code, on=on, environment="test", account=account, lost_days=15)
    await call(stub.PutConnection, wish)


async def bring_by(watch: Watch, code: str) -> None:
    """All templates name this carrier."""
    stub = freight_pb2_grpc.FreightServiceStub(watch.desk.logistics.channel)
    for template in (await call(stub.ListFreightTemplates, freight_pb2.ListFreightTemplatesRequest())).templates:
        template.carrier = code
        await call(stub.PutFreightTemplate, freight_pb2.PutFreightTemplateRequest(template=template))


def route(at: str, code: str, remark: str) -> dict[str, Any]:
    return {"acceptTime": at, "acceptAddress": "杭州市", "remark": remark, "opCode": code}


async def test_an_order_goes_by_sf_is_asked_after_and_arrives(house: House) -> None:
    async with StandIn() as there:
        watch = await watching(house, sf_url=f"{there.url}/std/service", lookout_s=0.05)
        await connect(watch, "sf", SF_ACCOUNT)
        await bring_by(watch, "sf")
        there.lose = 1
        key, waybill = await watch.under_way()
        assert there.orders == {key: waybill}
        assert there.contents[key]["contactInfoList"][1]["contact"] == "張三豐"
        now = house.clock.now()
        stamp = now.astimezone().strftime("%Y-%m-%d")
        there.routes[waybill] = [route(f"{stamp} 00:00:01", "54", "已收取 13812341234")]
        found = await _until(watch, key, "picked_up")
        assert (found.scans[0].raw_code, found.scans[0].text) == ("54", "已收取 ***")
        asked = there.calls.count("EXP_RECE_SEARCH_ROUTES")
        await asyncio.sleep(0.2)
        assert there.calls.count("EXP_RECE_SEARCH_ROUTES") == asked  # not before half an hour is over
        there.routes[waybill].append(route(f"{stamp} 00:00:02", "80", "已簽收"))
        house.clock.advance(minutes=31)
        await _until(watch, key, "delivered")
        await house.settled()
        assert [one.state for one in house.told(ParcelMoved)] == ["picked_up", "delivered"]


async def test_a_carrier_that_will_not_have_a_parcel_is_passed_over(house: House) -> None:
    async with StandIn() as there:
        watch = await watching(house, sf_url=f"{there.url}/std/service")
        await connect(watch, "sf", SF_ACCOUNT)
        await bring_by(watch, "sf")
        there.refuse = "8114"
        (parcel,) = await watch.desk.planned(TEA=1)
        assert (parcel.carrier, parcel.waybill[:2]) == ("sandbox", "SB")
        assert any("8114" in reason for reason in parcel.reasons)


async def test_while_a_carrier_is_away_the_order_waits_and_is_then_planned_once(house: House) -> None:
    async with StandIn() as there:
        watch = await watching(house, sf_url=f"{there.url}/std/service")
        await connect(watch, "sf", SF_ACCOUNT)
        await bring_by(watch, "sf")
        there.down = 2  # the order, and the question what became of it
        (parcel,) = await watch.desk.planned(TEA=1)
        assert there.orders == {parcel.id: parcel.waybill}
        assert len(house.told(ShipmentPlanned)) == 1


async def test_a_carrier_that_is_off_gets_nothing(house: House) -> None:
    watch = await watching(house)
    await bring_by(watch, "zto")
    (parcel,) = await watch.desk.planned(TEA=1)
    assert parcel.carrier == "sandbox"


async def test_what_was_stopped_is_voided_at_the_carrier(house: House) -> None:
    async with StandIn() as there:
        watch = await watching(house, sf_url=f"{there.url}/std/service")
        await connect(watch, "sf", SF_ACCOUNT)
        await bring_by(watch, "sf")
        (parcel,) = await watch.desk.planned(TEA=1)
        await watch.desk.stop(parcel.order_id)
        await house.settled()
        assert there.cancelled == {parcel.id}


async def _until(watch: Watch, key: str, state: str) -> Any:
    async with asyncio.timeout(10):
        while (found := await watch.tracking(key)).state != state:
            await asyncio.sleep(0.02)
    return found
