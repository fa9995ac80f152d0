"""This is where one request and its answer are held: what every answer carries, packed, counted."""

import contextlib
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway import problems
from gateway.bodies import NOTHING, Incoming, Message, Refusal
from gateway.limits import Allowance, RouteClass
from gateway.measures import HttpMetrics
from gateway.problem_texts import TEXTS
from gateway.shelf import WORTH_BYTES, Kept, coding_for, pack

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._:/+=-]{1,128}$")
_CACHE = (b"cache-control", b"public, max-age=0, must-revalidate")
_VARY = (b"vary", b"accept-encoding")
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Outside:
    """What every exchange needs of the door: the metrics, the headers all answers carry, the buckets."""

    metrics: HttpMetrics
    security: Headers
    take: "Callable[[Exchange, RouteClass], tuple[Allowance, bytes]]"


class Exchange:
    """One request and its answer on the way out."""

    __slots__ = (
        "_allowance",
        "_kind",
        "_outside",
        "_send",
        "_started",
        "_waiting",
        "bodiless",
        "headers",
        "incoming",
        "json",
        "scope",
        "status",
    )

    def __init__(self, outside: "Outside", scope: Any, send: Any) -> None:
        self._outside, self.scope, self._send = outside, scope, send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._started = time.perf_counter()
        self._allowance: tuple[Allowance, bytes] | None = None
        self._kind = ""
        self._waiting: Message | None = None
        self.status = 0
        self.bodiless = False
        self.incoming: Incoming | None = None
        self.json: Any = NOTHING  # what the body says

    def allowed(self, kind: RouteClass) -> bool:
        """Whether the client may, counted once a request."""
        if self._allowance is None:
            self._allowance, self._kind = self._outside.take(self, kind), kind.name
        return self._allowance[0].allowed

    def route(self) -> str:
        """The route's template, never the path itself: paths hold ids."""
        route = self.scope.get("route")
        return route.path if route is not None else "unmatched"

    def count(self) -> None:
        """Counts the answer."""
        method = self.scope["method"] if self.scope["method"] in METHODS else "OTHER"
        self._outside.metrics.answered(self.route(), method, self.status or 500, time.perf_counter() - self._started)

    def _common(self) -> Headers:
        asked = self.headers.get(b"x-request-id", b"")
        own = asked if asked and _REQUEST_ID.fullmatch(asked) else b"%016x" % random.getrandbits(64)
        headers = [(b"x-request-id", own), *self._outside.security]
        if self._allowance is not None:
            allowance, policy = self._allowance
            headers.append((b"ratelimit-policy", policy))
            left = f'"{self._kind}";r={allowance.left};t={allowance.reset_s}'
            headers.append((b"ratelimit", left.encode()))
            if not allowance.allowed:
                headers.append((b"retry-after", str(allowance.retry_after_s).encode()))
        return headers

    async def give(self, kept: Kept, age_s: int) -> None:
        """Answers from the shelf."""
        headers = self._common()
        headers += [(b"content-type", b"application/json"), _CACHE, _VARY, (b"etag", kept.etag)]
        if age_s:
            headers += [(b"age", str(age_s).encode()), (b"warning", b'110 - "Response is Stale"')]
        if kept.etag in self.headers.get(b"if-none-match", b""):
            self.status = 304
            body = b""
        else:
            self.status = 200
            coding = coding_for(self.headers.get(b"accept-encoding", b"").decode("latin-1"), len(kept.body))
            body = kept.bytes_for(coding)
            headers.append((b"content-length", str(len(body)).encode()))
            if coding:
                headers.append((b"content-encoding", coding.encode()))
        await self._send({"type": "http.response.start", "status": self.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self.bodiless else body})
        if "route" not in self.scope:  # answered before the router saw it
            self._outside.metrics.shelved(self.scope["path"], self.status, time.perf_counter() - self._started)

    async def refuse(self, refusal: Refusal) -> None:
        """Answers with a problem that the door itself found."""
        text = TEXTS[refusal.code]
        status = text.status or 400
        language = self.headers.get(b"accept-language", b"").decode("latin-1")
        body = problems.body_of(
            refusal.code,
            text=text,
            status=status,
            detail=refusal.detail,
            instance=self.scope["path"][:200],
            language=language,
            errors=[{"pointer": refusal.pointer, "message": text.title}] if refusal.pointer is not None else (),
        )
        headers = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
        headers.append((b"content-length", str(len(body)).encode()))
        if status == 503:
            headers.append((b"retry-after", b"1"))
        if status in (408, 413):  # the rest of the body is not worth reading
            headers.append((b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def reply(self, status: int, headers: Headers, body: bytes) -> None:
        """Answers with what is whole and ready."""
        self.status = status
        if self.incoming is not None and not self.incoming.over:
            await self.incoming.let_go()
        headers += self._common()
        if len(body) >= WORTH_BYTES:
            body = self._packed(headers, body)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        with contextlib.suppress(OSError):
            await self._send({"type": "http.response.body", "body": b"" if self.bodiless else body})

    async def send(self, message: Message) -> None:
        """Passes the application's answer on, with what every answer carries."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._waiting = message
            if self.incoming is not None and not self.incoming.over:
                await self.incoming.let_go()
            return
        start, self._waiting = self._waiting, None
        body, more = message.get("body", b""), message.get("more_body", False)
        if start is not None:
            headers: Headers = [*start["headers"], *self._common()]
            if not more:
                body = self._packed(headers, body)
            await self._send({**start, "headers": headers})
        if self.bodiless:
            body = b""
        with contextlib.suppress(OSError):
            await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _packed(self, headers: Headers, body: bytes) -> bytes:
        coding = coding_for(self.headers.get(b"accept-encoding", b"").decode("latin-1"), len(body))
        if not coding:
            return body
        names = dict(headers)
        if b"json" not in names.get(b"content-type", b"") or b"content-encoding" in names:
            return body
        packed = pack(body, coding)
        headers[:] = [header for header in headers if header[0] != b"content-length"]
        headers += [(b"content-encoding", coding.encode()), (b"content-length", str(len(packed)).encode()), _VARY]
        return packed
