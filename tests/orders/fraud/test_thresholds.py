"""This is where thresholds are held to their formula: small steps, within bounds, towards the target."""

import random
from math import exp, log

from hypothesis import given
from hypothesis import strategies as st

from services.orders.fraud.thresholds import BLOCK_BP, GAP, REVIEW_BP, STEP, Lost, Thresholds, logit, moved

ROUNDING = 0.011  # of a basis point, in log-odds, where one is worth most
START = Thresholds(1_000, 6_000)
thresholds = st.builds(Thresholds, st.integers(*REVIEW_BP), st.integers(*BLOCK_BP)).filter(
    lambda t: logit(t.block_at_bp) - logit(t.review_at_bp) >= GAP
)


def lost(ppm: int, orders: int = 1_000, currency: str = "CNY") -> Lost:
    return Lost(currency, ppm * 1_000, 1_000_000_000, orders)


@given(
    thresholds,
    st.lists(st.builds(lost, st.integers(0, 1_000_000), st.integers(0, 10_000)), max_size=3),
    st.integers(1, 100_000),
    st.floats(0, 1e6),
    st.integers(1, 10_000),
)
def test_steps_are_small_and_end_within_bounds(
    at: Thresholds, losses: list[Lost], target: int, reviews: float, capacity: int
) -> None:
    then, why = moved(at, losses, target, reviews, capacity)
    assert why
    assert REVIEW_BP[0] <= then.review_at_bp <= REVIEW_BP[1]
    assert BLOCK_BP[0] <= then.block_at_bp <= BLOCK_BP[1]
    assert abs(logit(then.block_at_bp) - logit(at.block_at_bp)) <= STEP + ROUNDING
    # A block that comes down may push the review before it, never by more than its own step.
    assert abs(logit(then.review_at_bp) - logit(at.review_at_bp)) <= STEP + ROUNDING
    assert logit(then.block_at_bp) - logit(then.review_at_bp) >= GAP - 2 * ROUNDING


def test_more_lost_is_stricter_less_lost_is_kinder() -> None:
    strict, _ = moved(START, [lost(2_000)], 1_000, 5, 50)
    kind, _ = moved(START, [lost(200)], 1_000, 5, 50)
    just, why = moved(START, [lost(1_000)], 1_000, 5, 50)
    assert strict.review_at_bp < START.review_at_bp and strict.block_at_bp < START.block_at_bp
    assert kind.review_at_bp > START.review_at_bp and kind.block_at_bp > START.block_at_bp
    assert just == START and "1000 ppm lost, target 1000" in why


def test_the_formula_to_the_basis_point() -> None:
    then, _ = moved(START, [lost(1_500)], 1_000, 5, 50)
    step = 0.25 * log(1.5)
    expected = [round(10_000 / (1 + exp(-(logit(bp) - step)))) for bp in (1_000, 6_000)]
    assert [then.review_at_bp, then.block_at_bp] == expected


def test_staff_who_cannot_follow_get_less_to_look_at_whatever_is_lost() -> None:
    then, why = moved(START, [lost(50_000)], 1_000, 100, 50)
    assert then.review_at_bp > START.review_at_bp and then.block_at_bp < START.block_at_bp
    assert "hold less" in why


def test_the_worst_currency_decides_and_a_handful_of_orders_says_nothing() -> None:
    few = [lost(1_000_000, orders=99)]
    assert moved(START, few, 1_000, 0, 50)[0] == START
    then, why = moved(START, [lost(0), lost(3_000, currency="USD"), *few], 1_000, 0, 50)
    assert why.startswith("USD") and then.block_at_bp < START.block_at_bp
    assert Lost("CNY", 5, 0, 100).ppm == 1_000_000 and Lost("CNY", 0, 0, 100).ppm == 0


def test_from_any_start_the_loss_comes_down_to_the_target_and_stays() -> None:
    """A shop in which one order in a hundred is fraud, scored as well as a model scores: what passes is lost."""
    chance = random.Random(7)
    orders = [(chance.gauss(-4.5, 1.2), False) for _ in range(1_980)] + [
        (chance.gauss(1.5, 1.4), True) for _ in range(20)
    ]
    for at in (Thresholds(5_000, 9_900), Thresholds(100, 2_000), START):
        for _day in range(40):
            passed = [fraud for odds, fraud in orders if odds < logit(at.review_at_bp)]
            held = sum(logit(at.review_at_bp) <= odds < logit(at.block_at_bp) for odds, _ in orders) / 10
            ppm = round(1_000_000 * sum(passed) / max(1, len(passed)))
            at, _ = moved(at, [lost(ppm, len(passed))], 1_000, held, 50)
        assert ppm <= 1_500 and held <= 75, (at, ppm, held)
