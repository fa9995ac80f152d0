"""This is where carriers' keys are given, replaced, taken away and counted."""

from datetime import timedelta
from typing import Any

import pytest
from shop.logistics.v1 import (
    carriers_pb2,
    partner_keys_pb2,
    partner_keys_pb2_grpc,
    partner_parcels_pb2,
    partner_parcels_pb2_grpc,
)
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Refused
from services.kit.rpc import call
from services.logistics.key_rates import KeyRates
from services.logistics.tracking import CANONICAL
from tests.house import House
from tests.logistics.neighbourhood import Signer
from tests.logistics.test_scans import Courier, started
from tests.logistics.test_shipments import Desk

pb = partner_keys_pb2


class Office:
    """Staff who give keys, and a carrier that uses them."""

    def __init__(self, house: House, desk: Desk, courier: Courier) -> None:
        self.house, self.desk, self.courier = house, desk, courier
        self.keys = partner_keys_pb2_grpc.PartnerKeysServiceStub(desk.logistics.channel)
        self.parcels = partner_parcels_pb2_grpc.PartnerParcelsServiceStub(desk.logistics.channel)

    async def give(self, **more: Any) -> tuple[pb.PartnerKey, Signer]:
        wish: dict[str, Any] = {
            "carrier": "sandbox",
            "title": "Quick",
            "scopes": ["shipments.read"],
            "rate_per_s": 10,
        } | more
        made = await call(self.keys.CreatePartnerKey, pb.CreatePartnerKeyRequest(by="stf_1", **wish))
        return made.key, Signer(self.house.clock, made.key.id, made.secret)

    async def ask(self, signer: Signer) -> Any:
        request = partner_parcels_pb2.ListWaybillsRequest(proof=signer.proof())
        return await call(self.parcels.ListWaybills, request)

    async def refusal(self, signer: Signer) -> str:
        with pytest.raises(Refused) as refused:
            await self.ask(signer)
        return refused.value.reason


async def opened(house: House) -> Office:
    return Office(house, *await started(house))


async def test_a_secret_is_shown_once_and_sealed(house: House) -> None:
    office = await opened(house)
    key, signer = await office.give()
    await office.ask(signer)
    listed = await call(office.keys.ListPartnerKeys, pb.ListPartnerKeysRequest(carrier="sandbox"))
    assert [one.id for one in listed.keys] == ["dev-carrier", key.id] or [one.id for one in listed.keys][-1] == key.id
    assert signer.secret not in str(listed)
    document = await office.desk.logistics.ground.database["carrier_keys"].find_one({"_id": key.id})
    assert document and signer.secret.removeprefix("whsec_") not in str(document)
    wishes: tuple[dict[str, Any], ...] = (
        {"carrier": ""},
        {"carrier": "a b"},
        {"title": ""},
        {"title": "x\ny"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["shipments.read"] * 2},
        {"rate_per_s": 1001},
        {"rate_per_s": -1},
    )
    for wrong in wishes:
        with pytest.raises(Refused) as refused:
            await office.give(**wrong)
        assert refused.value.reason == "INVALID_PARTNER_KEY" and refused.value.errors


async def test_a_rotated_secret_overlaps_and_a_revoked_key_opens_nothing(house: House) -> None:
    office = await opened(house)
    key, old = await office.give()
    made = await call(office.keys.RotatePartnerKey, pb.RotatePartnerKeyRequest(id=key.id, overlap_hours=2))
    new = Signer(house.clock, key.id, made.secret)
    await office.ask(old)
    await office.ask(new)
    house.clock.advance(hours=2)
    assert await office.refusal(old) == "BAD_SIGNATURE"
    await office.ask(new)
    made = await call(office.keys.RotatePartnerKey, pb.RotatePartnerKeyRequest(id=key.id, overlap_hours=0))
    assert await office.refusal(new) == "BAD_SIGNATURE"
    newest = Signer(house.clock, key.id, made.secret)
    await office.ask(newest)
    for _ in range(2):
        revoked = await call(office.keys.RevokePartnerKey, pb.RevokePartnerKeyRequest(id=key.id))
        assert revoked.key.state == "revoked"
    assert await office.refusal(newest) == "KEY_REVOKED"
    assert await office.refusal(old) == "BAD_SIGNATURE"  # who has no good secret does not learn that
    with pytest.raises(Refused) as refused:
        await call(office.keys.RotatePartnerKey, pb.RotatePartnerKeyRequest(id=key.id))
    assert refused.value.reason == "PARTNER_KEY_REVOKED"
    for rpc, request in (
        (office.keys.RevokePartnerKey, pb.RevokePartnerKeyRequest(id="ck_none")),
        (office.keys.GetPartnerKeyUse, pb.GetPartnerKeyUseRequest(id="ck_none")),
    ):
        with pytest.raises(Refused) as refused:
            await call(rpc, request)
        assert refused.value.reason == "PARTNER_KEY_NOT_FOUND"


async def test_a_key_has_its_rate_and_its_calls_are_counted(house: House) -> None:
    office = await opened(house)
    key, signer = await office.give(rate_per_s=2)
    other, unhurried = await office.give(rate_per_s=2)
    for _ in range(4):
        await office.ask(signer)
    with pytest.raises(Refused) as refused:
        await office.ask(signer)
    assert (refused.value.reason, refused.value.meta["retry_after_s"]) == ("KEY_RATE_LIMITED", "1")
    await office.ask(unhurried)  # each key its own
    forged = Signer(house.clock, other.id, "whsec_bm90IGl0")
    for _ in range(9):
        assert await office.refusal(forged) == "BAD_SIGNATURE"
    await office.ask(unhurried)  # whoever cannot sign uses nobody's room up
    house.clock.advance(seconds=1)
    await office.ask(signer)
    proof = signer.proof(b"{}")
    with pytest.raises(Refused) as refused:
        await call(office.courier.stub.RecordScans, carriers_pb2.RecordScansRequest(proof=proof))
    assert refused.value.reason == "SCOPE_MISSING"
    use = await call(office.keys.GetPartnerKeyUse, pb.GetPartnerKeyUseRequest(id=key.id))
    (day,) = use.days
    assert (dict(day.calls), day.refused) == ({"shipments.read": 5}, 2)
    listed = await call(office.keys.ListPartnerKeys, pb.ListPartnerKeysRequest())
    assert {one.id: one.last_seen_at for one in listed.keys}[key.id] == day.last_at


def test_a_bucket_fills_at_its_rate_and_no_higher_than_two_seconds() -> None:
    now = 0.0
    rates = KeyRates(lambda: now)
    assert [rates.wait_s("k", 3) for _ in range(7)] == [0] * 6 + [1]
    now = 1.0
    assert [rates.wait_s("k", 3) for _ in range(4)] == [0] * 3 + [1]
    now = 1e6
    assert [rates.wait_s("k", 3) for _ in range(7)] == [0] * 6 + [1]
    now = 0.0  # a clock set back gives nothing
    assert rates.wait_s("k", 3) == 1


async def test_waybills_pickups_and_manifests_are_read_by_cursor(house: House) -> None:
    office = await opened(house)
    desk, courier = office.desk, office.courier
    found = [(await desk.planned(TEA=1))[0] for _ in range(5)]
    for one in found[:3]:
        await desk.pack(one.id)
        await desk.ship(one.id)
    day = house.clock.now().strftime("%Y-%m-%d")

    async def walked(rpc: str, **more: str) -> list[str]:
        waybills, cursor, request = list[str](), "", getattr(partner_parcels_pb2, f"{rpc}Request")
        while True:
            asked = request(proof=courier.proof(), page=Page(limit=2, cursor=cursor), **more)
            page = await call(getattr(office.parcels, rpc), asked)
            waybills += [one.waybill for one in page.waybills]
            if not (cursor := page.next_cursor):
                return waybills

    ids = {one.waybill: one.id for one in found}
    assert await walked("ListWaybills") == sorted(ids, key=lambda one: ids[one])
    assert sorted(await walked("ListPickupWaybills", date=day)) == sorted(one.waybill for one in found[3:])
    handed = await walked("ListManifestLines", date=day)
    assert sorted(handed) == sorted(one.waybill for one in found[:3])
    before = (house.clock.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    assert await walked("ListManifestLines", date=before) == []
    for rpc, more in (("ListManifestLines", {"date": "today"}), ("ListPickupWaybills", {"date": ""})):
        with pytest.raises(Refused) as refused:
            await walked(rpc, **more)
        assert refused.value.reason == "INVALID_DATE"
    bad = partner_parcels_pb2.ListManifestLinesRequest(proof=courier.proof(), date=day, page=Page(cursor="6e756c6c"))
    with pytest.raises(Refused) as refused:
        await call(office.parcels.ListManifestLines, bad)
    assert refused.value.reason == "INVALID_PAGE"


@pytest.mark.parametrize("form", ["pdf", "zpl"])
async def test_a_magic_waybill_is_in_its_state_and_keeps_nothing(house: House, form: str) -> None:
    office = await opened(house)
    courier, magic = office.courier, {f"SBMAGIC-{state.upper().replace('_', '-')}": state for state in CANONICAL}
    for waybill, state in magic.items():
        asked = partner_parcels_pb2.GetWaybillRequest(proof=courier.proof(), waybill=waybill)
        assert (await call(office.parcels.GetWaybill, asked)).shipment.tracking_state == state
        label = carriers_pb2.GetLabelRequest(proof=courier.proof(), waybill=waybill, format=form)
        document = (await call(courier.stub.GetLabel, label)).document
        assert document.startswith(b"%PDF" if form == "pdf" else b"^XA")
    (real,) = await office.desk.planned(TEA=1)
    batch = [
        courier.scan("SBMAGIC-IN-TRANSIT", "delivered", 119),
        courier.scan(real.waybill, "picked_up", 1),
        courier.scan("SBMAGIC-NO-SUCH-STATE", "delivered", 1),
        courier.scan("SBMAGIC-DELIVERED", "", 1),
    ]
    for _ in range(2):
        answers = await courier.report(batch)
        assert [one.reason for one in answers] == ["", "", "waybill_not_found", "invalid_code"]
        assert answers[0].status == "accepted"
    assert answers[1].status == "duplicate"
    count = await office.desk.logistics.ground.database["shipments"].count_documents({"_id": {"$gt": ""}})
    assert count == 1
    _, rival = await office.give(carrier="rival", scopes=["shipments.read"])
    asked = partner_parcels_pb2.GetWaybillRequest(proof=rival.proof(), waybill="SBMAGIC-DELIVERED")
    with pytest.raises(Refused) as refused:
        await call(office.parcels.GetWaybill, asked)
    assert refused.value.reason == "WAYBILL_NOT_FOUND"
