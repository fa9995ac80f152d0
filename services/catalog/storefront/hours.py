"""This is where it is worked out whether the shop is open: spans of a day, past midnight, holidays, zones. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_AHEAD = 14
_MIDNIGHT = "24:00"


@dataclass
class Span:
    """From `opens` to `closes`, `HH:MM`; `closes` up to `24:00`, and on the next day when it is not after `opens`."""

    opens: str
    closes: str


@dataclass
class Weekday:
    """The hours of a weekday, 1 for Monday to 7 for Sunday; without spans it is closed."""

    weekday: int
    spans: list[Span] = field(default_factory=list)


@dataclass
class Holiday:
    """A day (`YYYY-MM-DD`) that is not as its weekday; without spans it is closed."""

    day: str
    name: str
    spans: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open, and when that changes; None when not within two weeks."""

    open_now: bool
    changes_at: datetime | None


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def fault_of(span: Span) -> str:
    """What is wrong with a span; empty when nothing is."""
    if not _CLOCK.fullmatch(span.opens) or not (_CLOCK.fullmatch(span.closes) or span.closes == _MIDNIGHT):
        return "must be HH:MM"
    return "must not be empty" if span.opens == span.closes else ""


def overlap(spans: Sequence[Span]) -> bool:
    """Whether two spans of one day meet."""
    times = sorted((span.opens, span.closes if span.closes > span.opens else "48:00") for span in spans)
    return any(later[0] < earlier[1] for earlier, later in pairwise(times))


def opening(hours: Sequence[Weekday], holidays: Sequence[Holiday], time_zone: str, now: datetime) -> Opening:
    """Whether it is open at `now`."""
    zone = ZoneInfo(time_zone)
    usual = {each.weekday: each.spans for each in hours}
    apart = {each.day: each.spans for each in holidays}
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(-1, _AHEAD + 1)]
    spans = _joined([moment for day in days for moment in _moments(day, usual, apart, zone)])
    horizon = datetime.combine(days[-1], time(), zone).astimezone(UTC)
    for begin, end in spans:
        if begin <= now < end:
            return Opening(True, end if end <= horizon else None)
        if begin > now:
            return Opening(False, begin)
    return Opening(False, None)


def _moments(
    day: date, usual: Mapping[int, Sequence[Span]], apart: Mapping[str, Sequence[Span]], zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    spans = apart.get(day.isoformat(), usual.get(day.isoweekday(), ()))
    return [
        (_at(day, span.opens, zone), _at(day + timedelta(days=span.closes <= span.opens), span.closes, zone))
        for span in spans
    ]


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == _MIDNIGHT:
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
