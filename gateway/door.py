"""This is where every request comes in and every answer goes out: known, bounded, counted, traced.

One plain ASGI layer around the application. What is ready on the shelf is answered here, at a fraction of the cost.
"""

import logging
import random
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from gateway import bodies, cards
from gateway.bodies import Receive, Refusal
from gateway.described import operations
from gateway.exchange import METHODS, Exchange, Headers, Outside
from gateway.lanes import Lanes
from gateway.limits import BROWSE, Allowance, RouteClass, class_of, client_of

if TYPE_CHECKING:
    from gateway.app import Gateway

log = logging.getLogger("gateway")
_TRACEPARENT = re.compile(rb"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$")
_PLAIN = re.compile(rb"[!-$&-~]*")  # visible ASCII and nothing escaped
_CONTROL = re.compile(rb"[\x00-\x20\x7f]|%0[0-9a-fA-F]|%1[0-9a-fA-F]|%7[fF]")
_CONTROL_QUERY = re.compile(rb"[\x00-\x1f\x7f]|%0[0-9a-fA-F]|%1[0-9a-fA-F]|%7[fF]")
_HEADERS, _HEADER_BYTES, _PATH_BYTES, _QUERY_BYTES = 80, 16 * 1024, 2_048, 4_096
_HEALTH = ("/healthz", "/readyz")
_SHELVED = ("/v1/products", "/v1/categories", "/v1/store")
_NOSNIFF = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Door:
    """The outermost layer."""

    def __init__(self, app: Any, gateway: "Gateway") -> None:
        self._app, self._gateway = app, gateway
        self._lanes = Lanes(app, operations(app.routes))
        self._shelf, self._limits, self._settings = gateway.shelf, gateway.limits, gateway.settings
        security = _NOSNIFF if self._settings.development else [*_NOSNIFF, _HSTS]
        self._outside = Outside(gateway.metrics, security, self._take)
        self.inflight = 0

    async def __call__(self, scope: Any, receive: Receive, send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        exchange = scope["shop.exchange"] = Exchange(self._outside, scope, send)
        if not await self._ready(exchange):
            await self._serve(exchange, receive)

    async def _ready(self, exchange: Exchange) -> bool:
        # The cheapest way out: a public catalogue read that is on the shelf.
        scope = exchange.scope
        if scope["method"] != "GET" or not scope["path"].startswith(_SHELVED):
            return False
        if b"authorization" in exchange.headers and scope["path"] != "/v1/products":
            return False  # staff see more
        kept = self._shelf.ready(scope["raw_path"] + b"?" + scope["query_string"])
        if kept is None or not exchange.allowed(BROWSE):
            return False
        await exchange.give(kept, 0)
        return True

    async def _serve(self, exchange: Exchange, receive: Receive) -> None:
        scope = exchange.scope
        kind = class_of(scope["method"], scope["path"])
        self.inflight += 1
        parent = exchange.headers.get(b"traceparent", b"")
        traced = _TRACEPARENT.fullmatch(parent)
        trace = parent.decode() if traced else _new_trace(self._settings.trace_sample_ratio)
        try:
            with self._gateway.tracer.span(f"{scope['method']} {kind.name}", trace):
                await self._answer(exchange, kind, receive)
        finally:
            self.inflight -= 1
            exchange.count()

    async def _answer(self, exchange: Exchange, kind: RouteClass, receive: Receive) -> None:
        scope = exchange.scope
        try:
            self._check(exchange, kind)
            receive = await self._body(exchange, receive)
            if scope["method"] == "HEAD":
                scope["method"], exchange.bodiless = "GET", True
            if not await self._lanes.serve(exchange, receive):
                await self._app(scope, receive, exchange.send)
        except Refusal as refusal:
            await exchange.refuse(refusal)
        except Exception:
            log.exception("%s %s failed", scope["method"], exchange.route())
            if not exchange.status:
                await exchange.refuse(Refusal("INTERNAL"))

    def _check(self, exchange: Exchange, kind: RouteClass) -> None:
        scope, headers = exchange.scope, exchange.headers
        path, query = scope["raw_path"], scope["query_string"]
        if scope["method"] not in METHODS:
            raise Refusal("METHOD_NOT_ALLOWED")
        if len(path) > _PATH_BYTES or len(query) > _QUERY_BYTES:
            raise Refusal("URI_TOO_LONG")
        raw = scope["headers"]
        if len(raw) > _HEADERS or sum(map(len, chain.from_iterable(raw))) > _HEADER_BYTES:
            raise Refusal("HEADERS_TOO_LARGE")
        if not (_PLAIN.fullmatch(path) and _PLAIN.fullmatch(query)):
            _look_closely(path, query)
        if len(headers) < len(raw) and _twice(raw):
            raise Refusal("BAD_REQUEST", "a header that may be sent once was sent twice")
        if scope["path"] in _HEALTH:
            return
        if self.inflight > self._settings.max_inflight * kind.shed_at:
            raise Refusal("OVERLOADED")
        if not exchange.allowed(kind):
            raise Refusal("RATE_LIMITED")

    async def _body(self, exchange: Exchange, receive: Receive) -> Receive:
        scope, headers = exchange.scope, exchange.headers
        length = bodies.declared_length(headers)
        if length == 0:
            return receive
        incoming = exchange.incoming = bodies.Incoming(receive, length, self._settings.body_timeout_s)
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            raise Refusal("BAD_REQUEST", f"{scope['method']} takes no body")
        if file := bodies.check_kind(headers, scope["path"]):
            return incoming.file(file)
        body, exchange.json = await incoming.json()
        pointer = cards.pointer_of(body, exchange.json, scope["path"])
        if pointer is not None:
            log.warning("a card's number was sent to %s, at %s", scope["path"], pointer)
            raise Refusal("CARD_NUMBER_SENT", pointer=pointer)
        scope["shop.body"] = body
        return bodies.replay(body, receive)

    def _client(self, exchange: Exchange) -> str:
        """Whose bucket a request is taken from: the account's when its token is known, else the address's."""
        authorization = exchange.headers.get(b"authorization")
        if authorization and (caller := self._gateway.identity.known(authorization.decode("latin-1"))):
            return caller.id
        peer = exchange.scope.get("client") or ("", 0)
        forwarded = exchange.headers.get(b"x-forwarded-for", b"").decode("latin-1")
        return client_of(peer[0], forwarded, self._settings.forwarded_hops)

    def _take(self, exchange: Exchange, kind: RouteClass) -> tuple[Allowance, bytes]:
        """Takes the request out of its client's bucket."""
        return self._limits.take(self._client(exchange), kind), self._limits.policies[kind.name]


def _new_trace(ratio: float) -> str:
    # Told apart, not kept secret: no need to ask the kernel three times.
    digits = f"{random.getrandbits(192) | 1 << 191 | 1:048x}"
    return f"00-{digits[:32]}-{digits[32:]}-{'01' if random.random() < ratio else '00'}"


_ONCE = {
    b"host",
    b"content-length",
    b"content-type",
    b"authorization",
    b"idempotency-key",
    b"if-match",
    b"transfer-encoding",
}


def _twice(raw: Headers) -> bool:
    names = [name for name, _ in raw if name in _ONCE]
    return len(names) != len(set(names))


def _look_closely(path: bytes, query: bytes) -> None:
    if _CONTROL.search(path) or _CONTROL_QUERY.search(query) or not _is_utf8(path) or not _is_utf8(query):
        raise Refusal("BAD_REQUEST", "the address holds characters it must not")


def _is_utf8(quoted: bytes) -> bool:
    if quoted.isascii() and b"%" not in quoted:
        return True
    try:
        _unquote(quoted).decode()
    except UnicodeDecodeError:
        return False
    return True


_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")


def _unquote(quoted: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), quoted)
