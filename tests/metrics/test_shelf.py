"""This is where what is on sale, and what is gone, is worked out on plain facts."""

from datetime import UTC, datetime

import pytest

from services.metrics.shelf import Shelf, ShelfHistory
from tests.metrics.story import fact


def listing(day: int, *skus: str, live: bool = True) -> object:
    """`prd_a` changed at the start of a day of January."""
    return fact("listing", f"2026-01-{day:02}T00:00:00+00:00", product="prd_a", skus=list(skus), live=int(live))


def available(day: int, sku: str, yes: bool) -> object:
    """A SKU is gone or back."""
    return fact("availability", f"2026-01-{day:02}T00:00:00+00:00", sku=sku, in_stock=int(yes))


def moved(day: int, sku: str, on_hand: int) -> object:
    """Units came or went."""
    return fact("stock_moved", f"2026-01-{day:02}T00:00:00+00:00", sku=sku, on_hand=on_hand, available=on_hand)


def jan(day: int) -> datetime:
    """The start of a day."""
    return datetime(2026, 1, day, tzinfo=UTC)


FACTS = [
    listing(1, "a", "b"),
    moved(1, "a", 5),
    moved(1, "b", 5),
    available(3, "a", False),
    available(4, "a", True),
    listing(6, "b"),
    listing(8, live=False),
]


@pytest.mark.parametrize("turned", [False, True])
def test_sku_days_are_weighed_by_time(turned: bool) -> None:
    history = ShelfHistory(reversed(FACTS) if turned else FACTS)  # type: ignore[arg-type]
    assert history.sku_days(jan(1), jan(11)) == 5 + 7
    assert history.sku_days_out(jan(1), jan(11)) == 1  # `a` on the 3rd
    assert history.sku_days_out(jan(3), datetime(2026, 1, 3, 6, tzinfo=UTC)) == 0.25
    assert history.skus(jan(6), jan(7)) == 1
    assert history.skus(jan(9), jan(10)) == 0
    assert history.units(jan(1), jan(11)) == 10
    assert history.units(jan(5), jan(5)) == 0


def test_before_the_first_change_it_was_the_other_way_round() -> None:
    history = ShelfHistory([listing(1, "a"), available(4, "a", True)])  # type: ignore[list-item]
    assert history.sku_days_out(jan(1), jan(11)) == 3


def test_a_sku_that_never_had_any_is_out_of_stock() -> None:
    history = ShelfHistory([listing(1, "a")])  # type: ignore[list-item]
    assert history.sku_days_out(jan(1), jan(3)) == 2


def test_nothing_on_sale_is_no_sku_day() -> None:
    assert ShelfHistory([]).sku_days(jan(1), jan(3)) == 0


def test_the_latest_by_time_stands_whatever_comes_last() -> None:
    for facts in (FACTS, FACTS[::-1]):
        shelf = Shelf()
        for one in facts:
            shelf.take(one)  # type: ignore[arg-type]
        assert (shelf.on_sale(), shelf.out_of_stock(), shelf.on_hand()) == (0, 0, 10)
        shelf.take(listing(9, "a", "b", "new"))  # type: ignore[arg-type]
        shelf.take(available(9, "b", False))  # type: ignore[arg-type]
        assert (shelf.on_sale(), shelf.out_of_stock()) == (3, 2)
