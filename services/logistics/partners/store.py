"""This is where the wing's indexes are, and how what was counted is written down."""

from collections.abc import Awaitable, Callable
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from services.kit.store import Store
from services.logistics.carrier_keys import CarrierKey
from services.logistics.key_uses import REFUSED, Counted, KeyUse

from .deliveries import WAITING, Delivery

KEY_USES = [
    IndexModel([("key_id", ASCENDING), ("day", DESCENDING)], name="key"),
    IndexModel([("last_at", ASCENDING)], name="last_at", expireAfterSeconds=400 * 86_400),
]
ENDPOINTS = [
    IndexModel([("carrier", ASCENDING), ("slot", ASCENDING)], name="slot", unique=True),  # ten a carrier
    IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="state"),
]
DELIVERIES = [
    IndexModel([("state", ASCENDING), ("next_at", ASCENDING)], name="due", partialFilterExpression={"state": WAITING}),
    IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="waiting", partialFilterExpression={"state": WAITING}),
    IndexModel([("endpoint_id", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)], name="endpoint"),
    IndexModel([("created_at", ASCENDING)], name="created_at", expireAfterSeconds=90 * 86_400),
]


def written_down(
    uses: Store[KeyUse], keys: Store[CarrierKey]
) -> Callable[[dict[tuple[str, str], Counted]], Awaitable[None]]:
    """Adds what was counted to each key's day, and to the key when it was last used."""

    async def write(counted: dict[tuple[str, str], Counted]) -> None:
        days, seen = [], []
        for (key_id, day), one in counted.items():
            calls = {f"calls.{scope.replace('.', '_')}": n for scope, n in one.calls.items() if scope != REFUSED}
            update: dict[str, Any] = {
                "$setOnInsert": {"key_id": key_id, "day": day},
                "$inc": {**calls, "refused": one.calls[REFUSED], "version": 1},
                "$max": {"last_at": one.last_at},
            }
            days.append(UpdateOne({"_id": f"{key_id}|{day}"}, update, upsert=True))
            seen.append(UpdateOne({"_id": key_id}, {"$max": {"last_seen_at": one.last_at}}))
        await uses.collection.bulk_write(days, ordered=False)
        await keys.collection.bulk_write(seen, ordered=False)

    return write


def waiting_since(deliveries: Store[Delivery]) -> Callable[[], Awaitable[tuple[Delivery | None, Delivery | None]]]:
    """The delivery that waits longest, and the one that is due longest."""

    async def find() -> tuple[Delivery | None, Delivery | None]:
        where = {"state": WAITING}
        oldest = await deliveries.find(where, [("_id", 1)], 1)
        due = await deliveries.find(where, [("next_at", 1)], 1)
        return next(iter(oldest), None), next(iter(due), None)

    return find
