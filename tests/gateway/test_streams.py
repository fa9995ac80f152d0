"""This is where an order is watched live."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from shop.logistics.v1.events_pb2 import ParcelMoved
from shop.orders.v1.events_pb2 import OrderPaid
from shop.orders.v1.orders_pb2 import GetOrderResponse, Order, OrderEvent

from services.kit.errors import NotFound
from tests.gateway.gate import Gate, opened
from tests.house import House

TYPES = ["placed", "paid", "allocated", "packed", "shipped", "in_transit", "delivered"]


class Orders:
    """An order whose events grow."""

    def __init__(self, seen: int) -> None:
        self.seen = seen

    def answer(self, _: Any) -> GetOrderResponse:
        events = [OrderEvent(seq=n + 1, type=TYPES[n], at="2026-11-22T08:00:00.000Z") for n in range(self.seen)]
        return GetOrderResponse(order=Order(id="ord_1", events=events))


@contextlib.asynccontextmanager
async def watching(gate: Gate, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with gate.session.get(f"{gate.base}/v1/orders/ord_1/events", headers=sent) as response:
        yield response


async def heard(response: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    """The next `count` events."""
    events: list[dict[str, Any]] = []
    row: dict[str, Any] = {}
    async with asyncio.timeout(5):
        while len(events) < count:
            line = (await response.content.readline()).decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                row[name] = value
            if not line and "id" in row:
                events.append(row)
                row = {}
    return events


async def test_what_happened_and_then_what_happens(gate: Gate, long_house: House) -> None:
    orders = Orders(2)
    gate.fakes["orders"].script["GetOrder"] = orders.answer
    async with watching(gate) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        first = await heard(response, 2)
        assert [(row["id"], row["event"]) for row in first] == [("1", "placed"), ("2", "paid")]
        assert json.loads(first[1]["data"])["type"] == "paid"
        orders.seen = 3
        told = time.monotonic()
        await long_house.tell(ParcelMoved(order_id="ord_1"))
        assert [row["id"] for row in await heard(response, 1)] == ["3"]
        assert time.monotonic() - told < 1  # woken, not re-read


async def test_what_moves_orders_is_heard_only_while_somebody_watches(gate: Gate, long_house: House) -> None:
    gate.fakes["orders"].script["GetOrder"] = Orders(1).answer
    bus, live = gate.gateway.bus, gate.gateway.live

    async def quiet() -> None:
        async with asyncio.timeout(5):
            while live._of or live.hearing.is_set():
                await asyncio.sleep(0.01)

    await quiet()
    idle = len(bus.client._subs)
    for _ in range(3):
        async with watching(gate) as response:
            await heard(response, 1)
            assert len(bus.client._subs) > idle
            async with watching(gate) as another:
                await heard(another, 1)
        await quiet()
        async with asyncio.timeout(5):
            while len(bus.client._subs) > idle:
                await asyncio.sleep(0.01)


async def test_another_orders_news_wakes_nobody(gate: Gate, long_house: House) -> None:
    gate.fakes["orders"].script["GetOrder"] = Orders(1).answer
    async with watching(gate) as response:
        await heard(response, 1)
        reads = len(gate.fakes["orders"].asked["GetOrder"])
        await long_house.tell(OrderPaid(order_id="ord_2"))
        await asyncio.sleep(0.1)
        assert len(gate.fakes["orders"].asked["GetOrder"]) == reads


@pytest.mark.parametrize(("last", "first"), [("2", "3"), ("0", "1"), ("nonsense", "1"), ("-1", "1"), ("9" * 13, "1")])
async def test_it_resumes_after_what_the_client_saw_last(gate: Gate, last: str, first: str) -> None:
    gate.fakes["orders"].script["GetOrder"] = Orders(4).answer
    async with watching(gate, last_event_id=last) as response:
        assert (await heard(response, 1))[0]["id"] == first


async def test_killed_at_every_event_and_resumed_it_misses_and_repeats_nothing(gate: Gate) -> None:
    gate.fakes["orders"].script["GetOrder"] = Orders(len(TYPES)).answer
    seen: list[str] = []
    while len(seen) < len(TYPES):
        async with watching(gate, last_event_id=seen[-1] if seen else "0") as response:
            seen += [row["id"] for row in await heard(response, 1)]
    assert seen == [str(n + 1) for n in range(len(TYPES))]


async def test_anothers_order_is_not_there(gate: Gate) -> None:
    gate.refuses("orders", "GetOrder", NotFound("not yours"))
    answer = await gate.call("GET", "/v1/orders/ord_1/events", token=gate.token())
    assert answer.status == 404
    assert not gate.gateway.live._of


async def test_one_account_has_so_many_streams_and_gets_them_back(gate: Gate) -> None:
    gate.fakes["orders"].script["GetOrder"] = Orders(1).answer
    most = gate.gateway.settings.max_streams_each
    token = f"Bearer {gate.token()}"
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(most):
            response = await stack.enter_async_context(watching(gate, authorization=token))
            await heard(response, 1)
        async with watching(gate, authorization=token) as refused:
            assert refused.status == 429
            assert (await refused.json())["code"] == "TOO_MANY_STREAMS"
    async with asyncio.timeout(5):
        while gate.gateway.live._of:
            await asyncio.sleep(0.01)


async def test_when_the_gateway_drains_streams_end(long_house: House, gate: Gate) -> None:
    gate.fakes["orders"].script["GetOrder"] = Orders(1).answer
    async with contextlib.AsyncExitStack() as stack:
        another = await stack.enter_async_context(opened(long_house, gate.fakes))
        another.gateway.identity = gate.gateway.identity
        gate.fakes["orders"].script["GetOrder"] = Orders(1).answer
        response = await stack.enter_async_context(watching(another))
        await heard(response, 1)
        another.gateway.live.end()
        async with asyncio.timeout(2):
            assert await response.content.read() == b""
