"""This is where the time is read, so that a test can set it. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time, aware, in UTC, to the millisecond (what MongoDB keeps)."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now."""
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SettableClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or SystemClock().now()

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    def advance(self, **delta: float) -> None:
        """Moves it by a `timedelta(**delta)`."""
        self.at += timedelta(**delta)


def rfc3339(moment: datetime | None) -> str:
    """`2026-11-22T08:00:00.123Z`; empty for None."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else ""


def parse_time(text: str) -> datetime | None:
    """The moment an RFC 3339 text names; None for an empty one. Raises ValueError for anything else, or without a zone."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)
