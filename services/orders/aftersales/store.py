"""This is where after-sales' collections get their indexes, and counters are added to many at once."""

from typing import Any

from pymongo import IndexModel, UpdateOne

from services.kit.store import Store
from services.orders.leases import EPOCH

from .statistics import Bump, ReturnCount, parted

COUNTS = [IndexModel([("period", 1), ("by", 1), ("asked", -1), ("_id", 1)], name="most_asked")]
COMPENSATIONS = [IndexModel([("due_at", 1)], name="due", partialFilterExpression={"due_at": {"$gt": EPOCH}})]
_COUNTED = ("delivered", "asked", "received")


def bumping(counts: Store[ReturnCount]) -> Bump:
    """Adds to many counters in one round trip, within a transaction; a counter that is not there begins at nothing."""

    async def bump(grown: dict[str, dict[str, int]], session: Any) -> None:
        updates = []
        for row, units in sorted(grown.items()):  # in one order, so that two transactions do not wait for each other
            period, by, key = parted(row)
            new = {"period": period, "by": by, "key": key, "version": 1}
            new |= {name: 0 for name in _COUNTED if name not in units}
            updates.append(UpdateOne({"_id": row}, {"$inc": units, "$setOnInsert": new}, upsert=True))
        if updates:
            await counts.collection.bulk_write(updates, ordered=True, session=session)

    return bump
