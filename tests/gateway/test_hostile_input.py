"""This is where everything wrong that people and machines send is sent: no 500, no hang, each answered with a problem."""

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.problem_texts import TEXTS
from tests.gateway.gate import Answer, Gate
from tests.gateway.test_routes import SIGNED

CORPUS = Path(__file__).parent / "corpus"
BODIES: dict[str, list[list[Any]]] = json.loads((CORPUS / "bodies.json").read_text())
NOT_JSON = [
    line for line in (CORPUS / "not_json.txt").read_text().splitlines() if not line.startswith("# One body")
]
TARGETS = [line.split(" ", 2) for line in (CORPUS / "targets.txt").read_text().splitlines() if not line.startswith("#")]
GOOD = b'{"cart_id":"crt_1","payment":{"method":"card","token":"tok_ok"},"email":"a@example.com"}'
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
    secret = "4111111111111111-hunter2"
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


async def exchange(gate: Gate, sent: bytes, pause_s: float = 0) -> Answer:
    """What comes back for these very bytes."""
    host, port = gate.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(sent)
        await writer.drain()
        if pause_s:
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(5):
            received = await reader.read()
    finally:
        writer.close()
    return parsed(received)


def parsed(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        return Answer(0, {}, b"")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(re.split(rb"[0-9a-f]+\r\n", body.replace(b"\r\n", b"\r\n")))
    content = json.loads(body) if body and "json" in headers.get("content-type", "") else body
    return Answer(int(status.split(" ")[1]), headers, content)


def posted(headers: str, body: bytes = GOOD, path: str = "/v1/checkouts") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nIdempotency-Key: k\r\n{headers}\r\n"
    return head.encode("latin-1") + body


LENGTH = f"Content-Length: {len(GOOD)}\r\n"
TYPE = "Content-Type: application/json\r\n"
ODD_HEADERS: dict[str, tuple[bytes, set[int]]] = {
    "no type": (posted(LENGTH), {415}),
    "text": (posted(LENGTH + "Content-Type: text/plain\r\n"), {415}),
    "form": (posted(LENGTH + "Content-Type: application/x-www-form-urlencoded\r\n"), {415}),
    "multipart": (posted(LENGTH + "Content-Type: multipart/form-data; boundary=x\r\n"), {415}),
    "xml": (posted(LENGTH + "Content-Type: application/xml\r\n"), {415}),
    "csv where json is": (posted(LENGTH + "Content-Type: text/csv\r\n"), {415}),
    "json where csv is": (posted(LENGTH + TYPE, path="/v1/products/import"), {415}),
    "type of nonsense": (posted(LENGTH + "Content-Type: json\r\n"), {415}),
    "type twice": (posted(LENGTH + TYPE + "Content-Type: text/plain\r\n"), {400}),
    "utf-16": (posted(LENGTH + "Content-Type: application/json; charset=utf-16\r\n"), {415}),
    "latin-1": (posted(LENGTH + "Content-Type: application/json; charset=iso-8859-1\r\n"), {415}),
    "gzip": (posted(LENGTH + TYPE + "Content-Encoding: gzip\r\n"), {415}),
    "deflate": (posted(LENGTH + TYPE + "Content-Encoding: deflate\r\n"), {415}),
    "br": (posted(LENGTH + TYPE + "Content-Encoding: br\r\n"), {415}),
    "gzip twice": (posted(LENGTH + TYPE + "Content-Encoding: gzip, gzip\r\n"), {415}),
    "too large, and says so": (posted("Content-Length: 65537\r\n" + TYPE, b""), {413}),
    "far too large": (posted("Content-Length: 99999999999\r\n" + TYPE, b""), {413}),
    "a csv of six megabytes": (
        posted("Content-Length: 6000000\r\nContent-Type: text/csv\r\n", b"", "/v1/products/import"),
        {413},
    ),
    "body that never comes": (posted("Content-Length: 100\r\n" + TYPE, b""), {408}),
    "body that stops": (posted("Content-Length: 100\r\n" + TYPE, b'{"cart_id"'), {408}),
    "chunks that stop": (posted("Transfer-Encoding: chunked\r\n" + TYPE, b"5\r\nabcde\r\n"), {408}),
    "chunks without end": (posted("Transfer-Encoding: chunked\r\n" + TYPE, b"fffff\r\n" + b"x" * 70000), {413}),
    "an empty body": (posted("Content-Length: 0\r\n" + TYPE, b""), {422}),
    "no body at all": (posted(TYPE, b""), {422}),
    "two hosts": (posted(LENGTH + TYPE + "Host: evil\r\n"), {400}),
    "two authorizations": (posted(LENGTH + TYPE + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), {400}),
    "90 headers": (posted(LENGTH + TYPE + "".join(f"X-{n}: 1\r\n" for n in range(90))), {431}),
    "17 KB of headers": (posted(LENGTH + TYPE + f"X-Long: {'x' * 17_000}\r\n"), {431}),
    "a path of 3 KB": (posted(LENGTH + TYPE, path="/v1/" + "x" * 3_000), {414}),
    "a query of 5 KB": (b"GET /v1/products?q=" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {414}),
    "a get with a body": (
        b"GET /v1/products HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        {400},
    ),
    "a key with a space": (posted(LENGTH + TYPE).replace(b"Key: k", b"Key: a b"), {400}),
    "an etag of nonsense": (
        b"PUT /v1/carts/crt_1/lines/A HTTP/1.1\r\nHost: a\r\nConnection: close\r\nIf-Match: x\r\n"
        b'Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"quantity":1}',
        {412},
    ),
    "a webhook without signature": (
        posted(LENGTH + TYPE, path="/v1/payments/webhooks/sandbox"),
        {401},
    ),
    "a carrier without key": (b"GET /carrier/v1/pickups HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {401}),
    "a signature in Latin-1": (
        b"GET /carrier/v1/pickups HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Carrier-Key: k\r\nwebhook-id: i\r\n"
        b"webhook-timestamp: 1\r\nwebhook-signature: v1,\xe9\r\n\r\n",
        {401},
    ),
}


@pytest.mark.parametrize("name", ODD_HEADERS)
async def test_odd_headers_are_refused(gate: Gate, name: str) -> None:
    sent, statuses = ODD_HEADERS[name]
    began = time.monotonic()
    answer = await exchange(gate, sent)
    assert time.monotonic() - began < _LIMIT_S
    assert answer.status in statuses, answer
    problem_of(answer)


# What is not HTTP is answered by the server itself, in its own way, or not at all; never with 5xx, never by hanging.
RAW: dict[str, bytes] = {
    "nonsense": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "no version": b"GET /v1/products\r\n\r\n",
    "http 9": b"GET /v1/products HTTP/9.9\r\nHost: a\r\n\r\n",
    "http 2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 9,
    "no host": b"GET /v1/products HTTP/1.1\r\nConnection: close\r\n\r\n",
    "length and chunks": posted(LENGTH + TYPE + "Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "two lengths": posted(LENGTH + TYPE + "Content-Length: 3\r\n"),
    "a negative length": posted("Content-Length: -1\r\n" + TYPE),
    "a length in hex": posted("Content-Length: 0x10\r\n" + TYPE),
    "a length with a sign": posted("Content-Length: +88\r\n" + TYPE),
    "a list of lengths": posted("Content-Length: 88, 88\r\n" + TYPE),
    "chunks of nonsense": posted("Transfer-Encoding: chunked\r\n" + TYPE, b"zz\r\nab\r\n0\r\n\r\n"),
    "an unknown coding": posted("Transfer-Encoding: gzip\r\n" + TYPE),
    "chunked, spelt oddly": posted("Transfer-Encoding: xchunked\r\n" + TYPE),
    "space before the colon": posted(LENGTH + "Content-Type : application/json\r\n"),
    "a folded header": posted(LENGTH + "X-A: b\r\n c\r\n" + TYPE),
    "a NUL in a header": posted(LENGTH + TYPE + "X-A: b\x00c\r\n"),
    "a bare CR in a header": posted(LENGTH + TYPE + "X-A: b\rc\r\n"),
    "a NUL in the target": b"GET /v1/\x00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a space in the target": b"GET /v1/a b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "an absolute target": b"GET http://evil/v1/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a megabyte of header": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "a method of 5 KB": b"G" * 5_000 + b" / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "headers that never end": b"GET /v1/products HTTP/1.1\r\nHost: a\r\nX: ",
    "a websocket": b"GET /v1/products HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
}


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
    inner = b"GET /v1/staff HTTP/1.1\r\nHost: a\r\n\r\n"
    await asyncio.wait_for(_quietly(gate, posted(TYPE + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"0\r\n\r\n" + inner)), 3)
    assert not gate.fakes["crm"].asked["ListStaff"]


async def _quietly(gate: Gate, sent: bytes) -> None:
    with pytest.raises((ConnectionError, TimeoutError, AssertionError)):
        await exchange(gate, sent)
        raise AssertionError


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
