"""This is where it is worked out when a subscription is due: every so many weeks or months, at the same local time. Pure.

Every date is counted from the first, so that a short month shifts none after it: 31 January, 28 February, 31 March.
"""

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EVERY = re.compile(r"(1[0-2]|[1-9])([wm])")  # `2w`: every two weeks, `1m`: every month


def months_later(day: date, months: int) -> date:
    """The same day of the month, or its last."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_of(first: datetime, zone: str, every: str, cycle: int) -> datetime:
    """When cycle 1, 2, 3 … is due (UTC). `first` is the first, `zone` where its time of day counts."""
    steps, place = int(every[:-1]) * (cycle - 1), ZoneInfo(zone)
    local = first.astimezone(place)
    day = local.date() + timedelta(weeks=steps) if every[-1] == "w" else months_later(local.date(), steps)
    return datetime.combine(day, local.timetz().replace(tzinfo=None), place).astimezone(UTC)


def cycle_at(first: datetime, zone: str, every: str, cycle: int, now: datetime) -> int:
    """The newest cycle from `cycle` on that is due by now; `cycle` when none is."""
    while due_of(first, zone, every, cycle + 1) <= now:
        cycle += 1
    return cycle
