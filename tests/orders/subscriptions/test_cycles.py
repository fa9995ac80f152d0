"""This is where it is counted when a subscription is due: at ends of months, in leap years, as clocks change."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.orders.subscriptions.cycles import cycle_at, due_of, months_later

ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))
EVERY = st.sampled_from(["1w", "2w", "12w", "1m", "3m", "12m"])


def test_short_months_and_leap_years() -> None:
    end = date(2024, 1, 31)
    assert [months_later(end, n).isoformat() for n in (1, 2, 3, 13, 25)] == [
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2025-02-28",
        "2026-02-28",
    ]
    assert months_later(date(2024, 2, 29), 48) == date(2028, 2, 29)


def test_it_stays_at_the_same_time_of_day_when_clocks_change() -> None:
    first = datetime(2026, 3, 26, 8, tzinfo=UTC)  # nine o'clock in Berlin, before summer time
    assert due_of(first, "Europe/Berlin", "1w", 2) == datetime(2026, 4, 2, 7, tzinfo=UTC)


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_a_month_later_is_the_same_day_or_the_last(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    last = calendar.monthrange(later.year, later.month)[1]
    assert later.day == min(day.day, last)


@given(MOMENTS, ZONES, EVERY, st.integers(1, 200))
def test_each_is_later_than_the_one_before_and_none_drifts(first: datetime, zone: str, every: str, cycle: int) -> None:
    due, after = due_of(first, zone, every, cycle), due_of(first, zone, every, cycle + 1)
    assert timedelta(days=5) < after - due < timedelta(days=370)
    local, begun = due.astimezone(ZoneInfo(zone)), first.astimezone(ZoneInfo(zone))
    if every.endswith("m"):
        assert local.day in (begun.day, calendar.monthrange(local.year, local.month)[1], begun.day + 1, 1)
    assert due_of(first, zone, every, 1) - first <= timedelta(hours=1)


@given(MOMENTS, ZONES, EVERY, st.integers(1, 30), st.integers(0, 2000))
def test_the_newest_that_is_due(first: datetime, zone: str, every: str, cycle: int, days: int) -> None:
    now = first + timedelta(days=days)
    newest = cycle_at(first, zone, every, cycle, now)
    assert newest >= cycle
    assert due_of(first, zone, every, newest + 1) > now
    assert newest == cycle or due_of(first, zone, every, newest) <= now
