"""This is where levels are held to what they promise: so much suffices so often."""

import numpy as np
import pytest

from services.catalog.supply.forecasting import Floats, by_week, forecast, spread
from services.catalog.supply.levels import Leads, Need, curve_of, need, simulate
from services.catalog.supply.service_levels import AIM, level_for


def ones(value: float, skus: int = 1) -> Floats:
    return np.full(skus, float(value))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_a_gamma_quantile_covers_as_much_as_it_says(level: float) -> None:
    random = np.random.default_rng(1)
    drawn = random.gamma(0.7, 12 / 0.7, 50_000)
    suffices = Need(ones(12), ones(12**2 / 0.7)).plain(level)
    assert float((drawn <= suffices).mean()) == pytest.approx(level, abs=0.01)


def test_a_level_is_whole_units_and_never_none() -> None:
    levels = Need(np.array([0.0, 0.01, 10.0]), np.array([0.0, 0.5, 9.0])).quantile(0.9)
    assert levels.tolist() == [1, 1, 14]


def test_variance_grows_with_time_along_the_horizons_and_beyond() -> None:
    spreads = np.array([[7.0, 14.0, 28.0, 56.0, 91.0]] * 4)
    days = np.array([3.5, 7.0, 21.0, 182.0])
    found = need(ones(7, 4), spreads, days, ones(0, 4))
    assert found.mean.tolist() == pytest.approx([3.5, 7, 21, 182])
    assert found.variance.tolist() == pytest.approx([3.5, 7, 21, 182])
    assert need(ones(7, 4), spreads, days, ones(2, 4)).variance[1] == pytest.approx(7 + 4)


def test_a_week_lived_through_by_hand() -> None:
    demand = np.array([[0.0, 2, 1, 2, 0, 3, 0, 1]])
    came = simulate(
        demand,
        lambda _day, _sold, _shut: (ones(3), ones(4)),
        np.array([1]),
        Leads(ones(2), ones(0)),
        begin=1,
        warm_up=0,
    )
    # Left in the evening: 2, 1, then 1 of 2 is missed; 2 and 1 come, 3 more are there on the fifth day, of which all go.
    assert came.stock[0] * 7 == pytest.approx(2 + 1 + 1 + 2 + 1 + 1 + 3)
    assert came.lost[0] == 0
    assert came.stock_out[0] == 0


def test_what_is_missing_is_lost_and_counted() -> None:
    came = simulate(
        np.array([[3.0, 3, 3, 3]]),
        lambda _day, _sold, _shut: (ones(3), ones(4)),
        np.array([1]),
        Leads(ones(1), ones(0)),
        begin=0,
        warm_up=0,
    )
    assert (came.stock_out[0], came.lost[0]) == (0.0, 0.0)
    late = simulate(
        np.array([[3.0, 3, 3, 3]]),
        lambda _day, _sold, _shut: (ones(3), ones(4)),
        np.array([1]),
        Leads(ones(3), ones(0)),
        begin=0,
        warm_up=0,
    )
    assert late.stock_out[0] == pytest.approx(0.75)
    assert late.lost[0] == 2 + 3 + 0


def test_a_level_tuned_on_the_past_keeps_the_stock_out_rate_of_the_future() -> None:
    random = np.random.default_rng(7)
    skus, days = 300, 7 * 60
    rates = random.gamma(1.5, 1.0, skus)
    demand = np.floor(random.gamma(0.5, 2 * rates[:, None], (skus, days)))
    past = demand[:, : 7 * 40]
    weeks = by_week(past, np.zeros_like(past), np.zeros(skus, dtype=np.int64))
    said = forecast(weeks, np.zeros(skus, dtype=np.int64))
    wrong, leads, review = spread(weeks, said), Leads(ones(7, skus), ones(2, skus)), np.full(skus, 7)
    curve = curve_of(past, said.said(1), wrong, review, leads)
    assert [rate for _, rate in curve] == sorted((rate for _, rate in curve), reverse=True)
    level = level_for(curve, 0.05)
    assert 0.5 < level < 0.9999

    up_to = need(said.weekly[:, 0], wrong, ones(14, skus), leads.sd).quantile(level)
    came = simulate(
        demand, lambda _day, _sold, _shut: (up_to - 1, up_to), review, leads, begin=7 * 40, warm_up=14, seed=9
    )
    assert 0.2 * AIM * 0.05 < came.stock_out.mean() < 0.05


def test_when_no_level_suffices_the_highest_is_taken() -> None:
    assert level_for([(0.9, 0.2), (0.99, 0.1)], 0.03) == 0.99
