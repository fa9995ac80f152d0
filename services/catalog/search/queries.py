"""This is where it is counted what customers ask for, day by day: what is popular, and what finds nothing.

Counted in memory and written every few seconds; a crash loses those seconds, which a report can bear. The same query within
a second counts once a gateway, whose shelf answers the others. Whatever may name a person is not counted.
"""

import re
from collections import Counter
from dataclasses import dataclass

from services.catalog.store import Table
from services.catalog.words import normalised
from services.kit.clock import Clock

_ROOM = 5_000  # different queries between two writes; a flood of others is not counted
_PERSONAL = re.compile(r"@|\d{6,}|(?:\d[ -]?){8,}")
_LONGEST = 80


@dataclass
class QueryDay:
    """How often something was asked for on a day, and how often nothing was found. The id is `day|q`."""

    id: str
    day: str
    q: str
    asked: int = 0
    empty: int = 0
    version: int = 0


class Queries:
    """Counts queries."""

    def __init__(self, days: Table[QueryDay], clock: Clock) -> None:
        self._days, self._clock = days, clock
        self._asked: Counter[tuple[str, str]] = Counter()
        self._empty: Counter[tuple[str, str]] = Counter()

    def asked(self, query: str, total: int) -> None:
        """Somebody asked, and so many products were found."""
        q = " ".join(normalised(query).split())
        if not q or len(q) > _LONGEST or _PERSONAL.search(q) or len(self._asked) >= _ROOM:
            return
        key = self._clock.now().date().isoformat(), q
        self._asked[key] += 1
        if not total:
            self._empty[key] += 1

    async def write(self) -> None:
        """Adds what was counted to the days."""
        asked, self._asked = self._asked, Counter()
        empty, self._empty = self._empty, Counter()
        await self._days.write_each(
            [
                self._days.adding(f"{day}|{q}", {"day": day, "q": q}, {"asked": count, "empty": empty[day, q]})
                for (day, q), count in asked.items()
            ]
        )

    async def since(self, day: str, most: int) -> list[tuple[str, int, int]]:
        """What was asked since a day: (query, times, times nothing was found), the most frequent first."""
        total = {"asked": {"$sum": "$asked"}, "empty": {"$sum": "$empty"}}
        rows = await self._days.aggregate(
            [
                {"$match": {"day": {"$gte": day}}},
                {"$group": {"_id": "$q", **total}},
                {"$sort": {"asked": -1, "_id": 1}},
                {"$limit": most},
            ]
        )
        return [(row["_id"], row["asked"], row["empty"]) for row in rows]
