"""This is where the office that keeps merchants is opened for its tests."""

import pytest

from tests.catalog.counter import Counter
from tests.catalog.merchants.office import Office


@pytest.fixture
async def office(counter: Counter) -> Office:
    """A running catalog with a tree of categories, and no merchant but the shop."""
    opened = Office(counter)
    await opened.furnish()
    return opened
