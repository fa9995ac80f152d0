"""This is where catalog's indexes are, and the reads and writes that get, find and change do not cover."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from google.protobuf.message import Message
from pymongo import IndexModel, InsertOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from services.kit.errors import AlreadyExists, Conflict
from services.kit.events import Envelope
from services.kit.service import Ground
from services.kit.store import Document, Kept, Store, encode

T = TypeVar("T", bound=Kept)
_DUPLICATE = 11000

PRODUCTS = [
    IndexModel([("state", 1), ("_id", -1)]),
    IndexModel([("category", 1), ("state", 1), ("_id", -1)]),
    IndexModel([("merchant_id", 1), ("state", 1), ("_id", 1)]),
    # Which listings show a picture of the library; those from elsewhere are in no index.
    IndexModel([("media.url", 1)], partialFilterExpression={"media.url": {"$gte": "/v1/media/", "$lt": "/v1/media0"}}),
]
SKUS = [
    IndexModel([("product_id", 1)]),
    IndexModel([("live", 1), ("_id", 1)]),
    # All that a margin is worked out from, so that no SKU's document is read for it; nothing here changes by a purchase.
    IndexModel(
        [(name, 1) for name in ("live", "category", "_id", "price.currency", "price.minor", "cost.currency")]
        + [("cost.minor", 1), ("weight_g", 1)],
        name="margins",
    ),
    IndexModel(
        [(name, 1) for name in ("role", "live", "category", "_id", "price.currency", "price.minor")],
        name="roles",
        partialFilterExpression={"role": {"$exists": True}},
    ),
    # Of holds only when the first may run out: an index of them all would be rewritten by every hold and every sale.
    IndexModel([("sweep_at", 1)], partialFilterExpression={"sweep_at": {"$exists": True}}),
    IndexModel([("parts.sku", 1)], sparse=True),  # which bundles a SKU goes into
]
PRICES = [IndexModel([("sku", 1), ("number", -1)], unique=True)]
MOVEMENTS = [IndexModel([("sku", 1), ("at", -1), ("_id", -1)])]
BASKETS = [
    IndexModel([("counted", 1)], partialFilterExpression={"counted": False}),
    IndexModel([("customer_id", 1), ("lines.product_id", 1)]),
    IndexModel([("at", 1)]),
]
DAYS = [IndexModel([("sku", 1), ("day", 1)]), IndexModel([("day", 1), ("sku", 1)])]
JOBS = [
    IndexModel([("only", 1)], unique=True),
    IndexModel([("state", 1), ("_id", 1)]),
    IndexModel([("kind", 1), ("_id", -1)]),
]
NOTICES = [
    IndexModel([("merchant_id", 1), ("at", -1), ("_id", -1)]),
    IndexModel([("merchant_id", 1), ("open", 1), ("at", -1), ("_id", -1)]),
    IndexModel([("merchant_id", 1), ("kind", 1), ("at", -1), ("_id", -1)]),
]


class NotAsSeen(Conflict):
    """What was to be changed together is no longer what was read."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a batch, and the events it tells."""

    key: str
    operation: InsertOne[Document] | UpdateOne
    rows: Sequence[Envelope]


class Table(Store[T]):
    """A store that also reads parts of documents, and writes many at once. `noted` hears the key of every document this
    process may have changed, counts beside the content apart."""

    noted: Callable[[str], None] | None = None

    def _tell(self, key: str, rows: Sequence[Envelope], session: AsyncClientSession | None) -> None:
        self.note(key)
        super()._tell(key, rows, session)

    def note(self, key: str) -> None:
        """Says that a document may have changed; `touch` leaves it to its caller."""
        if self.noted:
            self.noted(key)

    async def parts(
        self,
        where: Mapping[str, Any],
        fields: Mapping[str, Any],
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
    ) -> list[Document]:
        """Some fields of those that fit, as they are kept; all of them when `limit` is 0."""
        async with self._turnstile.reads:
            return await self.collection.find(where, fields).sort(list(sort)).limit(limit).to_list(None)

    async def by_keys(
        self, keys: Sequence[str], fields: Mapping[str, Any], where: Mapping[str, Any] | None = None
    ) -> dict[str, Document]:
        """Some fields of those of these ids that exist, and fit."""
        async with self._turnstile.reads:
            found = await self.collection.find({"_id": {"$in": list(keys)}, **(where or {})}, fields).to_list(None)
        return {document["_id"]: document for document in found}

    async def aggregate(self, stages: Sequence[Mapping[str, Any]], hint: str = "") -> list[Document]:
        """What the stages make; by the index named `hint`, if one is."""
        by: dict[str, Any] = {"hint": hint} if hint else {}
        async with self._turnstile.reads:
            return await (await self.collection.aggregate(list(stages), **by)).to_list(None)

    async def touch(self, updates: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
        """Conditional updates that neither tell nor raise the version: counts beside the content."""
        if updates:
            async with self._turnstile.writes:
                await self.collection.bulk_write([UpdateOne(*update) for update in updates], ordered=False)

    async def change_all(self, where: Mapping[str, Any], update: Mapping[str, Any]) -> int:
        """One update of all that fit, each atomic by itself; raises their versions and tells nothing. How many they were."""
        async with self._turnstile.writes:
            result = await self.collection.update_many(where, self._raised(update, ()))
        return result.matched_count

    async def remove(self, keys: Sequence[str]) -> None:
        """Throws those of these ids away; for what no event was ever told of."""
        async with self._turnstile.writes:
            await self.collection.delete_many({"_id": {"$in": list(keys)}})

    def inserting(self, thing: T, *events: Message) -> Write:
        """A new one, to be written with others."""
        rows, document = self._envelopes(events), self._document(thing)
        if rows:
            document["outbox"] = _outbox(rows)
        return Write(thing.id, InsertOne(document), rows)

    def putting(self, thing: T) -> Write:
        """One that is only written if it is not there yet, which is no fault; it tells nothing."""
        document = self._document(thing)
        key = document.pop("_id")
        return Write(key, UpdateOne({"_id": key}, {"$setOnInsert": document}, upsert=True), ())

    def changing(self, where: Mapping[str, Any], update: Mapping[str, Any], *events: Message) -> Write:
        """A conditional update of the document `where` names by `_id`, to be written with others."""
        rows = self._envelopes(events)
        return Write(where["_id"], UpdateOne(where, self._raised(update, rows)), rows)

    def setting(self, key: str, fields: Mapping[str, Any]) -> Write:
        """Fields set on the document of this id, which is made when it is not there yet; tells nothing."""
        update = {"$set": dict(fields), "$setOnInsert": {"version": 1}}
        return Write(key, UpdateOne({"_id": key}, update, upsert=True), ())

    def replacing(self, thing: T) -> Write:
        """One that is written over what is there of its id; tells nothing."""
        document = self._document(thing)
        key, _ = document.pop("_id"), document.pop("version")
        return Write(key, UpdateOne({"_id": key}, {"$set": document, "$inc": {"version": 1}}, upsert=True), ())

    def merging(self, where: Mapping[str, Any], update: Mapping[str, Any]) -> Write:
        """A conditional update of the document `where` names by `_id`, which is made when there is none; when there is one
        that does not fit, its key counts as taken. Tells nothing."""
        return Write(where["_id"], UpdateOne(where, self._raised(update, ()), upsert=True), ())

    def adding(self, key: str, first: Mapping[str, Any], counts: Mapping[str, int]) -> Write:
        """Counts added to the document of this id, which begins with `first` when it is not there yet; tells nothing."""
        update = {"$setOnInsert": dict(first), "$inc": {**counts, "version": 1}}
        return Write(key, UpdateOne({"_id": key}, update, upsert=True), ())

    def _document(self, thing: T) -> Document:
        thing.version = 1
        document: Document = encode(thing)
        document["_id"] = document.pop("id")
        return document

    async def write_each(self, writes: Sequence[Write]) -> set[str]:
        """Each for itself, in one round trip; answers the keys that were taken already.

        A condition that does not hold is no fault either. Unless all went well, the relay's sweep finds what is to be told:
        telling what was not written would be a lie.
        """
        if not writes:
            return set()
        try:
            async with self._turnstile.writes:
                result = await self.collection.bulk_write([write.operation for write in writes], ordered=False)
        except BulkWriteError as failed:
            errors = (failed.details or {}).get("writeErrors", [])
            if any(error["code"] != _DUPLICATE for error in errors):
                raise
            return {writes[error["index"]].key for error in errors}
        finally:
            for write in writes:
                self.note(write.key)
        if result.inserted_count + result.matched_count + result.upserted_count == len(writes):
            self.tell(writes)
        return set()

    async def write_all(self, writes: Sequence[Write], session: AsyncClientSession) -> None:
        """Within a transaction. Refuses with `AlreadyExists` or `NotAsSeen`, which undoes it all."""
        try:
            result = await self.collection.bulk_write([write.operation for write in writes], session=session)
        except BulkWriteError as failed:
            errors = (failed.details or {}).get("writeErrors", [])
            if errors and errors[0]["code"] == _DUPLICATE:
                raise AlreadyExists(f"{self.name} has one already", key=writes[errors[0]["index"]].key) from failed
            raise
        if result.inserted_count + result.matched_count + result.upserted_count != len(writes):
            raise NotAsSeen(f"{self.name} changed meanwhile")

    def tell(self, writes: Sequence[Write]) -> None:
        """Hands what was committed to the relay."""
        for write in writes:
            self.note(write.key)
            if write.rows:
                self._hints.hint(self.name, write.key, write.rows)


async def together(*batches: tuple[Table[Any], Sequence[Write]]) -> None:
    """Writes to several collections in one transaction: all of them or none. Events are told once it is committed.

    Two and a half times the price of single writes: for listings and prices, never for a purchase.
    """

    async def work(session: AsyncClientSession) -> None:
        for table, writes in batches:
            if writes:
                await table.write_all(writes, session)

    first = batches[0][0]
    async with first._turnstile.writes, first.collection.database.client.start_session() as session:
        await session.with_transaction(work)
    for table, writes in batches:
        table.tell(writes)


class _Silent:
    """Stands where nothing is told."""

    def hint(self, collection: str, key: str, rows: Sequence[Envelope]) -> None:
        self.look_into(collection)

    def look_into(self, collection: str) -> None:
        raise TypeError(f"{collection} tells nothing: its outbox would never be looked into")


def keep(
    ground: Ground[Any], name: str, kept: type[T], indexes: Sequence[IndexModel] = (), *, tells: bool = True
) -> Table[T]:
    """A table of this service's database; its events go out through the relay, which need not look where nothing tells."""
    table = Table(ground.database, name, kept, ground.relay if tells else _Silent(), indexes, ground.turnstile)
    ground.stores.append(table)
    if tells:
        ground.relay.collections.append(name)
    return table


def _outbox(rows: Sequence[Envelope]) -> list[Document]:
    return [msgspec.to_builtins(row, builtin_types=(datetime, bytes)) for row in rows]
