"""This is where the compliance gate is started for its tests."""

import pytest

from tests.catalog.compliance.office import Office
from tests.catalog.counter import Counter


@pytest.fixture
async def office(counter: Counter) -> Office:
    """Staff of a running catalog with nothing in it."""
    return Office(counter)
