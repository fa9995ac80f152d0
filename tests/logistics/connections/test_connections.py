"""This is where staff turn carriers on and off, keep accounts nobody can read, and add partners."""

import asyncio
from typing import Any

import pytest
from shop.logistics.v1 import carriers_pb2, connections_pb2_grpc, returns_pb2_grpc
from shop.logistics.v1 import connections_pb2 as pb
from shop.logistics.v1.events_pb2 import CarrierConnectionChanged

from services.kit.clock import rfc3339
from services.kit.errors import Conflict, Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from services.logistics.carrier_keys import CarrierKeys
from tests.house import House
from tests.logistics.carriers.standin import SF_ACCOUNT
from tests.logistics.lookout.test_asking import bring_by
from tests.logistics.lookout.watch import Watch, watching
from tests.logistics.test_returns import return_request

PARTNER = {"partner": True, "title": "韻達 Yunda", "prefix": "YD", "speaks": "yunda"}


async def put(watch: Watch, code: str, **more: Any) -> pb.Connection:
    stub = connections_pb2_grpc.ConnectionsServiceStub(watch.desk.logistics.channel)
    usual: dict[str, Any] = {"code": code, "on": True, "environment": "test", "lost_days": 15, "by": "stf_1"}
    wish = pb.PutConnectionRequest(**(usual | more))
    kept: pb.Connection = (await call(stub.PutConnection, wish)).connection
    return kept


async def listed(watch: Watch) -> dict[str, pb.Connection]:
    stub = connections_pb2_grpc.ConnectionsServiceStub(watch.desk.logistics.channel)
    found = (await call(stub.ListConnections, pb.ListConnectionsRequest())).connections
    return {one.code: one for one in found}


async def test_built_in_carriers_are_there_and_only_the_sandbox_is_on(house: House) -> None:
    known = await listed(await watching(house))
    assert {code: one.on for code, one in known.items()} == {"sandbox": True, "fleet": True, "sf": False, "zto": False}
    assert "track" in known["sf"].abilities and "manifest" not in known["sf"].abilities
    assert known["sf"].stuck_days["in_transit"] == 4 and known["sf"].lost_days == 15


async def test_an_account_is_kept_sealed_and_shown_to_nobody(house: House) -> None:
    watch = await watching(house)
    with pytest.raises(WrongState) as refused:
        await put(watch, "sf", account={"partner_id": "SHOPTEST"})
    assert refused.value.reason == "ACCOUNT_INCOMPLETE" and "checkword" in refused.value.meta["missing"]
    first = await put(watch, "sf", account=SF_ACCOUNT)
    assert (first.on, first.version, sorted(first.known_fields)) == (True, 1, sorted(SF_ACCOUNT))
    assert SF_ACCOUNT["checkword"] not in str(first) + str(await listed(watch))
    store = next(one for one in watch.desk.logistics.ground.stores if one.name == "connections")
    document = await store.collection.find_one({"_id": "sf"})
    assert all(value.encode() not in str(document).encode() for value in SF_ACCOUNT.values())
    later = await put(watch, "sf", on=False, account={"checkword": "new"}, if_version=1)
    assert sorted(later.known_fields) == sorted(SF_ACCOUNT) and not later.on
    await house.settled()
    assert [(one.carrier, one.on) for one in house.told(CarrierConnectionChanged)] == [("sf", True), ("sf", False)]


async def test_of_twenty_who_change_one_at_once_one_wins(house: House) -> None:
    watch = await watching(house)
    answers = await asyncio.gather(
        *(put(watch, "sandbox", lost_days=20 + n) for n in range(20)), return_exceptions=True
    )
    won = [one for one in answers if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert all(isinstance(one, Conflict) for one in answers if isinstance(one, BaseException))
    assert (await listed(watch))["sandbox"].lost_days == won[0].lost_days


@pytest.mark.parametrize(
    ("code", "more", "pointer"),
    [
        ("sf", {"account": {"colour": "red"}}, "/account"),
        ("sandbox", {"environment": "moon"}, "/environment"),
        ("sandbox", {"stuck_days": {"delivered": 3}}, "/stuck_days"),
        ("sandbox", {"stuck_days": {"in_transit": 0}}, "/stuck_days"),
        ("sandbox", {"lost_days": 999}, "/lost_days"),
        ("yd", PARTNER | {"prefix": "SB"}, "/prefix"),
        ("yd", PARTNER | {"speaks": "klingon"}, "/speaks"),
        ("yd", PARTNER | {"title": ""}, "/title"),
        ("y d", PARTNER, "/code"),
    ],
)
async def test_what_is_wrong_is_pointed_at(house: House, code: str, more: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        await put(await watching(house), code, **more)
    assert pointer in [error.pointer for error in refused.value.errors]


async def test_the_last_that_is_on_stays_on_and_an_unknown_one_is_not_found(house: House) -> None:
    watch = await watching(house)
    with pytest.raises(WrongState) as refused:
        await put(watch, "sandbox", on=False)
    assert refused.value.reason == "LAST_CARRIER"
    with pytest.raises(NotFound):
        await put(watch, "pigeon")


async def test_a_partner_is_added_brings_parcels_and_speaks_its_own_words(house: House) -> None:
    watch = await watching(house)
    await put(watch, "yd", **PARTNER)
    with pytest.raises(Invalid):
        await put(watch, "yd2", **PARTNER)  # the prefix is taken
    await bring_by(watch, "yd")
    key, waybill = await watch.under_way()
    assert waybill.startswith("YD") and (await watch.tracking(key)).carrier == "yd"
    ground = watch.desk.logistics.ground
    stores = {store.name: store for store in ground.stores}
    keys = CarrierKeys(stores["carrier_keys"], stores["calls"], Seal(DEVELOPMENT_SEAL_KEY), house.clock)
    await keys.put("yd-key", "yd", ["whsec_" + "eXVuZGEtc2VjcmV0LXl1bmRhLXNlY3JldA=="])
    theirs = watch.courier
    theirs.key_id = "yd-key"
    with pytest.raises(Refused):
        await theirs.report([])
    theirs.secret = "whsec_" + "eXVuZGEtc2VjcmV0LXl1bmRhLXNlY3JldA=="
    house.clock.advance(seconds=6)
    await asyncio.sleep(0)
    at = rfc3339(house.clock.now())
    scans = [
        carriers_pb2.Scan(waybill=waybill, code=code, occurred_at=at, event_id=code)
        for code in ("GOT", "DEPARTURE", "SENT", "SIGNFAIL")
    ]
    answers = await _reported(theirs, scans)
    assert [one.state for one in answers] == ["attempt_failed"] * 4
    shown = await watch.tracking(key)
    assert [(one.state, one.raw_code) for one in shown.scans][-1] == ("attempt_failed", "SIGNFAIL")


async def test_a_reason_is_kept_beside_the_state(house: House) -> None:
    watch = await watching(house)
    await put(watch, "ka", partner=True, title="Karrio", prefix="KA", speaks="karrio")
    key, waybill = await watch.under_way("picked_up")
    await watch.scan(waybill, "14", reason="refused at the door")
    (*_, last) = (await watch.tracking(key)).scans
    assert (last.state, last.reason, last.raw_code, last.raw_reason) == (
        "rejected",
        "refused",
        "14",
        "refused at the door",
    )


async def _reported(theirs: Any, scans: list[carriers_pb2.Scan]) -> list[carriers_pb2.ScanAnswer]:
    async with asyncio.timeout(8):
        while True:
            try:
                return list(await theirs.report(scans))
            except Refused:  # the key is heard of within seconds
                await asyncio.sleep(0.1)


async def test_a_partner_brings_returns_when_the_sandbox_is_off(house: House) -> None:
    watch = await watching(house)
    stub = returns_pb2_grpc.ReturnParcelsServiceStub(watch.desk.logistics.channel)
    await put(watch, "sf", account=SF_ACCOUNT)  # has a system of its own, and is asked for the way out only
    await put(watch, "yd", **PARTNER)
    await put(watch, "sandbox", on=False)
    booked = await call(stub.BookReturn, return_request())
    assert booked.carrier == "yd" and booked.waybill.startswith("YD")
    await put(watch, "sandbox", on=True, if_version=1)
    assert await call(stub.BookReturn, return_request()) == booked
    other = await call(stub.BookReturn, return_request("ret_01kt5m8q2x0000000000000002"))
    assert other.carrier == "sandbox"
