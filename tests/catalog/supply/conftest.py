"""This is where the autopilot is put together for its tests."""

from collections.abc import AsyncIterator

import pytest

from tests.catalog.counter import Counter
from tests.catalog.supply.replicas import Replica


@pytest.fixture
async def replica(counter: Counter) -> AsyncIterator[Replica]:
    """A replica beside the running catalog."""
    replica = Replica(counter)
    yield replica
    await replica.close()
