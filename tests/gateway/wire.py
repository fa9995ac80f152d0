"""This is where requests are written by hand, byte by byte: what no client library would send."""

import asyncio
import json
import re

from tests.gateway.gate import Answer, Gate

GOOD = b'{"cart_id":"crt_1","payment":{"method":"card","token":"tok_ok"},"email":"a@example.com"}'


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
    "a query of 5 KB": (
        b"GET /v1/products?q=" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        {414},
    ),
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
