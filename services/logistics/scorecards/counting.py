"""This is where parcels are counted, each as it is now: what changed about it is added to its days' counters, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.store import decode_cursor, encode_cursor
from services.logistics.shipments import Shipment
from services.logistics.words import page_limit

from .cards import Card, card, means
from .measures import BY, CARRIER, LANE, Measured, difference, measured
from .scores import Scores, summed

WINDOWS = (28, 90)
_AT_ONCE = 500
_MOST_TURNS = 20
Counts = dict[str, int]


class Books(Protocol):
    """Where counters are kept."""

    async def uncounted(self, limit: int) -> list[Shipment]:
        """Parcels that changed since they were counted."""
        ...

    async def known(self, keys: Sequence[str]) -> dict[str, Measured]:
        """As they were counted last."""
        ...

    async def count(
        self, parcels: Sequence[tuple[Measured | None, Measured]], changes: Mapping[str, Mapping[str, int]]
    ) -> bool:
        """Keeps how they were counted and adds to the counters, both or neither; False when somebody was quicker."""
        ...

    async def clear(self, parcels: Sequence[Shipment]) -> None:
        """They are counted as they are, unless they changed meanwhile."""
        ...

    async def totals(self, by: str, since: str) -> dict[str, Counts]:
        """Counts by subject since a day."""
        ...


class InvalidWindow(Invalid):
    """No such scorecard."""


class Counting:
    """Counts, and makes scorecards of what was counted."""

    def __init__(self, books: Books, scores: Scores, clock: Clock) -> None:
        self._books, self._scores, self._clock = books, scores, clock

    async def count(self) -> int:
        """A chore: counts what changed; how many parcels that were."""
        done = 0
        for _ in range(_MOST_TURNS):
            parcels = await self._books.uncounted(_AT_ONCE)
            if not parcels or not await self._take_in(parcels):
                break
            done += len(parcels)
            if len(parcels) < _AT_ONCE:
                break
        return done

    async def _take_in(self, parcels: Sequence[Shipment]) -> bool:
        known = await self._books.known([parcel.id for parcel in parcels])
        fresh: list[tuple[Measured | None, Measured]] = []
        changes: dict[str, Counter[str]] = {}
        for parcel in parcels:
            before, after = known.get(parcel.id), measured(parcel)
            if before and before.version >= after.version:
                continue
            fresh.append((before, after))
            for key, change in difference(before, after).items():
                changes.setdefault(key, Counter()).update(change)
        if fresh and not await self._books.count(fresh, changes):
            return False
        await self._books.clear(parcels)
        return True

    async def refresh(self) -> dict[str, Counts]:
        """A chore: what routing reads is made anew; answers the carriers' counts of 28 days."""
        since = self._since(WINDOWS[0])
        totals = {by: await self._books.totals(by, since) for by in (CARRIER, LANE)}
        self._scores.learn(totals)
        return totals[CARRIER]

    async def cards(self, by: str, window: int) -> list[Card]:
        """The scorecards, by subject. Refuses with `InvalidWindow`."""
        if by not in BY or window not in WINDOWS:
            wrong = FieldError("/by" if by not in BY else "/window", "carrier, route, warehouse or lane; 28 or 90 days")
            raise InvalidWindow("no such scorecard", errors=[wrong])
        totals = await self._books.totals(by, self._since(window))
        mean = means(summed(totals))
        return [card(subject, counts, mean) for subject, counts in sorted(totals.items())]

    async def page(self, by: str, window: int, limit: int, cursor: str) -> tuple[list[Card], str]:
        """A page of them, and the next one's cursor. Refuses with `InvalidWindow`, `InvalidPage`, `CursorInvalid`."""
        after = str(decode_cursor(cursor, 1)[0]) if cursor else ""
        size = page_limit(limit)
        found = [one for one in await self.cards(by, window) if one.subject > after or not after]
        return found[:size], encode_cursor(found[size - 1].subject) if len(found) > size else ""

    def _since(self, window: int) -> str:
        return (self._clock.now() - timedelta(days=window - 1)).date().isoformat()
