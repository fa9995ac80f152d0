"""This is where cases get their indexes, and are counted."""

from collections.abc import Awaitable, Callable
from typing import Any

from pymongo import IndexModel

from services.kit.store import Store
from services.orders.leases import EPOCH
from services.orders.store import due_indexes

from .cases import OPEN, Case

CASES = [
    IndexModel([("claim", 1)], name="one_open", unique=True, partialFilterExpression={"claim": {"$gt": ""}}),
    IndexModel([("heard", 1)], name="heard_once", unique=True),
    IndexModel([("state", 1), ("_id", 1)], name="by_state"),
    IndexModel([("state", 1), ("reason", 1), ("_id", 1)], name="by_reason"),
    IndexModel(
        [("contact_clock.policy", 1), ("_id", 1)],
        name="overdue",
        partialFilterExpression={"contact_clock.terms": {"$gt": 0}, "contact_clock.breached_at": {"$gt": EPOCH}},
    ),
    *due_indexes("contact_clock"),
]


def counted(cases: Store[Case]) -> Callable[[], Awaitable[dict[str, int]]]:
    """How many are open, by reason."""

    async def count() -> dict[str, int]:
        stages: list[dict[str, Any]] = [
            {"$match": {"state": OPEN}},
            {"$group": {"_id": "$reason", "count": {"$sum": 1}}},
        ]
        cursor = await cases.collection.aggregate(stages, hint="by_reason")
        return {row["_id"]: row["count"] async for row in cursor}

    return count
