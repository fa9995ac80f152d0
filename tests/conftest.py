"""This is where the tests' servers are started: MongoDB and NATS once a run, a fresh house a test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local.servers import LocalServers
from tests.house import House


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` also runs what takes minutes."""
    parser.addoption("--long", action="store_true", help="also the races of 50 runs, the kills and the floods")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long ones to `make faults`."""
    if config.getoption("--long"):
        return
    long = [item for item in items if "long" in item.keywords]
    items[:] = [item for item in items if "long" not in item.keywords]
    config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServers]:
    """A real MongoDB and a real NATS, on tmpfs. A query without an index is an error."""
    directory: Path = tmp_path_factory.mktemp("servers")
    with LocalServers(directory, on_tmpfs=True) as started:
        with MongoClient(started.environment["MONGO_URL"]) as client:
            client.admin.command({"setParameter": 1, "notablescan": True})
        yield started


@pytest.fixture
async def house(servers: LocalServers) -> AsyncIterator[House]:
    """A house of the test's own."""
    async with House(servers.environment["MONGO_URL"], servers.environment["NATS_URL"]) as fresh:
        yield fresh
