"""This is where a licence is in force for just the days it says, and says in time that they end. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.fields import Faults
from services.catalog.merchants.licences import Licence, LicenceState, Review, new_licence
from services.catalog.merchants.papers import Days, Paper, check_paper
from services.catalog.merchants.points import Penalty, Standing, Thresholds, a_year_after, counting
from services.catalog.merchants.qualifications import lacks

SHANGHAI = Days(ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in Shanghai


def licence(*categories: str, review: Review = Review.ACCEPTED, **paper: Any) -> Licence:
    made = new_licence(Paper("food", "N1", categories=list(categories or ["*"]), **paper), SHANGHAI, NOW, "stf_1")
    made.review = review
    return made


def test_the_last_day_counts_to_its_end_where_the_shop_is() -> None:
    last = licence(valid_until="2026-11-22")
    assert last.in_force(datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    assert not last.in_force(datetime(2026, 11, 22, 16, tzinfo=UTC))  # midnight in Shanghai


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (licence(), LicenceState.VALID),
        (licence(valid_until="2027-11-22"), LicenceState.VALID),
        (licence(valid_until="2026-12-20"), LicenceState.EXPIRING),
        (licence(valid_until="2026-11-21"), LicenceState.EXPIRED),
        (licence(valid_from="2026-11-23"), LicenceState.PENDING),
        (licence(valid_from="2026-11-22"), LicenceState.VALID),
        (licence(review=Review.PENDING), LicenceState.PENDING),
        (licence(review=Review.REVOKED), LicenceState.REVOKED),
    ],
)
def test_its_state_is_what_the_day_and_the_review_make_it(made: Licence, state: LicenceState) -> None:
    assert made.state(NOW) is state


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_each_reminder_comes_once_and_the_end_comes_whatever_days_are_looked_at(days: list[int]) -> None:
    """However seldom somebody looks: no reminder twice, none after a tighter one, and the end is never missed."""
    made, now, said = licence(valid_until="2027-03-01"), NOW, list[int]()
    for step in days:
        now += timedelta(days=step)
        if (due := made.due(now)) is not None:
            made.reminded = due
            said.append(due)
        following = made.due_next()
        assert following is None or following > now
    assert said == sorted(set(said), reverse=True)
    assert (0 in said) == made.ended(now)


def test_looked_at_daily_it_reminds_30_7_and_1_days_before() -> None:
    made, said = licence(valid_until="2027-01-31"), dict[str, int]()
    for day in range(100):
        now = NOW + timedelta(days=day)
        if (due := made.due(now)) is not None:
            made.reminded, said[now.date().isoformat()] = due, due
    # Its end is midnight in Shanghai: 2027-01-31T16:00Z.
    assert said == {"2027-01-02": 30, "2027-01-25": 7, "2027-01-31": 1, "2027-02-01": 0}


def test_of_one_that_was_replaced_only_the_end_is_minded() -> None:
    made = licence(valid_until="2026-11-25")
    made.replaced = True
    assert made.due(NOW) is None
    assert made.due(NOW + timedelta(days=5)) == 0


LINE = ["snacks", "food", "goods"]


@pytest.mark.parametrize(
    ("licences", "code"),
    [
        ([], "QUALIFICATION_MISSING"),
        ([licence("food")], None),
        ([licence("snacks")], None),
        ([licence("*")], None),
        ([licence("toys")], "OUTSIDE_SCOPE"),
        ([licence("food", valid_until="2026-11-21")], "LICENCE_EXPIRED"),
        ([licence("food", valid_until="2026-11-21"), licence("goods")], None),
        ([licence("food", valid_until="2026-11-21"), licence("toys")], "LICENCE_EXPIRED"),
        ([licence("food", review=Review.PENDING)], "QUALIFICATION_MISSING"),
        ([licence("food", review=Review.REVOKED)], "QUALIFICATION_MISSING"),
        ([licence("food", valid_from="2026-11-23")], "QUALIFICATION_MISSING"),
    ],
)
def test_a_category_is_covered_by_a_licence_in_force_for_it_or_for_one_above(
    licences: list[Licence], code: str | None
) -> None:
    finding = lacks(licences, "food", LINE, NOW)
    assert (finding.code if finding else None) == code
    if finding:
        assert finding.pointer == "/category"
        assert "food business permit" in finding.en
        assert "食品经营许可证" in finding.zh
        assert finding.suggestion


@pytest.mark.parametrize(
    ("paper", "pointer"),
    [
        (Paper("magic", "N"), "/p/kind"),
        (Paper("food", ""), "/p/number"),
        (Paper("food", "N", valid_until="2026-02-30"), "/p/valid_until"),
        (Paper("food", "N", valid_until="20261231"), "/p/valid_until"),
        (Paper("food", "N", valid_from="2027-01-02", valid_until="2027-01-01"), "/p/valid_until"),
        (Paper("food", "N", valid_until="2026-11-21"), "/p/valid_until"),
        (Paper("food", "N", document="http://"), "/p/document"),
        (Paper("food", "N", document="two words"), "/p/document"),
    ],
)
def test_what_is_wrong_with_a_paper_is_pointed_at(paper: Paper, pointer: str) -> None:
    faults = Faults()
    check_paper(faults, "/p", paper, SHANGHAI, NOW)
    assert [error.pointer for error in faults.errors] == [pointer]


def _points(points: int, at: datetime, *, revoked: bool = False) -> Penalty:
    penalty = Penalty("pen", points, "other", "e", "", at, a_year_after(at), "stf_1", "r", b"")
    penalty.revoked = revoked
    return penalty


def test_points_count_for_twelve_months_unless_they_are_taken_back() -> None:
    penalties = [
        _points(1, NOW),
        _points(2, NOW - timedelta(days=364)),
        _points(4, NOW - timedelta(days=365)),
        _points(8, NOW, revoked=True),
    ]
    assert counting(penalties, NOW) == 3


def test_a_year_after_a_leap_day_is_the_28th() -> None:
    assert a_year_after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)


@given(st.integers(0, 100), st.integers(0, 100))
def test_more_points_never_make_a_better_standing(points: int, more: int) -> None:
    order = [Standing.ACTIVE, Standing.WARNED, Standing.SUSPENDED]
    standing = Thresholds(12, 24, 48).standing
    assert order.index(standing(points)) <= order.index(standing(points + more))
