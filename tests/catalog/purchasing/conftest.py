"""This is where purchasing is put together for its tests."""

import pytest

from services.catalog.purchasing.service import buying
from services.catalog.skus import Sku
from services.catalog.store import keep
from tests.catalog.counter import Counter
from tests.catalog.purchasing.buyer import Buyer


@pytest.fixture
def buyer(counter: Counter) -> Buyer:
    """Somebody who buys for a running catalog."""
    ground = counter.started.ground
    return Buyer(counter, buying(ground, keep(ground, "skus", Sku, tells=False)))
