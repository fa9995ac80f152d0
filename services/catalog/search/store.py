"""This is where the index reads products: all of them once, then whatever changes, by whichever replica."""

from collections.abc import AsyncIterator
from typing import Any

from bson.timestamp import Timestamp
from pymongo.errors import OperationFailure

from services.catalog.content import Product
from services.catalog.store import Table
from services.kit.store import Document

_FIELDS = dict.fromkeys(
    ("state", "title_words", "words", "category", "tags", "attributes", "price", "sales", "in_stock"), 1
)
_SET = [{f"updateDescription.updatedFields.{name}": {"$exists": True}} for name in _FIELDS]
_PAGE = 1_000
_WAIT_MS = 500
Moment = Timestamp | Document  # a time, or a place in the stream


class HistoryLost(Exception):
    """The database remembers less than is asked for: read everything anew."""


class Feed:
    """Products as the index needs them."""

    def __init__(self, products: Table[Product]) -> None:
        self._products = products

    async def now(self) -> Moment:
        """What comes after this moment is told by `changes`."""
        answer = await self._products.collection.database.command("ping")
        moment: Timestamp = answer["operationTime"]
        return moment

    async def everything(self) -> AsyncIterator[list[Document]]:
        """All products on sale, a thousand at a time."""
        last = ""
        while page := await self._products.parts({"state": "live", "_id": {"$gt": last}}, _FIELDS, limit=_PAGE):
            yield page
            last = page[-1]["_id"]

    async def some(self, keys: list[str]) -> dict[str, Document]:
        """Those of these ids, as they are now."""
        return await self._products.by_keys(keys, _FIELDS)

    async def changes(self, since: Moment) -> AsyncIterator[tuple[list[Document], Moment]]:
        """What changed after `since`, as it is now, in batches; an empty one when nothing did for half a second.

        Raises `HistoryLost`, and whatever the driver says when the database is away.
        """
        start: dict[str, Any] = (
            {"resume_after": since} if isinstance(since, dict) else {"start_at_operation_time": since}
        )
        stages: list[Document] = [
            # What only leaves the outbox, or is counted where the index does not look, is no change to it.
            {"$match": {"$or": [{"operationType": {"$in": ["insert", "replace"]}}, *_SET]}},
            {"$project": {"operationType": 1, "documentKey": 1, **{f"fullDocument.{name}": 1 for name in _FIELDS}}},
        ]
        collection = self._products.collection
        try:
            stream = await collection.watch(stages, "updateLookup", max_await_time_ms=_WAIT_MS, **start)
            async with stream:
                while stream.alive:
                    batch: list[Document] = []
                    while (change := await stream.try_next()) is not None:
                        if document := change.get("fullDocument"):
                            batch.append(document | {"_id": change["documentKey"]["_id"]})
                        if len(batch) >= _PAGE:
                            break
                    since = dict(stream.resume_token) if stream.resume_token else since
                    yield batch, since
        except OperationFailure as failed:
            if failed.code in (136, 280, 286):  # CappedPositionLost, ChangeStreamFatalError, ChangeStreamHistoryLost
                raise HistoryLost from failed
            raise
