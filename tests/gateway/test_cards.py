"""This is where card numbers are tried everywhere: refused with a pointer, never echoed or logged."""

import json
import logging
from typing import Any

import pytest

from gateway.cards import pointer_of
from services.kit.cards import masked
from services.kit.telemetry import JsonLines
from tests.gateway.gate import Gate

CARDS = ["4111111111111111", "5555-5555-5555-4444", "3782 822463 10005", "6200000000000005", "30569309025904"]
OTHERS = ["4111111111111112", "13812345678", "+8613812345678", "6901234567892", "20261122080000123", "44" * 12, "4111"]


def pointer(value: Any, path: str = "/v1/x") -> str | None:
    """Where it is found."""
    return pointer_of(json.dumps(value, ensure_ascii=False).encode(), value, path)


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found_wherever_it_stands(number: str) -> None:
    assert pointer({"a": [{"b/c": f"my card is {number}, thanks"}]}) == "/a/0/b~1c"
    assert pointer({number: 1}) == ""
    assert pointer([number]) == "/0"
    assert masked(f"card={number}!") == f"card=****{number[-4:]}!"
    digits = number.replace(" ", "").replace("-", "")
    assert pointer({"card": int(digits)}) == "/card"


@pytest.mark.parametrize("number", OTHERS)
def test_other_numbers_are_let_through(number: str) -> None:
    assert pointer({"note": number}) is None
    assert masked(number) == number


def test_what_has_numbers_of_its_own_is_let_through() -> None:
    for name in ("phone", "sku", "gtin", "waybill", "channel_order_id", "amount_minor"):
        assert pointer({name: CARDS[0]}) is None
    assert pointer({"scans": [{"text": CARDS[0]}]}, "/carrier/v1/scans") is None


ROUTES = [
    ("POST", "/v1/checkouts", {"cart_id": "crt_1", "payment": {"method": "card", "token": CARDS[0]}}, "/payment/token"),
    ("POST", "/v1/events", {"events": [{"event_id": "e1", "name": "search", "query": CARDS[1]}]}, "/events/0/query"),
    ("PUT", "/v1/carts/crt_1/address", {"country": "CN", "street": CARDS[2]}, "/street"),
    ("POST", "/v1/orders/ord_1/cancel", {"reason": f"wrong card {CARDS[3]}"}, "/reason"),
]


@pytest.mark.parametrize(("method", "path", "body", "at"), ROUTES)
async def test_the_door_refuses_a_card_number_and_says_where_but_not_what(
    gate: Gate, caplog: pytest.LogCaptureFixture, method: str, path: str, body: Any, at: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await gate.call(method, path, body, idempotency_key="k1")
    assert (answer.status, answer.body["code"]) == (400, "CARD_NUMBER_SENT")
    assert [error["pointer"] for error in answer.body["errors"]] == [at]
    lines = [JsonLines("gateway").format(record) for record in caplog.records]
    for number in CARDS:
        assert number not in json.dumps(answer.body)
        assert not [line for line in lines if number in line]
    assert all(not fake.asked for fake in gate.fakes.values())


def test_a_log_line_with_a_card_number_in_it_is_masked() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "declined: %s", (CARDS[0],), None)
    assert "****1111" in JsonLines("x").format(record)
    assert CARDS[0] not in JsonLines("x").format(record)
