"""This is where forecasts are held to hand-made sums, to what was sold while the shelf was empty, and to real sales."""

import time

import numpy as np
import pytest

from services.catalog.supply.forecasting import (
    ALPHAS,
    WARM_UP,
    Floats,
    Weeks,
    by_week,
    forecast,
    season,
    ses_path,
    shrunk,
    spread,
    tsb_path,
)
from services.catalog.supply.levels import Need
from services.catalog.supply.trials import PARTS, TRIALS, tried
from tests.catalog.supply.retail import retail

ONE_CATEGORY = np.zeros(1, dtype=np.int64)


def weeks_of(*rows: list[float], open_: list[list[float]] | None = None) -> Weeks:
    rate = np.array(rows, dtype=float)
    return Weeks(rate, np.array(open_, dtype=float) if open_ else np.ones_like(rate))


def smoothed(rates: list[float], opens: list[float], start: float) -> list[float]:
    """SES with the constant that has erred least so far, as one writes it down for one SKU."""
    levels = dict.fromkeys(ALPHAS, start)
    squares = dict.fromkeys(ALPHAS, 0.0)
    seen, path = 0.0, []
    for rate, share in zip(rates, opens, strict=True):
        for alpha in ALPHAS:
            if seen >= WARM_UP:
                squares[alpha] += share * (rate - levels[alpha]) ** 2
            levels[alpha] += alpha * share * (rate - levels[alpha])
        seen += share
        best = min(ALPHAS, key=lambda alpha: squares[alpha])
        path.append(levels[best])
    return path


def test_smoothing_is_what_a_plain_loop_makes_of_each_sku() -> None:
    random = np.random.default_rng(3)
    rate = random.poisson(5, (40, 30)) * random.integers(0, 2, (40, 30)).astype(float)
    share = random.choice([1.0, 0.5, 0.0], (40, 30), p=[0.7, 0.2, 0.1])
    start = rate[:, :4].mean(1)
    path = ses_path(Weeks(rate, share), start)
    for row in range(40):
        expected = smoothed(rate[row].tolist(), share[row].tolist(), float(start[row]))
        assert path[row].tolist() == pytest.approx(expected)


def test_smoothing_learns_which_constant_suits_whom() -> None:
    jump = [10.0] * 20 + [30.0] * 20
    noise = [10.0 + (-1) ** n * 8 for n in range(40)]
    path = ses_path(weeks_of(jump, noise), np.array([10.0, 10.0]))
    assert path[0, -1] == pytest.approx(30, abs=0.5)
    assert path[1, -1] == pytest.approx(10, abs=1)


def test_tsb_by_hand() -> None:
    path = tsb_path(weeks_of([0, 4, 0, 0, 0, 6, 0, 0, 0, 0]), 0.1, 0.1)
    # It starts from the first eight weeks: two of them sold, five units each time.
    chance, size = 2 / 8, 5.0
    for t, units in enumerate([0, 4, 0, 0, 0, 6, 0, 0, 0, 0]):
        chance += 0.1 * ((units > 0) - chance)
        size += 0.1 * (units - size) if units else 0
        assert path[0, t] == pytest.approx(chance * size)


def test_tsb_fades_when_nothing_is_sold_any_more() -> None:
    path = tsb_path(weeks_of([5.0] * 10 + [0.0] * 30))
    assert path[0, 9] == pytest.approx(5)
    assert path[0, -1] < 0.25


def test_days_without_stock_are_not_days_without_demand() -> None:
    units, shut = np.full((2, 20 * 7), 3.0), np.zeros((2, 20 * 7))
    shut[1, 70:105] = 1  # five weeks with an empty shelf
    shut[1, 105:109] = 1  # and four days of the next
    units[1, shut[1] > 0] = 0
    said = forecast(by_week(units, shut, np.zeros(2, dtype=np.int64)), np.zeros(2, dtype=np.int64))
    assert said.weekly[:, 0].tolist() == pytest.approx([21, 21])
    naive = forecast(by_week(units, np.zeros_like(shut), np.zeros(2, dtype=np.int64)), np.zeros(2, dtype=np.int64))
    assert naive.weekly[1, 0] < 20


def test_what_was_not_on_sale_yet_counts_for_nothing() -> None:
    units = np.zeros((1, 70))
    units[0, 49:] = 2
    assert forecast(by_week(units, np.zeros_like(units), np.array([49])), ONE_CATEGORY).weekly[0, 0] == pytest.approx(
        14
    )


def test_a_new_sku_is_foreseen_as_its_category_and_as_itself_when_it_has_grown_up() -> None:
    rate, share = np.zeros((4, 20)), np.zeros((4, 20))
    rate[0], share[0] = 10, 1
    rate[1], share[1] = 90, 1
    rate[2, -2:], share[2, -2:] = 30, 1  # two weeks old
    weekly = forecast(Weeks(rate, share), np.array([0, 1, 0, 1])).weekly[:, 0]
    old = [10 * 8, 30 * 2]
    assert weekly[0] == pytest.approx(10)
    assert weekly[2] == pytest.approx(0.25 * 30 + 0.75 * sum(old) / 10)
    assert weekly[3] == pytest.approx(90)  # never sold: what its category sells


def seasonal(skus: int, weeks: int) -> tuple[Floats, Floats]:
    """Demand that doubles and halves over the year, and what is to be expected of it."""
    random = np.random.default_rng(5)
    wave = 20 * (1 + 0.6 * np.sin(2 * np.pi * np.arange(weeks + 13) / 52))
    return random.poisson(wave, (skus, weeks + 13)).astype(float), wave


def test_from_two_years_on_the_season_is_foreseen() -> None:
    rate, wave = seasonal(60, 130)
    past = Weeks(rate[:, :130], np.ones((60, 130)))
    with_season = forecast(past, np.zeros(60, dtype=np.int64)).weekly
    young = Weeks(rate[:, 30:130], np.ones((60, 100)))
    assert (season(young) == 1).all()
    without = forecast(young, np.zeros(60, dtype=np.int64)).weekly
    actual = wave[130:143]
    assert np.abs(with_season.mean(0) - actual).sum() < 0.5 * np.abs(without.mean(0) - actual).sum()


def test_variances_are_drawn_to_the_law_the_less_the_more_is_known() -> None:
    mean = np.geomspace(1, 1000, 200)
    law = 2 * mean**1.5
    own = law.copy()
    own[50] *= 10
    few = shrunk(mean, own, np.full(200, 2.0))
    many = shrunk(mean, own, np.full(200, 200.0))
    assert few[120] == pytest.approx(law[120], rel=0.05)
    assert law[50] < few[50] < many[50] < own[50]


def test_on_real_sales_it_errs_less_than_what_needs_no_thought() -> None:
    real = retail()
    begun = time.process_time()
    weeks = by_week(real.units, np.zeros_like(real.units), (real.units > 0).argmax(1))
    said = forecast(weeks, np.zeros(len(real.skus), dtype=np.int64))
    spread(weeks, said)
    sums = tried(weeks, said).sum(0)
    spent = time.process_time() - begun
    wape = {weeks: dict(zip(PARTS, row / row[0], strict=True)) for (weeks, _), row in zip(TRIALS, sums, strict=True)}
    assert wape[1]["ours"] < 0.85 * wape[1]["naive"]
    assert wape[4]["ours"] < 0.92 * wape[4]["naive"]
    assert wape[13]["ours"] < 0.92 * wape[13]["mean"] and wape[13]["ours"] < 0.65 * wape[13]["last"]
    assert all(row["ours"] < min(1.0, row["mean"]) for row in wape.values())
    assert spent < 1


def test_real_totals_stay_as_often_within_their_quantiles_as_said() -> None:
    real = retail()
    cut = real.units.shape[1] - 49
    since = (real.units[:, :cut] > 0).argmax(1)
    weeks = by_week(real.units[:, :cut], np.zeros((len(real.skus), cut)), since)
    said = forecast(weeks, np.zeros(len(real.skus), dtype=np.int64))
    need = Need(said.weekly[:, :4].sum(1), spread(weeks, said)[:, 2])
    known = said.weeks >= 8
    actual = real.units[known, cut : cut + 28].sum(1)
    covered = float((actual <= np.ceil(need.plain(0.9)[known])).mean())
    assert covered == pytest.approx(0.9, abs=0.03)
