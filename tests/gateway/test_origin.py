"""This is where it is tried to learn, or to fake, where a checkout comes from."""

from typing import Any

import pytest
from shop.orders.v1 import checkout_pb2 as pb

from gateway.settings import GatewaySettings
from services.kit.errors import WrongState
from services.kit.settings import InsecureSettings
from tests.gateway.gate import Gate, opened
from tests.gateway.test_routes import BODIES
from tests.house import House

BODY: dict[str, Any] = BODIES["POST", "/v1/checkouts"]
GOOD = "device-0123456789"


async def asked(gate: Gate, body: Any = BODY, **headers: Any) -> pb.CheckoutRequest:
    """What orders is asked."""
    answer = await gate.call("POST", "/v1/checkouts", body, idempotency_key="k1", **headers)
    assert answer.status == 201, answer.body
    request: pb.CheckoutRequest = gate.fakes["orders"].asked["Checkout"][-1]
    return request


async def test_devices_and_addresses_leave_as_salted_hashes_only(gate: Gate) -> None:
    by_header = await asked(gate, x_device_id=GOOD)
    by_cookie = await asked(gate, cookie=f"shop_device={GOOD}")
    other = await asked(gate, x_device_id=GOOD + "x")
    assert len(by_header.origin.device) == len(by_header.origin.address) == 16
    assert by_header.origin.device == by_cookie.origin.device != other.origin.device
    sent = by_header.SerializeToString()
    assert GOOD.encode() not in sent and b"127.0.0.1" not in sent
    assert by_header.origin.device != by_header.origin.address != b""


@pytest.mark.parametrize("device", ["", "short", "x" * 201, "a b c d e f g h", "ключ-ключ-ключ"])
async def test_what_is_no_device_is_none_and_stops_nobody(gate: Gate, device: str) -> None:
    assert (await asked(gate, x_device_id=device)).origin.device == b""


async def test_nobody_says_of_themselves_where_they_are(gate: Gate) -> None:
    """Without a trusted proxy neither an address nor a country is believed."""
    plain = await asked(gate)
    faked = await asked(gate, x_forwarded_for="203.0.113.9", cf_ipcountry="CH")
    assert faked.origin == plain.origin and faked.origin.country == ""


async def test_a_trusted_proxy_is_believed(gate: Gate, long_house: House) -> None:
    settings = {"forwarded_hops": 1, "country_header": "CF-IPCountry"}
    async with opened(long_house, gate.fakes, **settings) as behind:
        one = await asked(behind, x_forwarded_for="198.51.100.1, 203.0.113.9", cf_ipcountry="CH")
        other = await asked(behind, x_forwarded_for="203.0.113.9", cf_ipcountry="switzerland")
        third = await asked(behind, x_forwarded_for="203.0.113.10", cf_ipcountry="XX")
    assert one.origin.address == other.origin.address != third.origin.address
    assert [each.origin.country for each in (one, other, third)] == ["CH", "", ""]


async def test_what_is_said_of_the_card_is_bounded(gate: Gate) -> None:
    payment = {"method": "card", "token": "tok_ok"}
    said = await asked(gate, BODY | {"payment": payment | {"billing": {"country": "CN", "name": "王小明"}}})
    assert (said.billing.country, said.billing.name) == ("CN", "王小明")
    wrong: list[Any] = [
        {"country": "cn"},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"street": "x"},
        {"country": {"$ne": 1}},
        [],
    ]
    for billing in wrong:
        body = BODY | {"payment": payment | {"billing": billing}}
        refused = await gate.call("POST", "/v1/checkouts", body, idempotency_key="k1")
        assert refused.status == 422, billing


async def test_a_refused_payment_tells_no_more_than_a_declined_one(gate: Gate) -> None:
    class PaymentNotAccepted(WrongState):
        pass

    gate.refuses("orders", "Checkout", PaymentNotAccepted("this payment is not accepted"))
    for language, title in (("en", "This payment is not accepted"), ("zh-CN", "支付未被接受")):
        answer = await gate.call("POST", "/v1/checkouts", BODY, idempotency_key="k1", accept_language=language)
        assert (answer.status, answer.body["code"], answer.body["title"]) == (402, "PAYMENT_NOT_ACCEPTED", title)
        assert set(answer.body) <= {"type", "title", "status", "detail", "instance", "code", "trace_id"}


def test_the_salt_of_a_laptop_is_refused_elsewhere() -> None:
    with pytest.raises(InsecureSettings, match="ORIGIN_SALT"):
        GatewaySettings(shop_env="production")
