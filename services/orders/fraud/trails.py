"""This is where it is remembered where a mark was seen lately: counted first and looked at then, many buyers in one write.

Counting before looking is what makes a limit hold: of fifty requests at once the tenth sees the nine before it. A sighting
has the request's own key, so the same request again counts once. A trail keeps its last 32 sightings and goes 180 days after
the last; windows of an hour, a day and thirty days are counted from it, exactly.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

MOST = 32
KEPT = timedelta(days=180)
_MOST_AT_ONCE = 40  # buyers in one write


@dataclass(frozen=True, slots=True)
class Sighting:
    """A checkout that was tried with this mark. `who` and `card` are short hashes. `outcome`: empty as far as is known it
    went well, `declined` by the bank, `blocked` by us."""

    key: str
    at: datetime
    minor: int
    currency: str
    who: str = ""
    card: str = ""
    coupon: bool = False
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """That staff let it in or keep it out. `verdict`: `allow` or `deny`."""

    verdict: str
    until: datetime
    by: str
    note: str
    at: datetime


@dataclass
class Trail:
    """A mark, where it was seen, and what staff say of it. `id` is the mark."""

    id: str
    seen: list[Sighting] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None  # forgotten then
    listing: Listing | None = None
    version: int = 0

    def others(self, key: str) -> list[Sighting]:
        """All but this request's own."""
        return [each for each in self.seen if each.key != key]

    def verdict(self, now: datetime) -> str:
        """`allow`, `deny`, or empty when staff say nothing (any more)."""
        return self.listing.verdict if self.listing and self.listing.until > now else ""


class Keeping(Protocol):
    """Where trails are kept."""

    async def add(self, seen: Mapping[str, Sequence[Sighting]]) -> None:
        """Adds sightings to their trails, each once by its key; one write."""
        ...

    async def of(self, marks: Sequence[str]) -> dict[str, Trail]:
        """Those of these trails that there are; one read."""
        ...


@dataclass(eq=False)
class _Waiting:
    marks: Sequence[str]
    sighting: Sighting
    done: asyncio.Future[dict[str, Trail]]


class Trails:
    """Follows marks. Whoever writes takes along who waits meanwhile: a rush costs one write and one read, not hundreds."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def follow(self, marks: Sequence[str], sighting: Sighting) -> dict[str, Trail]:
        """Counts it, then answers the marks' trails with it in them."""
        mine = _Waiting(marks, sighting, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await mine.done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            try:
                trails = await self._together(batch)
            except Exception as error:
                for each in batch:
                    if not each.done.done():  # who does not wait any more need not know
                        each.done.set_exception(error)
            else:
                for each in batch:
                    if not each.done.done():
                        each.done.set_result({mark: trails[mark] for mark in each.marks if mark in trails})

    async def _together(self, batch: Sequence[_Waiting]) -> dict[str, Trail]:
        seen: dict[str, list[Sighting]] = defaultdict(list)
        for each in batch:
            for mark in each.marks:
                seen[mark].append(each.sighting)
        await self._keeping.add(seen)
        return await self._keeping.of(list(seen))
