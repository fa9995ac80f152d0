"""This is where each test of orders gets a world of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.house import House

from .neighbours import CatalogFake, CrmFake, Faults, LogisticsFake, MarketingFake, Sku, contracts
from .psp import line
from .world import World


@pytest.fixture
async def world(house: House) -> AsyncIterator[World]:
    """Orders, its neighbours faked, the sandbox provider behind a line. Two teacups are on sale: A at ¥10, B at ¥25."""
    faults = Faults()
    skus = {"A": Sku(1000), "B.2": Sku(2500)}
    catalog, marketing = CatalogFake(faults, skus), MarketingFake(faults)
    logistics, crm = LogisticsFake(faults), CrmFake(faults)
    fakes = {"catalog": catalog, "marketing": marketing, "logistics": logistics, "crm": crm}
    for name, add in contracts():
        await house.fake(name, fakes[name], add)
    async with line(faults) as psp:
        service = await house.start("orders", psp_url=psp.url)
        yield World(house, faults, catalog, marketing, logistics, crm, psp, service)
        await _stop(house)  # before the provider goes


async def _stop(house: House) -> None:
    for service in house.started.values():
        await service.stop()
