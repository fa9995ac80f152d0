"""This is where the short way through the gateway is held to do what FastAPI would have done."""

import gzip
import json
import re
from typing import Any

import pytest
import zstandard
from fastapi.routing import APIRoute
from starlette.routing import Match

from gateway import jsongate
from gateway.described import operations
from gateway.lanes import Lanes
from gateway.shelf import pack
from tests.gateway.gate import Answer, Gate

HOT = {
    ("POST", "/v1/carts"),
    ("GET", "/v1/carts/{cart_id}"),
    ("PUT", "/v1/carts/{cart_id}/lines/{sku}"),
    ("PUT", "/v1/carts/{cart_id}/address"),
    ("PUT", "/v1/carts/{cart_id}/delivery"),
    ("POST", "/v1/checkouts"),
    ("GET", "/v1/orders/{order_id}"),
}
CHECKOUT = {"cart_id": "crt_1", "payment": {"token": "tok_ok"}}
# Method, path, body.
ASKED: list[tuple[str, str, Any]] = [
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 1}),
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": -1}),
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": "1"}),
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": True}),
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 10**30}),
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 1.0}),
    ("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 1, "price": 2}),
    ("PUT", "/v1/carts/crt_1/lines/A", {}),
    ("PUT", "/v1/carts/crt_1/lines/A", []),
    ("PUT", "/v1/carts/crt_1/lines/A", "quantity"),
    ("PUT", "/v1/carts/-/lines/A", {"quantity": 1}),
    ("PUT", "/v1/carts/crt_1/lines/%20", {"quantity": "1"}),
    ("PUT", "/v1/carts/crt_1/lines/A%2FB", {"quantity": 1}),
    ("PUT", "/v1/carts/crt_1/lines/A/", {"quantity": 1}),
    ("PUT", "/v1/carts//lines/A", {"quantity": 1}),
    ("PUT", "/v1/carts/{}/lines/{}", {"quantity": 1}),
    ("PATCH", "/v1/carts/crt_1/lines/A", {"quantity": 1}),
    ("GET", "/v1/carts/crt_1", None),
    ("HEAD", "/v1/carts/crt_1", None),
    ("DELETE", "/v1/carts/crt_1", None),
    ("GET", "/v1/customers/me", None),
    ("POST", "/v1/checkouts", CHECKOUT),
    ("POST", "/v1/checkouts", CHECKOUT | {"points": 5}),
    ("POST", "/v1/checkouts", CHECKOUT | {"email": "nobody"}),
    ("POST", "/v1/orders/ord_1/cancel", {"reason": "changed my mind"}),
    ("POST", "/v1/orders/ord_1/cancel", {"reason": 7}),
]


@pytest.fixture
def lanes(gate: Gate) -> Lanes:
    return gate.gateway.inside._lanes


def test_the_way_of_a_purchase_is_short(gate: Gate, lanes: Lanes) -> None:
    short = {
        (method, route.path)
        for route in operations(gate.gateway.app.routes)
        for method in route.methods or ()
        if lanes.find(method, re.sub(r"\{[^}]+\}", "x", route.path))
    }
    assert short >= HOT
    assert ("GET", "/v1/orders/{order_id}/events") not in short
    assert ("GET", "/v1/products") not in short


def test_a_lane_is_never_another_route_than_the_routers(gate: Gate, lanes: Lanes) -> None:
    routes = operations(gate.gateway.app.routes)
    for route in routes:
        for method in route.methods or ():
            path = re.sub(r"\{[^}]+\}", "x", route.path)
            scope = {"type": "http", "method": method, "path": path}
            matching: list[APIRoute] = [each for each in routes if each.matches(scope)[0] is Match.FULL]
            if found := lanes.find(method, path):
                assert found[0].route is matching[0] is route


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
async def test_the_short_way_and_the_long_way_answer_alike(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    short = await _asked(gate, method, path, body)
    told = {name: list(asked) for name, asked in gate.fakes["orders"].asked.items()}
    gate.fakes["orders"].asked.clear()
    monkeypatch.setattr(gate.gateway.inside, "_lanes", Lanes(gate.gateway.app, []))
    long = await _asked(gate, method, path, body)
    assert (short.status, short.body) == (long.status, long.body)
    assert short.headers == long.headers
    assert told == dict(gate.fakes["orders"].asked)


async def _asked(gate: Gate, method: str, path: str, body: Any) -> Answer:
    fixed: dict[str, Any] = {"x_request_id": "r", "traceparent": f"00-{'a' * 32}-{'b' * 16}-00"}
    answer = await gate.call(method, path, body, idempotency_key="k", **fixed)
    for varying in ("ratelimit", "date"):
        answer.headers.pop(varying, None)
    return answer


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":{"b":1,"b":2}}', '[{"a":":"},{"b":1,"b":":"}]', '{"a":1,"\\u0061":2}']
)
def test_a_key_twice_is_found_wherever_colons_stand(text: str) -> None:
    with pytest.raises(jsongate.NotJson):
        jsongate.read(text.encode())


@pytest.mark.parametrize(
    "text", ['{"a":"b:c","d":{"e":[{"f":1},{"f":2}]}}', '{"a:b":1}', "[]", '"::"', "null", '{"a" : 1}']
)
def test_what_is_read_is_what_was_written(text: str) -> None:
    assert jsongate.read(text.encode()) == json.loads(text)


@pytest.mark.parametrize("size", [1_024, 4_096, 4_097, 200_000])
def test_short_and_long_answers_unpack_to_what_they_were(size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    assert gzip.decompress(pack(body, "gzip")) == body
    assert zstandard.ZstdDecompressor().decompress(pack(body, "zstd")) == body
