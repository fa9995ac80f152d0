"""This is where purchase orders get their numbers: `PO-2026-00042`, each once."""

import contextlib
from dataclasses import dataclass

from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists


@dataclass
class Counter:
    """How many numbers a year has given out. The id is the year."""

    id: str
    last: int = 0
    version: int = 0


class Numbers:
    """Gives out numbers. One that was given out and not used is a gap, which is no fault."""

    def __init__(self, counters: Table[Counter], clock: Clock) -> None:
        self._counters, self._clock = counters, clock

    async def take(self, count: int) -> list[str]:
        """The next so many of this year."""
        year = str(self._clock.now().year)
        while (counter := await self._counters.change({"_id": year}, {"$inc": {"last": count}})) is None:
            with contextlib.suppress(AlreadyExists):
                await self._counters.insert(Counter(year))
        return [f"PO-{year}-{number:05}" for number in range(counter.last - count + 1, counter.last + 1)]
