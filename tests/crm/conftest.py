"""This is where a test of crm gets its desk."""

import pytest

from tests.crm.desk import Desk
from tests.house import House


@pytest.fixture
async def desk(house: House) -> Desk:
    """crm alone, on its feet."""
    return Desk(house, await house.start("crm"))
