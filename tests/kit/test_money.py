"""This is where money's exactness is tested."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.kit.money import CurrencyMismatch, Money, split, total

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)


@given(st.integers(-(10**9), 10**9), weights)
def test_shares_add_up_exactly(minor: int, by: list[int]) -> None:
    assert sum(split(minor, by)) == minor


@given(st.integers(0, 10**9), weights)
def test_no_share_is_a_unit_away_from_its_proportion(minor: int, by: list[int]) -> None:
    even = by if any(by) else [1] * len(by)
    for share, weight in zip(split(minor, by), even, strict=True):
        assert abs(share - minor * weight / sum(even)) < 1 + 1e-6


def test_the_largest_remainder_gets_the_odd_fen() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(100, [1, 2, 3]) == [17, 33, 50]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money("CNY", 1) + Money("GBP", 1)
    assert total([Money("CNY", 1), Money("CNY", 2)], "CNY") == Money("CNY", 3)


def test_there_is_no_share_without_weights() -> None:
    with pytest.raises(Invalid):
        split(1, [])
