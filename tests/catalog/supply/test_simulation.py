"""This is where the autopilot's rule is proved on real sales, beside a fixed min-max rule at the same service."""

import pytest

from tests.catalog.supply.retail import retail
from tests.catalog.supply.simulation import LEADS, TARGET, World, compare


def _proved(world: World, name: str, saves: float) -> None:
    ours, fixed, textbook = compare(world, *LEADS[name])
    assert ours.stock_out < TARGET
    assert fixed.stock_out <= ours.stock_out
    assert ours.value < saves * fixed.value
    assert ours.value < textbook.value


def test_less_stock_than_min_max_at_the_same_service() -> None:
    _proved(World.of(retail(), every=8), "7 days", saves=0.9)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(LEADS))
def test_the_same_for_all_goods_and_random_lead_times(name: str) -> None:
    _proved(World.of(retail()), name, saves=0.8)
