"""This is where everything wrong that people and machines send is sent: no 500, no hang, each answered with a problem."""

import asyncio
import contextlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.problem_texts import TEXTS
from tests.gateway.gate import Answer, Gate, opened
from tests.gateway.test_routes import SIGNED
from tests.gateway.wire import ODD_HEADERS, RAW, TYPE, exchange, posted
from tests.house import House

CORPUS = Path(__file__).parent / "corpus"
BODIES: dict[str, list[list[Any]]] = json.loads((CORPUS / "bodies.json").read_text())
NOT_JSON = [line for line in (CORPUS / "not_json.txt").read_text().splitlines() if not line.startswith("# One body")]
TARGETS = [line.split(" ", 2) for line in (CORPUS / "targets.txt").read_text().splitlines() if not line.startswith("#")]
HEADERS = {"idempotency_key": "k", "if_match": '"v1"', **SIGNED}
_LIMIT_S = 1.0


def problem_of(answer: Answer) -> Any:
    """The answer, made sure of that it is a problem as the contract has it."""
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["status"] == answer.status
    assert answer.body["code"] in TEXTS
    assert answer.body["type"] == f"/problems/{answer.body['code'].lower()}"
    assert answer.body["title"]
    assert re.fullmatch(r"[0-9a-f]{32}", answer.body["trace_id"])
    return answer.body


async def in_time(gate: Gate, method: str, path: str, **more: Any) -> Answer:
    """One call, answered within a second."""
    began = time.monotonic()
    answer = await gate.call(method, path, **more)
    assert time.monotonic() - began < _LIMIT_S
    return answer


def token_for(gate: Gate, path: str) -> str:
    back_office = ("/v1/products", "/v1/stock", "/v1/staff", "/v1/labels", "/v1/promotions", "/v1/coupons")
    return gate.staff() if path.startswith((*back_office, "/v1/freight", "/v1/warehouses")) else ""


def test_the_corpus_is_large() -> None:
    assert sum(map(len, BODIES.values())) + len(NOT_JSON) + len(TARGETS) + len(RAW) + len(ODD_HEADERS) >= 300


@pytest.mark.parametrize("path", ["/v1/checkouts", "/v1/events", "/v1/payments/webhooks/sandbox"])
async def test_what_is_not_json_is_400(gate: Gate, path: str) -> None:
    for line in NOT_JSON:
        body = line.encode("latin-1").decode("unicode_escape").encode("latin-1")
        answer = await in_time(gate, "POST", path, raw=body, content_type="application/json", **HEADERS)
        assert problem_of(answer)["code"] == "NOT_JSON", line


@pytest.mark.parametrize("route", BODIES)
async def test_what_does_not_fit_is_422_and_says_where(gate: Gate, route: str) -> None:
    method, path = route.split(" ")
    for body, pointer in BODIES[route]:
        answer = await in_time(
            gate,
            method,
            path,
            raw=json.dumps(body).encode(),
            token=token_for(gate, path),
            content_type="application/json",
            **HEADERS,
        )
        problem = problem_of(answer)
        assert (answer.status, problem["code"]) == (422, "INVALID_BODY"), body
        assert pointer in [error["pointer"] for error in problem["errors"]], (body, problem["errors"])
    assert not any(fake.asked for name, fake in gate.fakes.items() if name != "crm")


async def test_what_was_sent_is_never_told_back(gate: Gate) -> None:
    secret = "4111111111111112-hunter2"
    bodies = [
        {"email": "a@b.c", "password": [secret], "name": "n"},
        {"email": secret, "password": "x", "name": "n"},
        {"email": "a@b.c", "password": "x", "name": {"x": secret}},
    ]
    for body in bodies:
        answer = await gate.call("POST", "/v1/customers", body)
        assert answer.status == 422
        assert secret not in json.dumps(answer.body)


@pytest.mark.parametrize(("status", "method", "target"), TARGETS, ids=lambda part: str(part)[:60])
async def test_an_address_that_is_none(gate: Gate, status: str, method: str, target: str) -> None:
    began = time.monotonic()
    answer = await exchange(gate, f"{method} {target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
    assert time.monotonic() - began < _LIMIT_S
    assert answer.status == int(status), answer
    problem_of(answer)


@pytest.mark.parametrize("name", ODD_HEADERS)
async def test_odd_headers_are_refused(gate: Gate, name: str) -> None:
    sent, statuses = ODD_HEADERS[name]
    began = time.monotonic()
    answer = await exchange(gate, sent)
    assert time.monotonic() - began < _LIMIT_S
    assert answer.status in statuses, answer
    problem_of(answer)


@pytest.mark.parametrize("name", RAW)
async def test_what_is_hardly_http_hurts_nobody(gate: Gate, name: str) -> None:
    try:
        async with asyncio.timeout(2):
            answer = await exchange(gate, RAW[name])
        assert answer.status < 500
        assert answer.status != 201
    except (ConnectionError, TimeoutError):
        pass  # the server hung up, or waits for its header time-out; both cost nobody else anything
    assert (await gate.call("GET", "/healthz")).status == 200


async def test_a_smuggled_request_is_not_a_second_one(gate: Gate) -> None:
    inner = b"GET /v1/categories HTTP/1.1\r\nHost: a\r\n\r\n"
    both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"
    with contextlib.suppress(ConnectionError, TimeoutError):
        await asyncio.wait_for(exchange(gate, posted(TYPE + both, b"0\r\n\r\n" + inner)), 3)
    assert not gate.fakes["catalog"].asked["ListCategories"]


async def test_deep_and_wide_json_is_refused_quickly(gate: Gate) -> None:
    bodies = [
        b"[" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 33 + b"]" * 33,
        b"[" + b"0," * 10_001 + b"0]",
        b"{" + b",".join(b'"k%d":0' % n for n in range(1_001)) + b"}",
        b'{"a":' + b"9" * 5_000 + b"}",
        b'"' + b"\\u0041" * 10_000 + b"x",
    ]
    for body in bodies:
        answer = await in_time(gate, "POST", "/v1/events", raw=body, content_type="application/json")
        assert problem_of(answer)["code"] == "NOT_JSON"
    fine = b"[" * 32 + b"]" * 32
    assert (await gate.call("POST", "/v1/events", raw=fine, content_type="application/json")).status == 422


async def test_many_errors_are_told_in_a_bounded_answer(gate: Gate) -> None:
    body = {"events": [{"event_id": 1}] * 100}
    answer = await in_time(gate, "POST", "/v1/events", body=body)
    assert problem_of(answer)["code"] == "INVALID_BODY"
    assert len(answer.body["errors"]) == 50


async def test_a_slow_body_holds_up_nobody_else(gate: Gate) -> None:
    slow = [asyncio.create_task(exchange(gate, posted("Content-Length: 100\r\n" + TYPE, b"{"))) for _ in range(50)]
    began = time.monotonic()
    for _ in range(20):
        assert (await gate.call("GET", "/v1/products")).status == 200
    assert time.monotonic() - began < 1.0
    assert {answer.status for answer in await asyncio.gather(*slow)} == {408}


@pytest.mark.parametrize("language", ["zh-CN", "zh;q=0.9,en;q=0.1", "zh-TW,zh;q=0.8"])
async def test_a_problem_speaks_chinese_to_who_asks(gate: Gate, language: str) -> None:
    answer = await gate.call("GET", "/v1/customers/me", accept_language=language)
    assert answer.body["title"] == TEXTS["NOT_SIGNED_IN"].title_zh


@pytest.mark.parametrize("language", ["", "en", "en-GB,zh;q=0.5", "de", "*", ";;;", "zh;q=x", "x" * 5_000])
async def test_and_english_to_everybody_else(gate: Gate, language: str) -> None:
    answer = await gate.call("GET", "/v1/customers/me", accept_language=language)
    assert answer.body["title"] == TEXTS["NOT_SIGNED_IN"].title


async def test_headers_that_never_end_are_not_waited_for(long_house: House, gate: Gate) -> None:
    async with opened(long_house, gate.fakes, header_timeout_ms=300) as strict:
        began = time.monotonic()
        await exchange(strict, RAW["headers that never end"])
        assert time.monotonic() - began < 2
