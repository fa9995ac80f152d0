"""This is where the gateway is run as operators run it: probes, drain, metrics, correlation, logs."""

import asyncio
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from gateway.permissions import ROUTES
from gateway.settings import GatewaySettings
from tests.gateway.gate import Gate, opened
from tests.house import House, free_port


async def test_it_lives_whoever_is_away_and_says_who(gate: Gate) -> None:
    gate.fakes["marketing"].script["Check"] = lambda _: None
    assert (await gate.call("GET", "/healthz")).body == {"status": "ok"}
    assert (await gate.call("GET", "/readyz")).status == 200


async def test_it_is_not_ready_while_a_service_is_away(long_house: House) -> None:
    from tests.gateway.neighbours import ROOMS, Neighbour

    async with House(long_house.settings["mongo_url"], long_house.settings["nats_url"]) as house:
        fakes = {name: Neighbour(name) for name in ROOMS}
        for name, fake in fakes.items():
            if name != "crm":
                await house.fake(name, fake, fake.add)
        async with opened(house, fakes) as lame:
            answer = await lame.call("GET", "/readyz")
            assert (answer.status, answer.body["code"]) == (503, "NOT_READY")
            assert answer.body["context"] == {"missing": "crm"}
            assert (await lame.call("GET", "/v1/products")).status == 200
            signed_in = await lame.call("GET", "/v1/customers/me", token=lame.token())
            assert (signed_in.status, signed_in.body["code"]) == (503, "KEYS_AWAY")
            assert signed_in.headers["retry-after"] == "1"


async def test_a_draining_gateway_is_not_ready_but_serves(gate: Gate) -> None:
    gate.gateway.drain()
    try:
        assert (await gate.call("GET", "/readyz")).body["context"] == {"missing": "gateway (draining)"}
        assert (await gate.call("GET", "/v1/products")).status == 200
    finally:
        gate.gateway.ready = True


async def test_it_drains_on_sigterm_and_finishes_what_it_began(long_house: House, gate: Gate) -> None:
    port = free_port()
    environment = {name.upper(): str(value) for name, value in long_house.settings.items()}
    environment |= {"LISTEN": f"127.0.0.1:{port}", "METRICS_LISTEN": f"127.0.0.1:{free_port()}", "DRAIN_S": "0.3"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", env={**os.environ, **environment}, stderr=asyncio.subprocess.PIPE
    )
    base = f"http://127.0.0.1:{port}"
    try:
        await _ready(gate.session, base)
        began = asyncio.Event()

        async def slow(_: Any) -> Any:
            began.set()
            await asyncio.sleep(0.6)
            from shop.orders.v1.orders_pb2 import GetOrderResponse

            return GetOrderResponse()

        gate.fakes["orders"].script["GetOrder"] = slow
        asked = asyncio.create_task(_status(gate.session, f"{base}/v1/orders/ord_1"))
        await began.wait()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            while await _status(gate.session, f"{base}/readyz") != 503:
                pass
        assert await asked == 200
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


async def _status(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as response:
        return response.status


async def _ready(session: aiohttp.ClientSession, base: str) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if await _status(session, f"{base}/readyz") == 200:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def test_requests_are_counted_by_template_and_never_by_path(gate: Gate) -> None:
    from prometheus_client import generate_latest

    await gate.call("GET", "/v1/carts/crt_verysecret")
    await gate.call("GET", "/v1/nothing-verysecret")
    await gate.call("GET", "/v1/products?q=verysecret")
    await gate.call("GET", "/v1/products?q=verysecret")
    text = generate_latest(gate.gateway.metrics.registry).decode()
    assert 'shop_http_requests_total{code="200",method="GET",route="/v1/carts/{cart_id}"}' in text
    assert 'code="404",method="GET",route="unmatched"' in text
    assert 'shop_http_request_seconds_count{route="/v1/products"}' in text
    assert "verysecret" not in text


async def test_the_number_of_metrics_is_bounded_whatever_is_asked(gate: Gate) -> None:
    from prometheus_client import generate_latest

    for number in range(50):
        await gate.call("GET", f"/v1/scan-{number}")
        await gate.call("GET", f"/v1/products/p{number}")
    text = generate_latest(gate.gateway.metrics.registry).decode()
    assert set(re.findall(r'route="([^"]+)"', text)) <= {path for _, path in ROUTES} | {"unmatched"}


@pytest.mark.parametrize("sent", ["abc-123", "4bf92f3577b34da6", "x" * 128])
async def test_a_request_id_comes_back(gate: Gate, sent: str) -> None:
    assert (await gate.call("GET", "/healthz", x_request_id=sent)).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "<script>", "a\tb", "é"])
async def test_a_request_id_that_is_none_is_replaced(gate: Gate, sent: str) -> None:
    made = (await gate.call("GET", "/healthz", x_request_id=sent)).headers["x-request-id"]
    assert made != sent
    assert re.fullmatch(r"[0-9a-f]{16}", made)


async def test_a_trace_goes_on_and_is_told_with_a_problem(gate: Gate) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = await gate.call("GET", "/v1/customers/me", traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    assert answer.body["trace_id"] == trace


@pytest.mark.parametrize(
    "sent",
    [
        "nonsense",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
async def test_a_trace_that_is_none_begins_anew(gate: Gate, sent: str) -> None:
    answer = await gate.call("GET", "/v1/customers/me", traceparent=sent)
    assert re.fullmatch(r"[0-9a-f]{32}", answer.body["trace_id"])
    assert answer.body["trace_id"] not in sent


class Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter().format(record))


@pytest.fixture
def logged() -> Iterator[Kept]:
    kept = Kept()
    logging.getLogger().addHandler(kept)
    yield kept
    logging.getLogger().removeHandler(kept)


async def test_a_bug_is_500_says_nothing_and_is_logged_without_anybodys_secrets(gate: Gate, logged: Kept) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError("kaboom inside crm")

    gate.fakes["crm"].script["Register"] = broken
    person = {"email": "zoe@secret.example", "password": "hunter2-hunter2", "name": "Zoe Zebra"}
    answer = await gate.call("POST", "/v1/customers", person)
    assert (answer.status, answer.body["code"]) == (500, "INTERNAL")
    assert "kaboom" not in str(answer.body)
    assert answer.headers["content-type"] == "application/problem+json"
    ours = "\n".join(line for line in logged.lines if "/v1/customers" in line)
    assert "NeighbourFailed" in ours
    for secret in person.values():
        assert secret not in "\n".join(logged.lines)


EARNEST: dict[str, Any] = {"shop_env": "production", "origin_salt": "not the development one"}


def test_outside_development_it_is_careful_by_default() -> None:
    assert GatewaySettings(**EARNEST).requests_per_s() == 50
    assert GatewaySettings(shop_env="development").requests_per_s() == 2000
    assert GatewaySettings(**EARNEST, rate_limit_per_s=7).requests_per_s() == 7


async def test_outside_development_browsers_are_told_to_stay_with_https(long_house: House, gate: Gate) -> None:
    assert "strict-transport-security" not in (await gate.call("GET", "/v1/categories")).headers
    async with opened(long_house, gate.fakes, **EARNEST) as earnest:
        assert "max-age" in (await earnest.call("GET", "/v1/categories")).headers["strict-transport-security"]


async def test_other_origins_may_not_call_unless_told(long_house: House, gate: Gate) -> None:
    assert (
        "access-control-allow-origin"
        not in (await gate.call("GET", "/v1/products", origin="https://a.example")).headers
    )
    async with opened(long_house, gate.fakes, cors_origins="https://a.example") as friendly:
        for _ in range(2):  # fetched, and from the shelf
            answer = await friendly.call("GET", "/v1/products", origin="https://a.example")
            assert answer.headers["access-control-allow-origin"] == "https://a.example"
        stranger = await friendly.call("GET", "/v1/products", origin="https://b.example")
        assert "access-control-allow-origin" not in stranger.headers


async def test_the_warm_list_costs_less_than_twice_a_bare_route(gate: Gate) -> None:
    """A smoke test with room for a busy machine; `make bench` measures."""

    async def takes(path: str) -> float:
        began = asyncio.get_running_loop().time()
        for _ in range(50):
            assert (await gate.call("GET", path)).status == 200
        return asyncio.get_running_loop().time() - began

    rounds = [(await takes("/v1/products?limit=20"), await takes("/healthz")) for _ in range(8)]
    warm, bare = (min(times) for times in zip(*rounds, strict=True))  # the least is what others have not disturbed
    assert warm < 2 * bare
