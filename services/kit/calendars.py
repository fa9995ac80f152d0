"""This is where it is known when a business is open: hours of the week in its own time zone, and the days that differ. Pure.

A moment is open when the wall clock there shows a time inside one of that date's spans: an hour the clock is put back
counts twice, an hour it skips not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_FAR = 3 * 366  # days that are looked ahead


class NeverOpen(ValueError):
    """So much open time does not come within three years."""


@dataclass(frozen=True, slots=True)
class Span:
    """Open from a minute of the local day until another: 540 to 720 is nine to twelve, 1440 is midnight."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """`week` has the spans of Monday to Sunday; without any it is open day and night. `special` are dates (`2026-10-01`)
    that have other spans than their weekday: none on a holiday, some on a Sunday that is worked instead (调休)."""

    zone: str = "UTC"
    week: Sequence[Sequence[Span]] = ()
    special: Mapping[str, Sequence[Span]] = field(default_factory=dict)

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open from one moment to another; nothing when they are in the wrong order."""
        if not self.week and not self.special:
            return max(end - start, timedelta())
        total = timedelta()
        for opens, closes in self._opening(start, end):
            total += min(closes, end) - max(opens, start)
        return total

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which it has been open for so long since `start`. Raises `NeverOpen`."""
        if amount <= timedelta() or (not self.week and not self.special):
            return start + max(amount, timedelta())
        left = amount
        for opens, closes in self._opening(start, start + _FAR * _DAY):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        raise NeverOpen(f"not open for {amount} within three years")

    def _opening(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The times it is open that touch this stretch, in order."""
        zone = ZoneInfo(self.zone)
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            for begins, ends, offset in _pieces(self.zone, day):
                midnight = datetime.combine(day, time(), UTC) - offset
                for span in self._spans(day):
                    opens = max(begins, midnight + timedelta(minutes=span.opens))
                    closes = min(ends, midnight + timedelta(minutes=span.closes))
                    if max(opens, start) < min(closes, end):
                        yield opens, closes
            day += _DAY

    def _spans(self, day: date) -> Sequence[Span]:
        usual = self.week[day.weekday()] if self.week else (Span(0, 24 * 60),)
        return self.special.get(day.isoformat(), usual)


@lru_cache(maxsize=4096)
def _pieces(name: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """A local date as stretches of one offset from UTC: two on a day the clocks change."""
    zone = ZoneInfo(name)
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    ends = datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
    first, last = _offset(begins, zone), _offset(ends - timedelta(seconds=1), zone)
    if first == last:
        return ((begins, ends, first),)
    before, after = begins, ends
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (middle, after) if _offset(middle, zone) == first else (before, middle)
    return ((begins, after, first), (after, ends, last))


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
