"""This is where the tests' servers are started: MongoDB and NATS once a run, a fresh house a test."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import settings
from pymongo import MongoClient
from xdist.scheduler import LoadScopeScheduling

from deploy.local.servers import LocalServers
from deploy.local.shop import LocalShop
from tests.collector import Collector
from tests.house import House
from tests.shop import Shop

_SHARED = {"stories": "the whole shop", "faults": "the whole shop", "gateway": "one gateway"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` also runs what takes minutes."""
    parser.addoption("--long", action="store_true", help="also the races of 50 runs, the kills and the floods")


def pytest_configure(config: pytest.Config) -> None:
    """Properties are tried on few examples each time, on many by `make faults`. The loop is that which services run on."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    settings.register_profile("short", max_examples=25, deadline=None)
    settings.register_profile("long", max_examples=400, deadline=None)
    settings.load_profile("long" if config.getoption("--long") else "short")


class ByHouse(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that share something dear share a worker; the rest go one by one to whoever is free. (Groups by mark need
    `_nodeid`, which pytest 9.2 has no more.)"""

    def _split_scope(self, nodeid: str) -> str:
        return _SHARED.get(nodeid.split("/")[1], nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse:
    """Says which worker gets which tests."""
    return ByHouse(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long ones to `make faults`."""
    if config.getoption("--long"):
        return
    long = [item for item in items if "long" in item.keywords]
    items[:] = [item for item in items if "long" not in item.keywords]
    config.hook.pytest_deselected(items=long)


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _refuse_table_scans(servers: LocalServers) -> None:
    with MongoClient[dict[str, Any]](servers.environment["MONGO_URL"]) as client:
        client.admin.command({"setParameter": 1, "notablescan": True})


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServers]:
    """A real MongoDB and a real NATS, on tmpfs. A query without an index is an error."""
    directory: Path = tmp_path_factory.mktemp("servers")
    with LocalServers(directory, on_tmpfs=True) as started:
        _refuse_table_scans(started)
        yield started


@pytest.fixture
async def house(servers: LocalServers) -> AsyncIterator[House]:
    """A house of the test's own."""
    async with House(servers.environment["MONGO_URL"], servers.environment["NATS_URL"]) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """A stand-in for an OpenTelemetry collector."""
    started = Collector()
    yield started
    started.close()


@pytest.fixture(scope="session")
def open_shop(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[LocalShop]:
    """The whole shop, as `make run` starts it, on ports of its own; once a run."""
    directory: Path = tmp_path_factory.mktemp("shop")
    environment = {
        "RATE_LIMIT_PER_S": "100000",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "LOOKOUT_S": "0.5",  # stories do not wait a minute
        "TRACE_SAMPLE_RATIO": "0",  # only what a test asks to be traced
    }
    with LocalShop(directory, environment=environment, on_tmpfs=True) as started:
        _refuse_table_scans(started)
        yield started


@pytest.fixture
async def shop(open_shop: LocalShop) -> AsyncIterator[Shop]:
    """The whole shop on real servers, spoken to over HTTP."""
    async with Shop(open_shop) as opened:
        yield opened
