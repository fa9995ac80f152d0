"""This is where a customer watches an order live: server-sent events, resumed by Last-Event-ID."""

import asyncio
import contextlib
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from shop.orders.v1 import orders_pb2 as pb

from gateway.described import feature, problems_of
from gateway.fields import PathId
from gateway.neighbours import ask_again
from gateway.orders import event
from gateway.permissions import asking
from services.kit.errors import Exhausted, NotFound, Refused
from services.kit.rpc import NeighbourFailed

router = feature("orders")
REREAD_S = 5.0  # a wake-up may be lost
_HEARTBEAT_S = 15.0
_HEARING_S = 0.5  # the first stream waits so long for NATS; then it is re-read until NATS is there
_LONGEST_S = 3600.0
_SEQ = re.compile(r"^\d{1,12}$")
_EXAMPLE = 'id: 2\nevent: paid\ndata: {"seq":2,"type":"paid","at":"2026-11-22T08:00:01.000Z","text":"Paid"}\n\n'


class TooManyStreams(Exhausted):
    """This account or address has as many live streams as it may."""


class Streams:
    """The live streams of this process: bounded, woken by what services tell, ended when the gateway drains."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._of: dict[str, int] = defaultdict(int)
        self._watching: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._some, self._none = asyncio.Event(), asyncio.Event()
        self.hearing = asyncio.Event()
        self.ended = False

    async def hear(self, watch: Callable[[], Awaitable[Callable[[], Awaitable[None]]]]) -> None:
        """Listens to what moves orders while a stream is open, for ever: mostly none is, and every purchase tells a lot."""
        while True:
            await self._some.wait()
            end = await watch()
            self.hearing.set()
            try:
                await self._none.wait()
            finally:
                self.hearing.clear()
                await end()

    def wake(self, order_id: str) -> None:
        """Something happened to an order."""
        for waiting in self._watching.get(order_id, ()):
            waiting.set()

    def end(self) -> None:
        """Ends every stream; clients reconnect elsewhere and resume."""
        self.ended = True
        for waiting in [each for watching in self._watching.values() for each in watching]:
            waiting.set()

    def enter(self, client: str, order_id: str) -> asyncio.Event:
        """Counts a stream in. Refuses with `TooManyStreams`."""
        if self._of[client] >= self._each or sum(self._of.values()) >= self._most:
            raise TooManyStreams("close a stream before opening another", retry_after_s=10)
        self._of[client] += 1
        self._some.set()
        self._none.clear()
        waiting = asyncio.Event()
        self._watching[order_id].add(waiting)
        return waiting

    def leave(self, client: str, order_id: str, waiting: asyncio.Event) -> None:
        """Counts it out."""
        self._of[client] -= 1
        if not self._of[client]:
            del self._of[client]
        self._watching[order_id].discard(waiting)
        if not self._watching[order_id]:
            del self._watching[order_id]
        if not self._of:
            self._some.clear()
            self._none.set()


def last_seen(request: Request) -> int:
    """The seq the client saw last, from Last-Event-ID or `?last_event_id=`; 0 for none or nonsense."""
    said = request.headers.get("last-event-id", "") or request.query_params.get("last_event_id", "")
    return int(said) if _SEQ.fullmatch(said) else 0


def frame(of: pb.OrderEvent) -> bytes:
    """One event on the wire."""
    kind = re.sub(r"[^a-z_]", "", of.type)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (of.seq, kind.encode(), orjson.dumps(event(of)))


@router.get(
    "/v1/orders/{order_id}/events",
    summary="Watch an order live",
    response_class=StreamingResponse,
    responses={
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {"example": _EXAMPLE}}},
        **problems_of(("ORDER_NOT_FOUND", "TOO_MANY_STREAMS", "RATE_LIMITED", "UNAVAILABLE")),
    },
)
async def watch_order(request: Request, order_id: PathId) -> Response:
    """Everything that has happened and then what happens, each once: `id` is the event's seq; sent back as Last-Event-ID it
    resumes after it. A comment every 15 s keeps the line open; after an hour the client reconnects."""
    gateway = request.app.state.gateway
    asked = pb.GetOrderRequest(id=order_id, customer_id=asking(request).customer_id, staff=asking(request).staff)
    client = asking(request).id or (request.client.host if request.client else "")
    # Listening begins before the first read: what happens between the two is not missed.
    leave = (client, order_id, gateway.live.enter(client, order_id))
    try:
        if gateway.bus.connected.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(gateway.live.hearing.wait(), _HEARING_S)
        answered = await ask_again(gateway.neighbours.orders.GetOrder, asked)
    except BaseException:
        gateway.live.leave(*leave)
        raise
    content = _events(gateway, asked, answered.order, last_seen(request), leave[2])
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return _Stream(content, gateway.live, leave, media_type="text/event-stream", headers=headers)


class _Stream(StreamingResponse):
    """Counts itself out however it ends, begun or not."""

    def __init__(self, content: Any, live: Streams, leave: tuple[str, str, asyncio.Event], **more: Any) -> None:
        super().__init__(content, **more)
        self._live, self._leave = live, leave

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Streams."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._live.leave(*self._leave)


async def _events(
    gateway: Any, asked: pb.GetOrderRequest, order: pb.Order, seen: int, waiting: asyncio.Event
) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    until = time.monotonic() + _LONGEST_S
    beat = time.monotonic()
    while True:
        for row in sorted(order.events, key=lambda row: row.seq):
            if row.seq > seen:
                yield frame(row)
                seen, beat = row.seq, time.monotonic()
        if gateway.live.ended or time.monotonic() > until:
            return
        if time.monotonic() - beat >= _HEARTBEAT_S:
            yield b": still here\n\n"
            beat = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REREAD_S):
                await waiting.wait()
        waiting.clear()
        order = await _again(gateway, asked, order)


async def _again(gateway: Any, asked: pb.GetOrderRequest, last: pb.Order) -> pb.Order:
    try:
        answered = await ask_again(gateway.neighbours.orders.GetOrder, asked)
    except NotFound:
        raise
    except (Refused, NeighbourFailed):
        return last  # orders is away: the line stays open, the next read catches up
    order: pb.Order = answered.order
    return order
