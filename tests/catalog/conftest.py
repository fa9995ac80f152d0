"""This is where catalog is started for its tests."""

import pytest

from tests.catalog.counter import Counter
from tests.house import House


@pytest.fixture
async def counter(house: House) -> Counter:
    """A running catalog with nothing in it."""
    return Counter(house, await house.start("catalog"))
