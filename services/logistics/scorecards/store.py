"""This is where the counters' indexes are, and the write that counts a batch of parcels once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from services.kit.store import Store, encode, together
from services.logistics.shipments import Shipment

from .measures import NAMES, TOWER, Measured

_KEPT_DAYS = 200
_TAKEN = 11000  # a document of that id is there already
_MOST_SUBJECTS = 5000
COUNTERS = [
    IndexModel([("by", ASCENDING), ("day", ASCENDING), ("subject", ASCENDING)], name="day"),
    IndexModel([("gone_at", ASCENDING)], name="gone", expireAfterSeconds=0),
]


@dataclass
class Counter:
    """What is counted of a subject on a day (`YYYY-MM-DD`, UTC; the control tower's have none). The id is all three."""

    id: str
    by: str
    subject: str
    day: str
    counts: dict[str, int] = field(default_factory=dict)
    gone_at: datetime | None = None
    version: int = 0


class _Quicker(Exception):
    """Another replica has counted one of them."""


class Ledgers:
    """`counting.Books` in MongoDB."""

    def __init__(self, kept: Store[Shipment], measures: Store[Measured], counters: Store[Counter]) -> None:
        self._kept, self._measures, self._counters = kept, measures, counters

    async def uncounted(self, limit: int) -> list[Shipment]:
        """Parcels that changed since they were counted."""
        return await self._kept.find({"uncounted": True}, limit=limit)

    async def known(self, keys: Sequence[str]) -> dict[str, Measured]:
        """As they were counted last."""
        return await self._measures.get_many(keys)

    async def count(
        self, parcels: Sequence[tuple[Measured | None, Measured]], changes: Mapping[str, Mapping[str, int]]
    ) -> bool:
        """One transaction: how they were counted, and what that adds. False when somebody was quicker."""
        writes = [_kept_as(before, after) for before, after in parcels]
        added = [_added(key, change) for key, change in sorted(changes.items())]

        async def write(session: AsyncClientSession) -> None:
            result = await self._measures.collection.bulk_write(writes, session=session)
            if result.matched_count + result.upserted_count != len(writes):
                raise _Quicker
            if added:
                await self._counters.collection.bulk_write(added, session=session)

        try:
            await together(self._kept.collection.database.client, write)
        except _Quicker:
            return False
        except BulkWriteError as wrong:
            if {error["code"] for error in wrong.details["writeErrors"]} != {_TAKEN}:
                raise
            return False
        return True

    async def clear(self, parcels: Sequence[Shipment]) -> None:
        """Leaves the version as it is: nothing about them changed."""
        counted = {"$set": {"uncounted": False}}
        await self._kept.collection.bulk_write(
            [UpdateOne({"_id": one.id, "version": one.version}, counted) for one in parcels], ordered=False
        )

    async def totals(self, by: str, since: str) -> dict[str, dict[str, int]]:
        """Counts by subject since a day."""
        where = {"by": by, "day": {"$gte": since}}
        sums = {name: {"$sum": f"$counts.{name}"} for name in NAMES}
        steps: list[dict[str, Any]] = [
            {"$match": where},
            {"$group": {"_id": "$subject", **sums}},
            {"$limit": _MOST_SUBJECTS},
        ]
        cursor = await self._counters.collection.aggregate(steps)
        return {row.pop("_id"): row for row in await cursor.to_list()}

    async def places(self) -> dict[tuple[str, str], dict[str, int]]:
        """What the control tower sees, by warehouse and carrier."""
        found = await self._counters.find({"by": TOWER, "day": ""}, limit=_MOST_SUBJECTS)
        return {(one.subject.partition(">")[0], one.subject.partition(">")[2]): one.counts for one in found}


def _kept_as(before: Measured | None, after: Measured) -> UpdateOne:
    document = encode(after)
    key = document.pop("id")
    if before is None:
        return UpdateOne({"_id": key, "version": {"$exists": False}}, {"$set": document}, upsert=True)
    return UpdateOne({"_id": key, "version": before.version}, {"$set": document})


def _added(key: str, change: Mapping[str, int]) -> UpdateOne:
    by, subject, day = key.split("|")
    first: dict[str, Any] = {"by": by, "subject": subject, "day": day}
    first["gone_at"] = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(days=_KEPT_DAYS) if day else None
    added = {f"counts.{name}": count for name, count in change.items()} | {"version": 1}
    return UpdateOne({"_id": key}, {"$inc": added, "$setOnInsert": first}, upsert=True)
