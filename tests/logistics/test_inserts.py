"""This is where cards go into parcels: nobody guesses a code, every look is counted, and one customer has what it gives."""

import asyncio
import re
from typing import Any

import pytest
from shop.logistics.v1 import inserts_pb2, inserts_pb2_grpc, shipments_pb2
from shop.logistics.v1.events_pb2 import InsertRedeemed, InsertScanned

from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.house import House

from .test_labels import read
from .test_scans import started

URL = "https://shop.example/i/"


async def _offered(stub: Any, **more: Any) -> inserts_pb2.InsertOffer:
    said: dict[str, Any] = {
        "enabled": True,
        "url": URL,
        "title": "掃碼進群",
        "text": "領 ¥5",
        "coupon": "GROUP5",
    } | more
    request = inserts_pb2.PutInsertOfferRequest(offer=inserts_pb2.InsertOffer(**said))
    offer: inserts_pb2.InsertOffer = (await call(stub.PutInsertOffer, request)).offer
    return offer


async def test_a_card_is_printed_scanned_and_redeemed_once(house: House) -> None:
    desk, _ = await started(house)
    stub = inserts_pb2_grpc.InsertsServiceStub(desk.logistics.channel)
    (parcel,), (other,) = await desk.planned(TEA=1), await desk.planned(TEA=1)
    asked = shipments_pb2.PrintLabelsRequest(
        shipment_ids=[parcel.id, other.id], format="pdf", size="100x180", inserts=True
    )
    with pytest.raises(WrongState) as refused:
        await call(desk.stub.PrintLabels, asked)
    assert refused.value.reason == "NO_INSERT_OFFER"
    assert (await _offered(stub)).version == 1
    printed = [(await call(desk.stub.PrintLabels, asked)).document for _ in range(2)]
    assert printed[0] == printed[1]
    urls = [text for page in read(printed[0]) for _, text in page if text.startswith(URL)]
    codes = [url.removeprefix(URL) for url in urls]
    assert len(set(codes)) == 2 and all(re.fullmatch("[A-Z2-7]{12}", code) for code in codes)
    code = codes[0]
    for count in range(1, 4):
        seen = await call(stub.ScanInsert, inserts_pb2.ScanInsertRequest(code=code.lower()))
        assert (seen.offer.title, seen.redeemed) == ("掃碼進群", False)
        card = (await call(stub.GetShipmentInsert, inserts_pb2.GetShipmentInsertRequest(shipment_id=parcel.id))).card
        assert (card.code, card.scans) == (code, count)
    buyers = [f"cus_{n}" for n in range(8)]
    wants = [inserts_pb2.RedeemInsertRequest(code=code, customer_id=who) for who in buyers]
    answers = await asyncio.gather(*(call(stub.RedeemInsert, one) for one in wants), return_exceptions=True)
    won = [who for who, answer in zip(buyers, answers, strict=True) if not isinstance(answer, BaseException)]
    assert len(won) == 1 and sum(isinstance(one, WrongState) for one in answers) == 7
    again = await call(stub.RedeemInsert, inserts_pb2.RedeemInsertRequest(code=code, customer_id=won[0]))
    assert again.offer.coupon == "GROUP5" and again.card.redeemed_at
    assert (await call(stub.ScanInsert, inserts_pb2.ScanInsertRequest(code=code))).redeemed
    await house.settled()
    assert [one.shipment_id for one in house.told(InsertScanned)] == [parcel.id]
    assert [one.shipment_id for one in house.told(InsertRedeemed)] == [parcel.id]


async def test_what_is_no_card_or_no_promise_is_refused(house: House) -> None:
    desk, _ = await started(house)
    stub = inserts_pb2_grpc.InsertsServiceStub(desk.logistics.channel)
    for code in ("ABCDEFGH2345", "", "$ne", "\x00", "x" * 200):
        with pytest.raises(NotFound):
            await call(stub.ScanInsert, inserts_pb2.ScanInsertRequest(code=code))
        with pytest.raises(NotFound):
            await call(stub.RedeemInsert, inserts_pb2.RedeemInsertRequest(code=code, customer_id="cus_1"))
    for wrong in ({"url": "javascript:x"}, {"url": ""}, {"title": ""}, {"title": "x" * 31}, {"text": "a\nb"}):
        with pytest.raises(Invalid) as refused:
            await _offered(stub, **wrong)
        assert refused.value.reason == "INVALID_INSERT_OFFER"
    await _offered(stub)
    with pytest.raises(Exception) as stale:
        await _offered(stub)
    assert getattr(stale.value, "reason", "") == "VERSION_MISMATCH"
