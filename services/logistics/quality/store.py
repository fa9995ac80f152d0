"""This is where the indexes of quality are, and how a day's document counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from services.kit.store import Store

from .counts import COMPLAINTS, MOST_DAYS, SHIPPED, CountDays, Rate, Seen, SkuDay, SumDays, day_key

DAYS = [IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=(MOST_DAYS + 10) * 86_400)]
FLAGS = [IndexModel([("raised", ASCENDING), ("_id", ASCENDING)], name="raised")]
_REMEMBERED = 2000  # of whom a day has counted: far more than are told again
_THERE_ALREADY = 11000


def count_days(days: Store[SkuDay]) -> CountDays:
    """Counts in a collection."""

    async def count(seen: Sequence[Seen], now: datetime) -> None:
        blank = {"at": now, SHIPPED: 0, COMPLAINTS: 0, "seen": [], "version": 1}
        keys = sorted({day_key(one.sku, one.day) for one in seen})
        fresh = [UpdateOne({"_id": key}, {"$setOnInsert": blank}, upsert=True) for key in keys]
        try:
            await days.collection.bulk_write(fresh, ordered=False)
        except BulkWriteError as taken:  # somebody else made the day at the same moment: it is there
            if any(error["code"] != _THERE_ALREADY for error in taken.details["writeErrors"]):
                raise
        await days.collection.bulk_write([_once(one) for one in seen], ordered=False)

    return count


def _once(seen: Seen) -> UpdateOne:
    remembered = {"seen": {"$each": [seen.key], "$slice": -_REMEMBERED}}
    return UpdateOne(
        {"_id": day_key(seen.sku, seen.day), "seen": {"$ne": seen.key}},
        {"$inc": {seen.what: seen.units, "version": 1}, "$push": remembered},
    )


def sum_days(days: Store[SkuDay]) -> SumDays:
    """Adds up of a collection."""

    async def add_up(keys: Sequence[str]) -> Rate:
        found = days.collection.find({"_id": {"$in": list(keys)}}, {SHIPPED: 1, COMPLAINTS: 1})
        rows: Sequence[Mapping[str, int]] = await found.to_list(len(keys))
        return Rate(sum(row[SHIPPED] for row in rows), sum(row[COMPLAINTS] for row in rows))

    return add_up
