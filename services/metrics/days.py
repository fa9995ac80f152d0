"""This is where a moment gets its place in the shop's calendar: hour, day, week from Monday, month. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.kit.errors import FieldError, Invalid

GRAINS = ("hour", "day", "week", "month", "total")
MOST_DAYS = 400


class InvalidRange(Invalid):
    """Not two days in order, or more of them than can be shown."""


class InvalidGrain(Invalid):
    """Not a grain."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, the first and the last included."""

    first: date
    last: date

    def before(self, days: int) -> "Span":
        """This span begun `days` days earlier."""
        return Span(self.first - timedelta(days), self.last)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days as the shop lives them; midnight is local, moments are UTC."""

    zone: ZoneInfo

    @classmethod
    def of(cls, name: str) -> "Calendar":
        """The calendar of an IANA time zone; an unknown one is an error at start."""
        return cls(ZoneInfo(name))

    def day(self, moment: datetime) -> date:
        """The day a moment falls on."""
        return moment.astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        """The moment a day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def end(self, day: date) -> datetime:
        """The moment the next day begins."""
        return self.start(day + timedelta(1))

    def bucket(self, moment: datetime, grain: str, span: Span) -> datetime:
        """The start of the grain a moment falls in; of the whole span for `total`."""
        if grain == "total":
            return self.start(span.first)
        if grain == "hour":  # by the wall clock, so that zones of half hours have whole ones
            local = moment.astimezone(self.zone)
            past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return (local - past).astimezone(UTC)
        return self.start(first_day(self.day(moment), grain))

    def buckets(self, span: Span, grain: str) -> list[tuple[datetime, datetime]]:
        """Start and end of every grain of a span, the ends cut to the span; starts are of the whole grain."""
        if grain == "total":
            return [(self.start(span.first), self.end(span.last))]
        if grain == "hour":
            return list(self._hours(span))
        days = [span.first + timedelta(n) for n in range((span.last - span.first).days + 1)]
        ends: dict[date, date] = {}
        for day in days:
            ends[first_day(day, grain)] = day
        return [(self.start(first), self.end(last)) for first, last in ends.items()]

    def _hours(self, span: Span) -> Iterator[tuple[datetime, datetime]]:
        at, end = self.start(span.first), self.end(span.last)
        while at < end:
            yield at, at + timedelta(hours=1)
            at += timedelta(hours=1)


def first_day(day: date, grain: str) -> date:
    """The first day of the day's week (a Monday) or month; the day itself for `day`."""
    if grain == "week":
        return day - timedelta(day.weekday())
    return day.replace(day=1) if grain == "month" else day


def review_span(period: str, day: date) -> Span:
    """The day, the week from Monday, or the calendar month `day` is in."""
    first = first_day(day, period)
    if period == "week":
        return Span(first, first + timedelta(6))
    if period == "month":
        return Span(first, (first + timedelta(31)).replace(day=1) - timedelta(1))
    return Span(first, first)


def parse_day(text: str, default: date, pointer: str) -> date:
    """The day `YYYY-MM-DD` names; `default` for an empty text. Refuses with `InvalidRange`."""
    if not text:
        return default
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not 2000 <= day.year <= 2100:
        raise InvalidRange("a day is YYYY-MM-DD", errors=[FieldError(pointer, "is not a day of this century")])
    return day


def parse_span(from_day: str, to_day: str, today: date) -> Span:
    """The span two texts name, today by default; a lone start ends today, a lone end begins there."""
    last = parse_day(to_day, today, "/to_day")
    first = parse_day(from_day, last if to_day else today, "/from_day")
    if first > last:
        raise InvalidRange("the range ends before it begins", errors=[FieldError("/to_day", "is before from_day")])
    if (last - first).days >= MOST_DAYS:
        raise InvalidRange(f"at most {MOST_DAYS} days", errors=[FieldError("/from_day", "is too long ago")])
    return Span(first, last)


def parse_grain(text: str) -> str:
    """A grain's name; `day` for an empty one. Refuses with `InvalidGrain`."""
    grain = text or "day"
    if grain not in GRAINS:
        raise InvalidGrain(f"a grain is one of {', '.join(GRAINS)}", errors=[FieldError("/grain", "is not a grain")])
    return grain
