"""This is where the shop's calendar is held to the wall clock of its zone."""

from datetime import UTC, date, datetime

import pytest

from services.metrics.days import Calendar, InvalidRange, Span, parse_span, review_span
from tests.house import House
from tests.metrics.story import ask, did, line, paid, record, start, told

SHANGHAI, NEW_YORK, KOLKATA = map(Calendar.of, ("Asia/Shanghai", "America/New_York", "Asia/Kolkata"))


def utc(text: str) -> datetime:
    """A moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_day_begins_at_local_midnight() -> None:
    assert SHANGHAI.day(utc("2026-11-18T15:59:59.999")) == date(2026, 11, 18)
    assert SHANGHAI.day(utc("2026-11-18T16:00")) == date(2026, 11, 19)
    assert SHANGHAI.start(date(2026, 11, 19)) == utc("2026-11-18T16:00")


def test_a_day_of_summer_time_has_23_or_25_hours() -> None:
    assert len(NEW_YORK.buckets(Span(date(2026, 3, 8), date(2026, 3, 8)), "hour")) == 23
    assert len(NEW_YORK.buckets(Span(date(2026, 11, 1), date(2026, 11, 1)), "hour")) == 25


def test_hours_are_whole_by_the_wall_clock() -> None:
    span = Span(date(2026, 1, 1), date(2026, 1, 1))
    assert KOLKATA.bucket(utc("2026-01-01T06:00"), "hour", span) == utc("2026-01-01T05:30")


def test_weeks_begin_on_monday_and_are_cut_to_the_range() -> None:
    span = Span(date(2026, 11, 18), date(2026, 11, 24))
    assert SHANGHAI.buckets(span, "week") == [
        (SHANGHAI.start(date(2026, 11, 16)), SHANGHAI.start(date(2026, 11, 23))),
        (SHANGHAI.start(date(2026, 11, 23)), SHANGHAI.start(date(2026, 11, 25))),
    ]


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("day", "2026-12-31", "2026-12-31", "2026-12-31"),
        ("week", "2027-01-01", "2026-12-28", "2027-01-03"),
        ("week", "2026-11-16", "2026-11-16", "2026-11-22"),
        ("month", "2028-02-29", "2028-02-01", "2028-02-29"),
        ("month", "2026-12-31", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_review_is_of_the_whole_period(period: str, day: str, first: str, last: str) -> None:
    assert review_span(period, date.fromisoformat(day)) == Span(date.fromisoformat(first), date.fromisoformat(last))


def test_a_range_is_at_most_400_days() -> None:
    assert parse_span("2025-10-15", "2026-11-18", date(2026, 11, 18)).first == date(2025, 10, 15)
    with pytest.raises(InvalidRange):
        parse_span("2025-10-14", "2026-11-18", date(2026, 11, 18))


async def test_an_order_before_midnight_counts_before_midnight(house: House) -> None:
    """Hours, days, weeks and months, the database's against the calendar's: a month, a week and a year end here."""
    moments = ["2026-11-30T15:59:59Z", "2026-11-30T16:00:00Z", "2026-12-31T15:59:59Z", "2026-12-31T16:00:00Z"]
    metrics = await start(house)
    await told(house, [paid(f"ord_{n}", [line("a-1", 1, 10**n)], when) for n, when in enumerate(moments)])
    range_ = {"from_day": "2026-11-30", "to_day": "2027-01-01"}

    async def sold(grain: str, **other: str) -> dict[str, float]:
        answer = await ask(metrics, "gmv", **(range_ | {"grain": grain} | other))
        return {point.at: point.value for point in answer.points if point.value}

    assert await sold("day") == {
        "2026-11-29T16:00:00.000Z": 1,
        "2026-11-30T16:00:00.000Z": 10,
        "2026-12-30T16:00:00.000Z": 100,
        "2026-12-31T16:00:00.000Z": 1000,
    }
    assert await sold("week") == {"2026-11-29T16:00:00.000Z": 11, "2026-12-27T16:00:00.000Z": 1100}
    assert await sold("month") == {
        "2026-10-31T16:00:00.000Z": 1,
        "2026-11-30T16:00:00.000Z": 110,
        "2026-12-31T16:00:00.000Z": 1000,
    }
    assert await sold("total") == {"2026-11-29T16:00:00.000Z": 1111}
    hours = await sold("hour", to_day="2026-12-01")
    assert hours == {"2026-11-30T15:00:00.000Z": 1, "2026-11-30T16:00:00.000Z": 10}


async def test_the_zone_is_a_setting(house: House) -> None:
    metrics = await start(house, shop_timezone="America/New_York")
    await told(house, [paid("ord_1", [line("a-1", 1, 100)], "2026-11-18T04:59:59Z")])
    await record(metrics, did("page_view", "v1", at="2026-11-18T05:00:00Z"))
    assert [p.value for p in (await ask(metrics, "orders", from_day="2026-11-17", to_day="2026-11-18")).points] == [
        1,
        0,
    ]
    assert [p.value for p in (await ask(metrics, "uv", from_day="2026-11-17", to_day="2026-11-18")).points] == [0, 1]
