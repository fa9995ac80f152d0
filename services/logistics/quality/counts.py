"""This is where it is counted, a SKU and day, how many units left and how many were complained of (L13).

A day's document knows whom it has counted lately, so that what is told twice counts once, in the same write.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.kit.clock import Clock

SHIPPED, COMPLAINTS = "shipped", "complaints"
MOST_DAYS = 90


@dataclass
class SkuDay:
    """A SKU's day; `id` is the SKU and the day."""

    id: str
    at: datetime
    shipped: int = 0
    complaints: int = 0
    seen: list[str] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """So many units of a SKU, known by a key of its own."""

    sku: str
    day: date
    what: str
    units: int
    key: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of a window."""

    shipped: int = 0
    complaints: int = 0

    def above(self, percent: float) -> bool:
        """Whether more than so many of a hundred were complained of."""
        return self.complaints * 100 > percent * self.shipped


CountDays = Callable[[Sequence[Seen], datetime], Awaitable[None]]
"""Counts each in its day's document, once, in the same write that remembers it."""
SumDays = Callable[[Sequence[str]], Awaitable[Rate]]
"""The sum of these days."""


class Counts:
    """Counts."""

    def __init__(self, count: CountDays, add_up: SumDays, clock: Clock) -> None:
        self._count, self._add_up, self._clock = count, add_up, clock

    async def count(self, seen: Sequence[Seen]) -> None:
        """Counts each once."""
        if seen:
            await self._count(seen, self._clock.now())

    async def rate(self, sku: str, days: int) -> Rate:
        """Of the last so many days."""
        today = self._clock.now().date()
        return await self._add_up([day_key(sku, today - timedelta(ago)) for ago in range(min(days, MOST_DAYS))])


def day_key(sku: str, day: date) -> str:
    """The id of a SKU's day."""
    return f"{sku}|{day.isoformat()}"
