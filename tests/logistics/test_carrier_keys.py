"""This is where carriers prove who they are, and others fail to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from shop.logistics.v1 import carriers_pb2, carriers_pb2_grpc
from standardwebhooks import Webhook

from services.kit.errors import AlreadyExists, NotFound, NotSignedIn
from services.kit.rpc import call
from services.kit.settings import InsecureSettings
from services.logistics.carrier_keys import BadSignature, Proof, StaleTimestamp, check, secret_bytes, sign
from services.logistics.service import SETTINGS
from tests.house import House

from .neighbourhood import Signer, opened
from .test_scans import started

SECRET = "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA=="


def test_a_signature_is_that_of_standard_webhooks() -> None:
    at = datetime(2026, 11, 22, 8, tzinfo=UTC)
    timestamp = str(int(at.timestamp()))
    theirs = Webhook(SECRET).sign("msg_1", at, '{"scans": []}')
    assert sign(secret_bytes(SECRET), "msg_1", timestamp, b'{"scans": []}') == theirs
    proof = Proof("dev-carrier", "msg_1", timestamp, f"v1,other {theirs}", b'{"scans": []}')
    check(proof, [secret_bytes(SECRET)], at)
    check(proof, [b"the new one", secret_bytes(SECRET)], at)
    for wrong in (
        replace(proof, body=b'{"scans":[]}'),
        replace(proof, call_id="msg_2"),
        replace(proof, call_id=""),
        replace(proof, call_id="x\ny"),
        replace(proof, timestamp="-1"),
        replace(proof, timestamp="1e9"),
        replace(proof, timestamp=str(int(timestamp) + 1)),
        replace(proof, signature=""),
        replace(proof, signature="v1,"),
        replace(proof, signature="v1,密"),
        replace(proof, signature=theirs.replace("v1,", "v1a,")),
    ):
        with pytest.raises(BadSignature):
            check(wrong, [secret_bytes(SECRET)], at)
    with pytest.raises(BadSignature):
        check(proof, [b"another secret"], at)
    for seconds in (-301, 301):
        with pytest.raises(StaleTimestamp):
            check(proof, [secret_bytes(SECRET)], datetime.fromtimestamp(at.timestamp() + seconds, UTC))


def test_the_development_secret_is_refused_in_production() -> None:
    with pytest.raises(InsecureSettings, match="CARRIER_SECRET"):
        SETTINGS(shop_env="production", seal_key="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")


async def test_only_who_holds_the_key_gets_in(house: House) -> None:
    logistics, _ = await opened(house)
    stub = carriers_pb2_grpc.CarriersServiceStub(logistics.channel)

    async def ask(proof: carriers_pb2.CarrierProof) -> None:
        await call(stub.ListCarrierShipments, carriers_pb2.ListCarrierShipmentsRequest(proof=proof))

    signer = Signer(house.clock)
    await ask(signer.proof())
    wrong = {
        "BAD_SIGNATURE": [
            Signer(house.clock, key_id="nobody").proof(),
            Signer(house.clock, secret="whsec_YW5vdGhlcg==").proof(),
            carriers_pb2.CarrierProof(),
            carriers_pb2.CarrierProof(key_id="dev-carrier"),
        ],
        "STALE_TIMESTAMP": [signer.proof(ago_s=301), signer.proof(ago_s=-302)],
    }
    for reason, proofs in wrong.items():
        for proof in proofs:
            with pytest.raises(NotSignedIn) as refused:
                await ask(proof)
            assert refused.value.reason == reason


async def test_a_call_is_taken_in_once_and_one_that_failed_may_come_again(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    scan = courier.scan(parcel.waybill, "picked_up", 1)
    proof = courier.proof(b"body", call_id="msg_same")
    with pytest.raises(Exception, match="100"):
        await call(courier.stub.RecordScans, carriers_pb2.RecordScansRequest(proof=proof, scans=[scan] * 101))
    request = carriers_pb2.RecordScansRequest(proof=proof, scans=[scan])
    assert (await call(courier.stub.RecordScans, request)).answers[0].status == "accepted"
    with pytest.raises(AlreadyExists) as refused:
        await call(courier.stub.RecordScans, request)
    assert refused.value.reason == "REPLAYED"


async def test_another_carriers_things_are_not_found(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    await desk.logistics.ground.database["shipments"].update_one({"_id": parcel.id}, {"$set": {"carrier": "rival"}})
    (answer,) = await courier.report([courier.scan(parcel.waybill, "picked_up", 1)])
    assert (answer.status, answer.reason) == ("rejected", "waybill_not_found")
    listed = await call(
        courier.stub.ListCarrierShipments, carriers_pb2.ListCarrierShipmentsRequest(proof=courier.proof())
    )
    assert list(listed.shipments) == []
    request = carriers_pb2.GetLabelRequest(proof=courier.proof(), waybill=parcel.waybill, format="pdf")
    with pytest.raises(NotFound) as refused:
        await call(courier.stub.GetLabel, request)
    assert refused.value.reason == "WAYBILL_NOT_FOUND"


async def test_secrets_are_sealed_and_a_new_one_replaces_the_old(house: House) -> None:
    logistics, _ = await opened(house)
    document = await logistics.ground.database["carrier_keys"].find_one({"_id": "dev-carrier"})
    assert document
    assert secret_bytes(SECRET) not in bytes(document["sealed_secrets"][0])
    await logistics.stop()
    fresh = "whsec_YW5vdGhlciBzZWNyZXQ="
    logistics = await house.start("logistics", carrier_secret=fresh)
    stub = carriers_pb2_grpc.CarriersServiceStub(logistics.channel)
    ask = carriers_pb2.ListPickupsRequest(proof=Signer(house.clock, secret=fresh).proof(), date="2026-11-22")
    await call(stub.ListPickups, ask)
    with pytest.raises(NotSignedIn):
        await call(stub.ListPickups, carriers_pb2.ListPickupsRequest(proof=Signer(house.clock).proof()))
