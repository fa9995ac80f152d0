"""This is where the index reads products: all of them once, then whatever changes, by whichever replica."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from bson.timestamp import Timestamp
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.errors import OperationFailure, PyMongoError

from services.catalog.content import Product
from services.catalog.store import Table
from services.kit.store import Document

_FIELDS = dict.fromkeys(
    ("state", "title_words", "words", "category", "tags", "attributes", "price", "sales", "in_stock"), 1
)
_SET = [{f"updateDescription.updatedFields.{name}": {"$exists": True}} for name in _FIELDS]
_STAGES: list[Document] = [
    # What only leaves the outbox, or is counted where the index does not look, is no change to it.
    {"$match": {"$or": [{"operationType": {"$in": ["insert", "replace"]}}, *_SET]}},
    {"$project": {"operationType": 1, "documentKey": 1}},
]
_PAGE = 1_000
_WAIT_MS = 100  # a look ends by itself: one that is cut off in the middle may leave the driver's pool locked
_FORGOTTEN = (136, 280, 286)  # CappedPositionLost, ChangeStreamFatalError, ChangeStreamHistoryLost


class HistoryLost(Exception):
    """The database remembers less than is asked for: read everything anew."""


class Feed:
    """Products as the index needs them."""

    def __init__(self, products: Table[Product]) -> None:
        self._products = products
        self._stream: AsyncCollectionChangeStream[Document] | None = None
        self._since: Timestamp | Document | None = None  # a time, or a place in the stream

    async def begin(self) -> None:
        """What comes after this moment is told by `changes`."""
        await self.close()
        answer = await self._products.collection.database.command("ping")
        self._since = answer["operationTime"]

    async def everything(self) -> AsyncIterator[list[Document]]:
        """All products on sale, a thousand at a time."""
        last = ""
        while page := await self._products.parts({"state": "live", "_id": {"$gt": last}}, _FIELDS, limit=_PAGE):
            yield page
            last = page[-1]["_id"]

    async def some(self, keys: Sequence[str]) -> dict[str, Document]:
        """Those of these ids, as they are now."""
        return await self._products.by_keys(keys, _FIELDS)

    async def changes(self) -> list[str]:
        """The ids of what changed since the last look; none when nothing did for a tenth of a second.

        Raises `HistoryLost`; and what the driver says when the database is away, to go on from the same place next time.
        """
        changed: dict[str, None] = {}
        try:
            stream = self._stream = self._stream or await self._open()
            while len(changed) < _PAGE and (change := await stream.try_next()) is not None:
                changed[change["documentKey"]["_id"]] = None
        except PyMongoError as failed:
            self._stream = None
            if isinstance(failed, OperationFailure) and failed.code in _FORGOTTEN:
                raise HistoryLost from failed
            raise
        if stream.resume_token:
            self._since = dict(stream.resume_token)
        return list(changed)

    async def _open(self) -> AsyncCollectionChangeStream[Document]:
        since = self._since
        start: dict[str, Any] = (
            {"resume_after": since} if isinstance(since, dict) else {"start_at_operation_time": since}
        )
        return await self._products.collection.watch(_STAGES, max_await_time_ms=_WAIT_MS, **start)

    async def close(self) -> None:
        """No more looks."""
        stream, self._stream = self._stream, None
        if stream:
            await stream.close()
