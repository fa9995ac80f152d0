"""This is where it is held when a shop is open."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.storefront.hours import Holiday, Span, Weekday, fault_of, is_zone, opening, overlap

SHANGHAI = "Asia/Shanghai"
WORKDAYS = [Weekday(day, [Span("09:00", "12:00"), Span("13:30", "18:00")]) for day in range(1, 6)]


def _at(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "changes"),
    [
        ("2026-11-23T08:59", False, "2026-11-23T09:00"),  # a Monday
        ("2026-11-23T09:00", True, "2026-11-23T12:00"),
        ("2026-11-23T12:00", False, "2026-11-23T13:30"),
        ("2026-11-23T17:59", True, "2026-11-23T18:00"),
        ("2026-11-27T18:00", False, "2026-11-30T09:00"),  # Friday evening to Monday
    ],
)
def test_it_is_open_in_its_spans_and_says_when_that_changes(now: str, is_open: bool, changes: str) -> None:
    found = opening(WORKDAYS, [], SHANGHAI, _at(now))
    assert (found.open_now, found.changes_at) == (is_open, _at(changes))


def test_a_holiday_is_not_as_its_weekday() -> None:
    holidays = [Holiday("2026-11-23", "Inventory"), Holiday("2026-11-28", "Sale", [Span("10:00", "11:00")])]
    assert not opening(WORKDAYS, holidays, SHANGHAI, _at("2026-11-23T10:00")).open_now
    assert opening(WORKDAYS, holidays, SHANGHAI, _at("2026-11-28T10:30")).open_now  # a Saturday


def test_a_night_belongs_to_the_day_it_began() -> None:
    nights = [Weekday(5, [Span("20:00", "02:00")])]
    found = opening(nights, [], SHANGHAI, _at("2026-11-28T01:59"))
    assert (found.open_now, found.changes_at) == (True, _at("2026-11-28T02:00"))
    assert not opening(nights, [], SHANGHAI, _at("2026-11-29T01:00")).open_now


def test_spans_that_meet_at_midnight_are_one_and_round_the_clock_never_changes() -> None:
    weekend = [Weekday(6, [Span("09:00", "24:00")]), Weekday(7, [Span("00:00", "12:00")])]
    assert opening(weekend, [], SHANGHAI, _at("2026-11-28T10:00")).changes_at == _at("2026-11-29T12:00")
    always = [Weekday(day, [Span("00:00", "24:00")]) for day in range(1, 8)]
    found = opening(always, [], SHANGHAI, _at("2026-11-28T10:00"))
    assert (found.open_now, found.changes_at) == (True, None)
    assert opening([], [], SHANGHAI, _at("2026-11-28T10:00")).changes_at is None


def test_the_clocks_of_the_shop_count_when_they_are_put_back() -> None:
    sundays = [Weekday(7, [Span("09:00", "17:00")])]
    early = datetime(2026, 10, 25, 8, 59, tzinfo=UTC)  # in London the clocks went back that night
    assert opening(sundays, [], "Europe/London", early).changes_at == early + timedelta(minutes=1)
    summer = datetime(2026, 10, 18, 8, 0, tzinfo=UTC)
    assert opening(sundays, [], "Europe/London", summer).open_now


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))
def test_it_is_as_it_says_until_the_moment_it_names(now: datetime) -> None:
    moment = now.replace(tzinfo=UTC)
    found = opening(WORKDAYS, [], "America/New_York", moment)
    assert found.changes_at is not None and found.changes_at > moment
    second = timedelta(seconds=1)
    assert opening(WORKDAYS, [], "America/New_York", found.changes_at - second).open_now == found.open_now
    assert opening(WORKDAYS, [], "America/New_York", found.changes_at).open_now != found.open_now


def test_what_is_no_span_or_zone_is_told() -> None:
    assert fault_of(Span("9:00", "12:00")) and fault_of(Span("09:00", "25:00")) and fault_of(Span("09:00", "09:00"))
    assert not fault_of(Span("09:00", "24:00")) and not fault_of(Span("20:00", "02:00"))
    assert overlap([Span("09:00", "12:00"), Span("11:00", "13:00")])
    assert overlap([Span("20:00", "02:00"), Span("21:00", "22:00")])
    assert not overlap([Span("13:00", "18:00"), Span("09:00", "13:00")])
    assert is_zone(SHANGHAI)
    assert not any(is_zone(name) for name in ("", "Asia/Nowhere", "../etc/passwd", "/etc/passwd"))
