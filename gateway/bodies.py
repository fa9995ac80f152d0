"""This is where a request's body is taken in: the right kind, bounded, in time, and real JSON."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway import jsongate

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
JSON_BYTES = 64 * 1024
CSV_BYTES = 5 * 1024 * 1024
CSV_PATH = "/v1/products/import"
# The server lets go of a wait that was given up a moment later, and sends no answer before that.
_LETTING_GO_S = 0.1
_CSV_TIME = 12  # a file may take so many times as long as a JSON body


class Refusal(Exception):
    """The door says no before anybody else reads. `code` is a problem's code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def declared_length(headers: dict[bytes, bytes]) -> int | None:
    """The Content-Length; None when the body is chunked; 0 when there is no body."""
    if b"transfer-encoding" in headers:
        return None
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 15:
        raise Refusal("BAD_REQUEST", "Content-Length is not a number")
    return int(length)


def check_kind(headers: dict[bytes, bytes], path: str) -> bool:
    """Whether the body is a CSV file; else it is JSON. Refuses everything else."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", "Content-Encoding is not taken")
    kind, _, rest = headers.get(b"content-type", b"").lower().partition(b";")
    if b"charset" in rest and b"utf-8" not in rest and b"utf8" not in rest:
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", "the body must be UTF-8")
    kind = kind.strip()
    if path == CSV_PATH:
        if kind not in (b"text/csv", b"application/csv"):
            raise Refusal("UNSUPPORTED_MEDIA_TYPE", "send text/csv")
        return True
    if kind != b"application/json" and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", "send application/json")
    return False


async def read_json(receive: Receive, length: int | None, timeout_s: float) -> bytes:
    """The whole body, checked. Refuses what is too large, too slow or not JSON."""
    if length is not None and length > JSON_BYTES:
        raise Refusal("BODY_TOO_LARGE", f"at most {JSON_BYTES} bytes")
    try:
        async with asyncio.timeout(timeout_s):
            body = await _read(receive, length)
    except TimeoutError:
        await asyncio.sleep(_LETTING_GO_S)
        raise Refusal("REQUEST_TIMEOUT") from None
    if body:
        try:
            jsongate.check(body)
        except jsongate.NotJson as wrong:
            raise Refusal("NOT_JSON", str(wrong)) from None
    return body


def _broken_off() -> Refusal:
    # Mostly nobody is there to hear it; a body in broken chunks looks the same and is told.
    return Refusal("BAD_REQUEST", "the body broke off")


async def _read(receive: Receive, length: int | None) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _broken_off()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > JSON_BYTES:
            raise Refusal("BODY_TOO_LARGE", f"at most {JSON_BYTES} bytes")
        # All that was announced is here: one wait less than asking whether there is more.
        if size == length or not message.get("more_body"):
            break
    if length is not None and size < length:
        raise _broken_off()
    return parts[0] if len(parts) == 1 else b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def counted(receive: Receive, length: int | None, timeout_s: float) -> Receive:
    """A `receive` for a file: passes it on as it comes, but not for ever and not without end."""
    if length is not None and length > CSV_BYTES:
        raise Refusal("BODY_TOO_LARGE", f"at most {CSV_BYTES} bytes")
    size = 0
    until = asyncio.get_running_loop().time() + timeout_s * _CSV_TIME

    async def next_part() -> Message:
        nonlocal size
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            await asyncio.sleep(_LETTING_GO_S)
            raise Refusal("REQUEST_TIMEOUT") from None
        size += len(message.get("body", b""))
        if size > CSV_BYTES:
            raise Refusal("BODY_TOO_LARGE", f"at most {CSV_BYTES} bytes")
        return message

    return next_part
