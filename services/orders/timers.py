"""This is where clocks ring: what is due is found by an index and told once, by whichever replica comes first, also after a
restart; and clocks follow when their terms change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from google.protobuf.message import Message

from services.kit.calendars import Calendar
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, VersionMismatch
from services.kit.sla import Policy, SlaClock, Step, Terms, struck, under
from services.kit.store import Kept, Store, encode

T = TypeVar("T", bound=Kept)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 100


@dataclass
class Revision:
    """A revision of the terms as it is kept; its id is its number."""

    id: str
    since: datetime
    policies: dict[str, Policy]
    calendars: dict[str, Calendar] = field(default_factory=dict)
    version: int = 0


class TermsBook:
    """All revisions of the terms; `newest` is what this replica knows, refreshed by `refresh` (a chore)."""

    newest: Terms

    def __init__(self, kept: Store[Revision], first: Mapping[str, Policy], clock: Clock) -> None:
        self._kept, self._first, self._clock = kept, dict(first), clock
        self._known: dict[int, Terms] = {}

    async def refresh(self) -> Terms:
        """The newest; founds the book when there is none yet. A policy of the code's that it lacks is added to it."""
        rows = await self._kept.find({"_id": {"$gt": ""}}, sort=[("_id", -1)], limit=1)
        if not rows or not self._first.keys() <= rows[0].policies.keys():
            seen, policies = (int(rows[0].id), rows[0].policies) if rows else (0, {})
            return await self.add({**self._first, **policies}, rows[0].calendars if rows else {}, seen)
        self.newest = self._terms(rows[0])
        return self.newest

    async def of(self, revision: int) -> Terms:
        """One revision; kept in memory, for none ever changes."""
        if revision not in self._known and (row := await self._kept.get(f"{revision:08}")):
            self._terms(row)
        return self._known[revision]

    async def add(self, policies: Mapping[str, Policy], calendars: Mapping[str, Calendar], seen: int) -> Terms:
        """The revision after `seen`. Refuses with `VersionMismatch` when there is one already."""
        row = Revision(f"{seen + 1:08}", self._clock.now(), dict(policies), dict(calendars))
        try:
            await self._kept.insert(row)
        except AlreadyExists as taken:
            raise VersionMismatch("somebody else changed the terms meanwhile") from taken
        self.newest = self._terms(row)
        return self.newest

    def _terms(self, row: Revision) -> Terms:
        terms = Terms(int(row.id), row.since, row.policies, row.calendars)
        return self._known.setdefault(terms.revision, terms)


class Timers(Generic[T]):
    """The clocks kept in one field of a collection."""

    def __init__(
        self, kept: Store[T], path: str, book: TermsBook, telling: Callable[[T, SlaClock, Step], Message], clock: Clock
    ) -> None:
        self._kept, self._path, self._book, self._telling, self._clock = kept, path, book, telling, clock

    async def strike(self) -> int:
        """Tells what is due, a batch of it; answers how many clocks rang here. A chore."""
        name, now, rang = f"{self._path}.next_at", self._clock.now(), 0
        for thing in await self._kept.find({name: {"$gt": _EPOCH, "$lte": now}}, sort=[(name, 1)], limit=_AT_ONCE):
            clock: SlaClock = getattr(thing, self._path)
            after, steps = struck(clock, await self._book.of(clock.terms or 0), now)
            rang += await self.put(thing, after, *(self._telling(thing, after, step) for step in steps)) is not None
        return rang

    async def follow(self) -> int:
        """Puts a batch of clocks under the newest terms; answers how many there were. A chore."""
        newest, name = await self._book.refresh(), f"{self._path}.terms"
        older = await self._kept.find({name: {"$gt": 0, "$lt": newest.revision}}, sort=[(name, 1)], limit=_AT_ONCE)
        for thing in older:
            clock: SlaClock = getattr(thing, self._path)
            for revision in range(clock.terms or newest.revision, newest.revision):
                clock = under(clock, await self._book.of(revision), await self._book.of(revision + 1))
            await self.put(thing, clock)
        return len(older)

    async def change(self, thing: T, how: Callable[[SlaClock, Terms], SlaClock]) -> bool:
        """Pauses, resumes or stops a thing's clock, whoever else is at it; whether that changed it. One without a clock is
        left alone."""
        seen: T | None = thing
        while seen and (clock := getattr(seen, self._path)) and clock.terms:
            after = how(clock, await self._book.of(clock.terms))
            if after == clock:
                return False
            if await self.put(seen, after):
                return True
            seen = await self._kept.get(thing.id)
        return False

    async def put(self, thing: T, after: SlaClock, *events: Message) -> T | None:
        """Keeps a changed clock and tells, in one write, unless it has changed since it was read."""
        turn = {"_id": thing.id, f"{self._path}.turn": getattr(thing, self._path).turn}
        return await self._kept.change(turn, {"$set": {self._path: encode(after)}}, *events)
