"""This is where a price is worked out from cost or from what others ask."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.pricing.formulas import (
    Basis,
    Formula,
    FormulaKind,
    InvalidPriceFormula,
    check,
    ending_down,
    ending_up,
    price_of,
)
from services.catalog.pricing.selections import Selection

THEN = datetime(2026, 1, 1, tzinfo=UTC)
_ENDINGS = st.sampled_from(["", "9", "90", "99", "900"])


def formula(kind: FormulaKind = FormulaKind.COST_PLUS, **more: object) -> Formula:
    return Formula("", "Usual", kind, Selection(["A"]), "stf", THEN, **more)  # type: ignore[arg-type]


def market(**more: object) -> Formula:
    return formula(FormulaKind.MARKET, **more)


@pytest.mark.parametrize(
    ("worked_out", "cost", "theirs", "price"),
    [
        (formula(profit_bp=5_000), 1000, [], 1500),
        (formula(profit_bp=3_333), 1001, [], 1335),  # rounded up: the profit is kept
        (formula(profit_minor=700), 1000, [], 1700),
        (formula(profit_bp=5_000, ending="90"), 1000, [], 1590),
        (formula(profit_bp=5_000, ending="99"), 1066, [], 1599),
        (formula(profit_bp=5_000, ending="9"), 1000, [], 1509),
        (formula(profit_bp=5_000), 0, [], None),
        (market(), 1000, [], None),
        (market(), 1000, [1800, 1500, 2400], 1500),
        (market(basis=Basis.MEDIAN), 1000, [1800, 1500, 2400], 1800),
        (market(basis=Basis.MEDIAN, factor_bp=9_500), 1000, [1800, 1500, 2400, 2000], 1710),
        (market(ending="90"), 1000, [1585], 1490),
        (market(floor_bp=12_500), 1000, [900], 1250),
        (market(floor_bp=12_500, ending="99"), 1000, [900], 1299),
        (market(ceiling_bp=20_000, ending="90"), 1000, [5000], 1990),
    ],
)
def test_the_price_of_a_formula(worked_out: Formula, cost: int, theirs: list[int], price: int | None) -> None:
    check(worked_out)
    assert price_of(worked_out, cost, theirs) == price


@given(st.integers(1, 10**8), _ENDINGS)
def test_an_ending_goes_the_shortest_way_up_or_down(minor: int, ending: str) -> None:
    up, down = ending_up(minor, ending), ending_down(minor, ending)
    assert str(up).rjust(len(ending), "0").endswith(ending)
    assert 0 <= up - minor < 10 ** len(ending)
    assert down <= minor
    assert down == minor or (minor - down < 10 ** len(ending) and str(down).rjust(len(ending), "0").endswith(ending))


@given(
    st.integers(1, 10**6),
    st.lists(st.integers(1, 10**7), min_size=1, max_size=9),
    st.integers(10_000, 30_000),
    st.integers(1, 20_000),
    _ENDINGS,
)
def test_the_market_never_takes_a_price_below_its_floor(
    cost: int, theirs: list[int], floor_bp: int, factor_bp: int, ending: str
) -> None:
    price = price_of(market(floor_bp=floor_bp, factor_bp=factor_bp, ceiling_bp=40_000, ending=ending), cost, theirs)
    assert price is not None
    assert price * 10_000 >= cost * floor_bp


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (formula(), "/profit_bp"),
        (formula(profit_bp=1, profit_minor=1), "/profit_bp"),
        (formula(profit_bp=-1), "/profit_bp"),
        (formula(profit_bp=1, ending="9a"), "/ending"),
        (market(ceiling_bp=5_000), "/ceiling_bp"),
        (market(max_age_days=0), "/max_age_days"),
    ],
)
def test_what_is_wrong_with_a_formula_is_pointed_at(wrong: Formula, pointer: str) -> None:
    with pytest.raises(InvalidPriceFormula) as refused:
        check(wrong)
    assert pointer in [error.pointer for error in refused.value.errors]
