"""This is where a request's body is taken in: the right kind, bounded, in time, and real JSON."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from gateway import jsongate

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
JSON_BYTES = 64 * 1024
_MB = 1024 * 1024
# The server lets go of a wait that was given up a moment later, and sends no answer before that.
_LETTING_GO_S = 0.1
_LET_GO_BYTES = 16 * 1024 * 1024
_LET_GO_S = 0.5
NOTHING: Any = object()  # no body: not even `null`


@dataclass(frozen=True, slots=True)
class File:
    """A route whose body is a file: the kinds it takes, how large, and how many times as long as JSON it may take."""

    kinds: tuple[bytes, ...]
    most_bytes: int
    patience: int = 12


CSV = (b"text/csv", b"application/csv")
FILES: dict[str, File] = {
    "/v1/products/import": File(CSV, 5 * _MB),
    "/v1/competitors/prices/import": File(CSV, 5 * _MB),
    "/v1/customer-groups/import": File(CSV, 5 * _MB),
    "/v1/customs/goods/imports": File(CSV, 16 * _MB),
    "/v1/sales/history": File(CSV, 32 * _MB),
    "/v1/settlements": File(CSV, 32 * _MB),
    "/v1/imports": File(CSV, 128 * _MB, patience=60),
    "/v1/media": File((b"image/jpeg", b"image/png", b"image/webp"), 5 * _MB),
}


class Refusal(Exception):
    """The door says no before anybody else reads. `code` is a problem's code, `pointer` what of the body it is about."""

    def __init__(self, code: str, detail: str = "", pointer: str | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.pointer = code, detail, pointer


def header(scope: Any, name: bytes) -> str:
    """A request header of those that may be sent once; empty without one."""
    value: bytes = scope["shop.exchange"].headers.get(name, b"")
    return value.decode("latin-1")


def declared_length(headers: dict[bytes, bytes]) -> int | None:
    """The Content-Length; None when the body is chunked; 0 when there is no body."""
    if b"transfer-encoding" in headers:
        return None
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 15:
        raise Refusal("BAD_REQUEST", "Content-Length is not a number")
    return int(length)


def check_kind(headers: dict[bytes, bytes], path: str) -> File | None:
    """What file the body is; None for JSON. Refuses everything else."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", "Content-Encoding is not taken")
    kind, _, rest = headers.get(b"content-type", b"").lower().partition(b";")
    if b"charset" in rest and b"utf-8" not in rest and b"utf8" not in rest:
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", "the body must be UTF-8")
    kind = kind.strip()
    if file := FILES.get(path):
        if kind not in file.kinds:
            raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send {file.kinds[0].decode()}")
        return file
    if kind != b"application/json" and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", "send application/json")
    return None


def _broken_off() -> Refusal:
    # Mostly nobody is there to hear it; a body in broken chunks looks the same and is told.
    return Refusal("BAD_REQUEST", "the body broke off")


class Incoming:
    """A body on its way in: read whole, passed on piece by piece, or let go."""

    def __init__(self, receive: Receive, length: int | None, timeout_s: float) -> None:
        self._receive, self._length, self._timeout_s = receive, length, timeout_s
        self._until = 0.0
        self._rung = False
        self._size = 0
        self._most = 0
        self.over = False  # nothing more will come, or nothing more is waited for

    def _bounded(self, most: int) -> None:
        self._most = most
        if self._length is not None and self._length > most:
            raise self._too_large()

    def _too_large(self) -> Refusal:
        return Refusal("BODY_TOO_LARGE", f"at most {self._most} bytes")

    async def json(self) -> tuple[bytes, Any]:
        """The whole body and what it says; `NOTHING` for an empty one. Refuses what is too large, too slow or not JSON."""
        self._bounded(JSON_BYTES)
        body = await self._in_time()
        if not body:
            return body, NOTHING
        try:
            return body, jsongate.read(body)
        except jsongate.NotJson as wrong:
            raise Refusal("NOT_JSON", str(wrong)) from None

    async def _in_time(self) -> bytes:
        # As asyncio.timeout does it, at a third of the cost: every write of the shop comes through here.
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 — a coroutine runs in one
        alarm = asyncio.get_running_loop().call_later(self._timeout_s, self._ring, task)
        try:
            return await self._whole()
        except asyncio.CancelledError:
            if not self._rung or task.uncancel() > 0:
                raise
            raise await self._too_slow() from None
        finally:
            alarm.cancel()

    def _ring(self, task: "asyncio.Task[Any]") -> None:
        self._rung = True
        task.cancel()

    async def _whole(self) -> bytes:
        parts: list[bytes] = []
        while not self.over:
            message = await self._next()
            if message["type"] == "http.disconnect":
                raise _broken_off()
            parts.append(message.get("body", b""))
        if self._length is not None and self._size < self._length:
            raise _broken_off()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        # All that was announced is here: one wait less than asking whether there is more.
        if self._size == self._length or not message.get("more_body"):
            self.over = True
        if self._size > self._most:
            raise self._too_large()
        return message

    async def _too_slow(self) -> Refusal:
        self.over = True
        await asyncio.sleep(_LETTING_GO_S)
        return Refusal("REQUEST_TIMEOUT")

    def file(self, file: File) -> Receive:
        """A `receive` for a file: passes it on as it comes, but not for ever and not without end."""
        self._bounded(file.most_bytes)
        self._until = asyncio.get_running_loop().time() + self._timeout_s * file.patience
        return self._piece

    async def _piece(self) -> Message:
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._next()
        except TimeoutError:
            raise await self._too_slow() from None
        if message["type"] == "http.disconnect":
            raise _broken_off()
        return message

    async def let_go(self) -> None:
        """Reads on for a moment without keeping anything: who is still sending hears no answer, and sees the line cut."""
        self._most = _LET_GO_BYTES
        try:
            async with asyncio.timeout(_LET_GO_S):
                while not self.over:
                    await self._next()
        except TimeoutError:
            await asyncio.sleep(_LETTING_GO_S)
        except Refusal:
            pass
        self.over = True


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
