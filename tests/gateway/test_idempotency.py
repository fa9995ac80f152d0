"""This is where what must not happen twice is sent twice."""

import hashlib
import json
from typing import Any

import pytest
from shop.orders.v1.checkout_pb2 import CheckoutResponse
from shop.orders.v1.orders_pb2 import Order

from services.kit.errors import Conflict, Invalid, WrongState, remote
from tests.gateway.gate import Answer, Gate

BODY = {"cart_id": "crt_1", "payment": {"method": "card", "token": "tok_ok"}, "email": "a@example.com"}
RETURN = {"lines": [{"sku": "A", "quantity": 1}], "reason": "size"}
RECEIPT = {"sku": "A", "quantity": 3}
NEEDED: dict[str, Any] = {
    "/v1/checkouts": BODY,
    "/v1/orders/ord_1/returns": RETURN,
    "/v1/stock/receipts": RECEIPT,
    "/v1/returns/ret_1/refund": None,
}
BAD_KEYS = ["", " ", "a b", "ключ".encode().decode("latin-1"), "x" * 256, "tab\there", "é"]


async def send(gate: Gate, path: str, body: Any, **headers: Any) -> Answer:
    staff = "stock" in path or "refund" in path
    return await gate.call("POST", path, body, token=gate.staff() if staff else "", **headers)


@pytest.mark.parametrize("path", NEEDED)
async def test_without_a_key_it_is_not_done(gate: Gate, path: str) -> None:
    answer = await send(gate, path, NEEDED[path])
    assert (answer.status, answer.body["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert answer.body["type"] == "/problems/idempotency_key_missing"


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_key_is_visible_ascii(gate: Gate, key: str) -> None:
    answer = await send(gate, "/v1/checkouts", BODY, idempotency_key=key)
    assert (answer.status, answer.body["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")
    assert not gate.fakes["orders"].asked["Checkout"]


@pytest.mark.parametrize("key", ["x", "x" * 255, "~!@#$%^&*()", '"8e03978e-40d5-43e8-bc93-6894a57f9324"'])
async def test_every_visible_key_is_taken(gate: Gate, key: str) -> None:
    assert (await send(gate, "/v1/checkouts", BODY, idempotency_key=key)).status == 201


async def test_the_request_id_is_the_same_for_the_same_and_another_for_everybody_else(gate: Gate) -> None:
    cus1, cus2 = gate.token(subject="cus_1"), gate.token(subject="cus_2")
    for token, key, cart in ((cus1, "k", "crt_1"), (cus1, "k", "crt_1"), (cus1, "k", "crt_2")):
        await gate.call("POST", "/v1/checkouts", BODY | {"cart_id": cart}, token=token, idempotency_key=key)
    for token, key in ((cus2, "k"), (cus1, "k2"), ("", "k")):
        await gate.call("POST", "/v1/checkouts", BODY, token=token, idempotency_key=key)
    asked = gate.fakes["orders"].asked["Checkout"]
    ids = [row.request_id for row in asked]
    assert ids[0] == ids[1] == ids[2]  # one key, one intention; what the body says is the fingerprint's business
    assert len(set(ids)) == 4
    assert all(len(request_id) == 64 for request_id in ids)
    assert asked[0].fingerprint == asked[1].fingerprint != asked[2].fingerprint
    raw = json.dumps(BODY).encode()
    assert asked[0].fingerprint == hashlib.sha256(raw).digest()


async def test_a_guests_key_is_the_carts(gate: Gate) -> None:
    for cart in ("crt_1", "crt_2"):
        await gate.call("POST", "/v1/checkouts", BODY | {"cart_id": cart}, idempotency_key="k")
    first, second = gate.fakes["orders"].asked["Checkout"]
    assert first.request_id != second.request_id


async def test_a_returns_key_is_its_orders(gate: Gate) -> None:
    token = gate.token(subject="cus_1")
    for order in ("ord_1", "ord_2"):
        await gate.call("POST", f"/v1/orders/{order}/returns", RETURN, token=token, idempotency_key="k")
    first, second = gate.fakes["orders"].asked["OpenReturn"]
    assert first.request_id != second.request_id


@pytest.mark.parametrize("replayed", [True, False])
async def test_a_replay_says_that_it_is_one(gate: Gate, replayed: bool) -> None:
    answered = CheckoutResponse(order=Order(id="ord_1"), replayed=replayed)
    gate.fakes["orders"].script["Checkout"] = lambda _: answered
    answer = await send(gate, "/v1/checkouts", BODY, idempotency_key="k")
    assert answer.status == 201
    assert answer.headers.get("idempotent-replayed") == ("true" if replayed else None)
    assert answer.headers["location"] == "/v1/orders/ord_1"


@pytest.mark.parametrize(
    ("kind", "reason", "status"),
    [(Invalid, "KEY_REUSED", 422), (WrongState, "KEY_REUSED", 422), (Conflict, "KEY_REUSED", 422)],
)
async def test_the_same_key_with_another_body_is_its_own_problem(
    gate: Gate, kind: Any, reason: str, status: int
) -> None:
    gate.refuses("orders", "Checkout", remote(kind, reason, "", [], {}))
    answer = await send(gate, "/v1/checkouts", BODY, idempotency_key="k")
    assert (answer.status, answer.body["code"], answer.body["type"]) == (status, reason, "/problems/key_reused")


async def test_the_first_still_running_says_when_to_ask_again(gate: Gate) -> None:
    gate.refuses("orders", "Checkout", remote(Conflict, "KEY_IN_PROGRESS", "", [], {}))
    answer = await send(gate, "/v1/checkouts", BODY, idempotency_key="k")
    assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (409, "KEY_IN_PROGRESS", "1")


async def test_two_keys_in_one_request_are_none(gate: Gate) -> None:
    headers = [("idempotency-key", "a"), ("idempotency-key", "b"), ("content-type", "application/json")]
    async with gate.session.post(f"{gate.base}/v1/checkouts", data=json.dumps(BODY), headers=headers) as response:
        assert response.status == 400


async def test_a_guest_spends_no_points(gate: Gate) -> None:
    answer = await send(gate, "/v1/checkouts", BODY | {"points": 5}, idempotency_key="k")
    assert (answer.status, answer.body["code"]) == (401, "NOT_SIGNED_IN")
