"""This is where it is worked out what a price rule does at a moment, and what it must be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.pricing.rules import (
    Cut,
    InvalidPriceRule,
    PriceRule,
    RuleKind,
    Season,
    Step,
    check,
    span_of,
    standing,
)
from services.catalog.pricing.selections import Selection
from services.kit.money import Money

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def yuan(minor: int) -> Money:
    return Money("CNY", minor)


def rule(kind: RuleKind = RuleKind.LIMITED_TIME, **more: object) -> PriceRule:
    """20 % off for two hours from noon, unless said otherwise."""
    parts: dict[str, object] = {
        "id": "prl_1",
        "title": "Two hours",
        "kind": kind,
        "selection": Selection(["A"]),
        "cut": Cut(percent_bp=2_000),
        "steps": [],
        "season": None,
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=2),
        "priority": 0,
        "by": "stf_1",
        "created_at": NOON,
    }
    return PriceRule(**(parts | more))  # type: ignore[arg-type]


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("cut", "left"),
    [
        (Cut(percent_bp=2_000), 799),  # 799.2, in the customer's favour
        (Cut(amount_off=yuan(99)), 900),
        (Cut(price=yuan(500)), 500),
        (Cut(amount_off=yuan(999)), None),  # nothing would be left
        (Cut(price=yuan(999)), None),  # no lower than it is
        (Cut(price=yuan(2_000)), None),
        (Cut(price=Money("EUR", 5)), None),
        (Cut(amount_off=Money("EUR", 5)), None),
    ],
)
def test_a_cut_leaves_a_lower_price_or_does_nothing(cut: Cut, left: int | None) -> None:
    assert cut.of(yuan(999)) == (yuan(left) if left else None)


@given(st.integers(1, 10**12), st.integers(1, 9_999))
def test_a_share_off_is_always_something_off_and_never_all(minor: int, percent_bp: int) -> None:
    left = Cut(percent_bp=percent_bp).of(yuan(minor))
    assert left is None or 0 < left.minor < minor


def test_it_is_in_force_from_its_start_until_its_end() -> None:
    assert [standing(rule(), at(m), 0).cut is not None for m in (-1, 0, 119, 120)] == [False, True, True, False]
    assert [standing(rule(), at(m), 0).due_at for m in (-1, 0, 120)] == [at(0), at(120), None]
    assert standing(rule(open=False), at(1), 0).due_at is None


def test_steps_by_time_say_what_comes_next_and_when() -> None:
    steps = [Step(Cut(price=yuan(p)), after_minutes=m) for m, p in ((0, 500), (30, 700), (60, 600), (180, 100))]
    sale = rule(RuleKind.FLASH_STEPS, cut=None, steps=steps)
    prices = [(standing(sale, at(m), 0).cut or Cut()).price for m in (0, 29, 30, 59, 60, 119)]
    assert prices == [yuan(p) for p in (500, 500, 700, 700, 600, 600)]  # up and down
    before = standing(sale, at(30), 0)
    assert before.due_at == at(60)
    assert before.next_step and (before.next_step.at, before.next_step.cut.price) == (at(60), yuan(600))
    last = standing(sale, at(60), 0)
    assert (last.due_at, last.next_step) == (at(120), None)  # the sale is over before the last step


def test_steps_by_units_go_with_what_is_sold() -> None:
    steps = [Step(Cut(price=yuan(p)), after_units=u) for u, p in ((0, 500), (10, 600), (30, 700))]
    sale = rule(RuleKind.FLASH_STEPS, cut=None, steps=steps)
    stands = [standing(sale, at(1), sold) for sold in (0, 9, 10, 29, 30, 99)]
    assert [s.cut and s.cut.price for s in stands] == [yuan(p) for p in (500, 500, 600, 600, 700, 700)]
    assert [s.next_step and s.next_step.units_left for s in stands] == [10, 1, 20, 1, None, None]
    assert {s.due_at for s in stands} == {at(120)}


def test_a_season_comes_every_year_and_may_run_over_new_year() -> None:
    season = Season("12-26", "02-15", 480)
    winter = rule(RuleKind.SEASONAL, season=season, starts_at=datetime(2025, 1, 1, tzinfo=UTC), ends_at=None)
    running = span_of(winter, datetime(2026, 1, 15, tzinfo=UTC))
    assert running is not None
    assert running.begins == datetime(2025, 12, 25, 16, tzinfo=UTC)  # midnight in China
    assert running.ends == datetime(2026, 2, 15, 16, tzinfo=UTC)  # the last day is included
    coming = standing(winter, NOON, 0)
    assert (coming.cut, coming.due_at) == (None, datetime(2026, 12, 25, 16, tzinfo=UTC))
    first = span_of(winter, datetime(2025, 1, 1, tzinfo=UTC))
    assert first is not None and first.begins == datetime(2025, 1, 1, tzinfo=UTC)  # no sooner than it was made for
    winter.ends_at = datetime(2026, 6, 1, tzinfo=UTC)
    assert standing(winter, NOON, 0).due_at is None


def test_a_season_of_one_leap_day_comes_in_every_year() -> None:
    day = rule(RuleKind.SEASONAL, season=Season("02-29", "02-29"), starts_at=NOON - timedelta(400), ends_at=None)
    spans = [span_of(day, datetime(year, 2, 1, tzinfo=UTC)) for year in (2027, 2028)]
    assert [span.begins.day for span in spans if span] == [28, 29]


@given(st.integers(-500, 500), st.integers(0, 100), st.integers(0, 40), st.data())
def test_between_two_due_moments_nothing_changes(minutes: int, sold: int, gap: int, data: st.DataObject) -> None:
    """What is looked at only when it is due misses nothing."""
    marks = sorted(data.draw(st.sets(st.integers(0, 300), min_size=1, max_size=5)))
    steps = [Step(Cut(price=yuan(m + 1)), after_minutes=m) for m in marks]
    sale = rule(RuleKind.FLASH_STEPS, cut=None, steps=steps)
    now, later = at(minutes), at(minutes + gap)
    stands = standing(sale, now, sold)
    if stands.due_at is None or later < stands.due_at:
        assert standing(sale, later, sold).cut == stands.cut


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (rule(title=""), "/title"),
        (rule(selection=Selection()), "/skus"),
        (rule(selection=Selection(["a b"])), "/skus/0"),
        (rule(ends_at=NOON), "/ends_at"),
        (rule(ends_at=None), "/ends_at"),
        (rule(cut=None), "/percent_bp"),
        (rule(cut=Cut(percent_bp=10, price=yuan(1))), "/percent_bp"),
        (rule(cut=Cut(percent_bp=10_000)), "/percent_bp"),
        (rule(cut=Cut(amount_off=yuan(-5))), "/amount_off/minor"),
        (rule(priority=10_000), "/priority"),
        (rule(season=Season("01-01", "01-02")), "/season"),
        (rule(RuleKind.SEASONAL), "/season"),
        (rule(RuleKind.SEASONAL, season=Season("02-30", "03-01")), "/season/first_day"),
        (rule(RuleKind.FLASH_STEPS), "/steps"),
        (rule(RuleKind.FLASH_STEPS, cut=None), "/steps"),
        (
            rule(RuleKind.FLASH_STEPS, cut=None, steps=[Step(Cut(percent_bp=1), 5), Step(Cut(percent_bp=2), 5)]),
            "/steps/1",
        ),
        (rule(RuleKind.FLASH_STEPS, cut=None, steps=[Step(Cut(percent_bp=1), 1, 1)]), "/steps"),
        (rule(RuleKind.FLASH_STEPS, cut=None, steps=[Step(Cut(), after_units=1)]), "/steps/0/percent_bp"),
        (rule(steps=[Step(Cut(percent_bp=1), after_units=1)]), "/steps"),
    ],
)
def test_what_is_wrong_with_a_rule_is_pointed_at(wrong: PriceRule, pointer: str) -> None:
    with pytest.raises(InvalidPriceRule) as refused:
        check(wrong)
    assert pointer in [error.pointer for error in refused.value.errors]
