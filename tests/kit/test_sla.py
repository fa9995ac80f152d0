"""This is where the clocks of service levels are held against counting minute by minute, also where time zones jump."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.calendars import Calendar, NeverOpen, Span
from services.kit.sla import Policy, SlaClock, Terms, begun, paused, resumed, spent, stopped, struck, under

MINUTE = timedelta(minutes=1)
# Weekends in which clocks change (Lord Howe by half an hour, Beirut and Havana at midnight), and a plain one in Shanghai.
WEEKENDS = [
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 3, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 9, 26, 3, tzinfo=UTC)),
]
OFFICE = [[Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60)]] * 5 + [[], []]


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Up to three spans of a day that do not touch."""
    cuts = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]


@st.composite
def situations(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar somewhere, and a moment on a weekend there."""
    zone, noon = draw(st.sampled_from(WEEKENDS))
    start = noon + draw(st.integers(-600, 1200)) * MINUTE
    week = draw(st.lists(spans(), min_size=7, max_size=7))
    days = [(noon + timedelta(days=n)).date().isoformat() for n in range(3)]
    special = draw(st.dictionaries(st.sampled_from(days), spans(), max_size=2))
    return Calendar(zone, week, special), start


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """What somebody who looks at a clock on the wall would say."""
    local = moment.astimezone(ZoneInfo(calendar.zone))
    today = calendar.special.get(local.date().isoformat(), calendar.week[local.weekday()])
    return any(span.opens <= local.hour * 60 + local.minute < span.closes for span in today)


def minutes(calendar: Calendar, start: datetime, number: int) -> list[bool]:
    """Whether it is open in each minute from `start` on."""
    return [is_open(calendar, start + n * MINUTE) for n in range(number)]


@given(situations(), st.integers(0, 2400))
def test_only_open_time_counts_as_a_clock_on_the_wall_shows_it(at: tuple[Calendar, datetime], length: int) -> None:
    calendar, start = at
    assert calendar.open_between(start, start + length * MINUTE) == sum(minutes(calendar, start, length)) * MINUTE


@given(situations(), st.integers(1, 1500))
def test_a_moment_due_is_the_first_at_which_so_much_open_time_has_gone_by(
    at: tuple[Calendar, datetime], amount: int
) -> None:
    calendar, start = at
    opened = minutes(calendar, start, 3000)
    if sum(opened) < amount:
        return
    gone, until = 0, 0
    while gone < amount:
        gone += opened[until]
        until += 1
    assert calendar.after(start, amount * MINUTE) == start + until * MINUTE


@given(situations(), st.lists(st.tuples(st.sampled_from("pr"), st.integers(0, 700)), max_size=6), st.integers(1, 900))
def test_a_clock_with_pauses_is_due_when_counting_minutes_says_so(
    at: tuple[Calendar, datetime], acts: Sequence[tuple[str, int]], duration: int
) -> None:
    calendar, start = at
    terms = Terms(1, start, {"p": Policy(duration * 60, warn_bp=2500, calendar="c")}, {"c": calendar})
    try:
        clock = begun("p", terms, start)
    except NeverOpen:
        return
    now, runs, gone = start, True, 0
    for act, after in acts:
        gone += sum(minutes(calendar, now, after)) if runs else 0
        now += after * MINUTE
        clock = paused(clock, terms, "waits", now) if act == "p" else resumed(clock, terms, now)
        runs = act == "r"
        assert spent(clock, terms, now) == gone * MINUTE
    assert (clock.due_at is None) is (not runs)
    if runs and clock.due_at and clock.due_at > now:
        assert gone * MINUTE + calendar.open_between(now, clock.due_at) == duration * MINUTE
        warning = clock.next_at
        assert warning and warning <= clock.due_at
        if warning > now:
            warn_s = duration * 60 * 3 // 4
            assert gone * MINUTE + calendar.open_between(now, warning) == timedelta(seconds=warn_s)


def rung(clock: SlaClock, terms: Terms, now: datetime) -> list[tuple[str, int, datetime]]:
    """What it tells."""
    return [(step.kind, step.level, step.at) for step in struck(clock, terms, now)[1]]


MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)  # nine in Shanghai; the first of October is a holiday


def office_terms() -> Terms:
    """Eight office hours, warned two before, escalated one and nine after; a holiday, and a Saturday worked instead."""
    special = {"2026-10-01": [], "2026-10-10": OFFICE[0]}
    policy = Policy(8 * 3600, warn_s=2 * 3600, escalate_s=[3600, 9 * 3600], calendar="office")
    return Terms(1, MONDAY, {"p": policy}, {"office": Calendar("Asia/Shanghai", OFFICE, special)})


def test_it_warns_breaches_and_escalates_in_office_hours_and_each_once() -> None:
    terms = office_terms()
    clock = begun("p", terms, datetime(2026, 9, 30, 6, tzinfo=UTC))  # Wednesday, two in the afternoon: four hours left
    friday = datetime(2026, 10, 2, tzinfo=UTC)
    told = [
        ("warned", 0, friday + timedelta(hours=3)),
        ("breached", 1, friday + timedelta(hours=6)),
        ("breached", 2, friday + timedelta(hours=7)),
        ("breached", 3, datetime(2026, 10, 5, 7, tzinfo=UTC)),
    ]
    assert clock.due_at == told[1][2]
    assert rung(clock, terms, told[0][2] - MINUTE) == []
    assert rung(clock, terms, friday + timedelta(days=9)) == told
    after, _ = struck(clock, terms, told[1][2])
    assert (after.warned_at, after.breached_at, after.next_at) == (told[0][2], told[1][2], told[2][2])
    assert rung(after, terms, told[1][2]) == []
    assert struck(after, terms, friday + timedelta(days=9))[0].next_at is None


def test_a_worked_saturday_counts_and_a_stopped_clock_tells_nothing() -> None:
    terms = office_terms()
    clock = begun("p", terms, datetime(2026, 10, 9, 9, tzinfo=UTC))  # Friday at five: an hour left
    assert clock.due_at == datetime(2026, 10, 10, 9, tzinfo=UTC)
    done = stopped(clock, terms, datetime(2026, 10, 10, 1, 30, tzinfo=UTC))
    assert (done.state, done.spent_ms, done.next_at) == ("stopped", 90 * 60 * 1000, None)
    assert resumed(paused(done, terms, "no", MONDAY), terms, MONDAY) == done == stopped(done, terms, MONDAY)


@pytest.mark.parametrize("hours", [4, 48])
def test_a_changed_policy_keeps_what_is_spent_and_tells_what_is_due_by_it_once(hours: int) -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    old = Terms(1, start, {"p": Policy(24 * 3600, warn_s=4 * 3600)})
    new = Terms(2, start + timedelta(hours=21), {"p": Policy(hours * 3600, warn_s=1 * 3600)})
    clock, first = struck(begun("p", old, start), old, start + timedelta(hours=20))
    assert [step.kind for step in first] == ["warned"]
    moved = under(clock, old, new)
    assert spent(moved, new, new.since) == timedelta(hours=21) and moved.terms == 2
    assert under(moved, old, new) == moved
    later = rung(moved, new, start + timedelta(days=3))
    if hours == 4:  # the warning has been told: the breach is due at once
        assert later == [("breached", 1, new.since)]
    else:
        assert later == [("warned", 0, start + timedelta(hours=47)), ("breached", 1, start + timedelta(hours=48))]
    still = under(paused(clock, old, "waits", start + timedelta(hours=20, minutes=30)), old, new)
    assert still.state == "paused" and still.due_at is None and spent(still, new, MONDAY) == timedelta(hours=20.5)


def test_what_is_never_open_is_never_due() -> None:
    with pytest.raises(NeverOpen):
        Calendar("Asia/Shanghai", [[]] * 7).after(MONDAY, MINUTE)
