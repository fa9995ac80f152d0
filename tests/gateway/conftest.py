"""This is where the gateway's tests get a gateway: one a run, its neighbours as new for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import LocalServers
from tests.gateway.gate import Gate, opened
from tests.house import House


@pytest.fixture(scope="session")
async def long_house(servers: LocalServers) -> AsyncIterator[House]:
    """A house that lasts the whole run: the gateway keeps nothing that one test could leave for the next."""
    async with House(servers.environment["MONGO_URL"], servers.environment["NATS_URL"]) as fresh:
        yield fresh


@pytest.fixture(scope="session")
async def one_gate(long_house: House) -> AsyncIterator[Gate]:
    """A gateway for the whole run."""
    async with opened(long_house) as gate:
        yield gate


@pytest.fixture
async def gate(one_gate: Gate) -> Gate:
    """The gateway, its neighbours as new."""
    one_gate.fresh()
    return one_gate
