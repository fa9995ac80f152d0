"""This is where the indexes of devices, readings, tracks and alerts are, and the write of many readings at once."""

from collections.abc import Awaitable, Callable, Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from services.kit.store import Store, encode

from .judging import Reading

_KEPT_S = 90 * 24 * 3600
_TAKEN = 11000  # it is here already
ALERTS = [
    IndexModel([("open", ASCENDING), ("_id", DESCENDING)], name="open"),
    IndexModel([("target", ASCENDING), ("_id", DESCENDING)], name="target"),
]
READINGS = [IndexModel([("received_at", ASCENDING)], name="received_at", expireAfterSeconds=_KEPT_S)]
TRACKS = [IndexModel([("silent_at", ASCENDING)], name="silent_at")]


def keep_readings(readings: Store[Reading]) -> Callable[[Sequence[Reading]], Awaitable[set[str]]]:
    """Keeps many in one write; answers the ids of those that were there already."""

    async def keep(some: Sequence[Reading]) -> set[str]:
        documents = [encode(one) for one in some]
        for document in documents:
            document["_id"] = document.pop("id")
        try:
            await readings.collection.insert_many(documents, ordered=False)
        except BulkWriteError as wrong:
            failed = wrong.details["writeErrors"]
            if {error["code"] for error in failed} != {_TAKEN}:
                raise
            return {documents[error["index"]]["_id"] for error in failed}
        return set()

    return keep
