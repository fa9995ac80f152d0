"""This is where things are kept: a MongoDB collection of one dataclass, each write telling its events in the same write.

A dataclass that is kept has `id: str` and `version: int`. The events travel in the document that changed (`outbox`), so
one atomic single-document write both keeps and tells; `services.kit.relay` publishes them afterwards.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec
from google.protobuf.message import Message
from pymongo import AsyncMongoClient, IndexModel, ReturnDocument, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError

from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, Unavailable, VersionMismatch
from services.kit.events import Envelope, Hints, envelope
from services.kit.telemetry import current_trace

Document = dict[str, Any]
_KEPT_AS_THEY_ARE = (datetime, bytes)
# HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, ExceededTimeLimit, SocketException,
# NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
_AWAY_CODES = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
USUAL_PAGE, MOST_A_PAGE = 20, 100
_WAITING: ContextVar[list[Callable[[], None]] | None] = ContextVar("told in a transaction", default=None)
OUTBOX_INDEX = IndexModel([("outbox.at", 1)], name="outbox", partialFilterExpression={"outbox.id": {"$exists": True}})


class Kept(Protocol):
    """What a store can keep: a dataclass with an id and a version."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    id: str
    version: int


T = TypeVar("T", bound=Kept)


class DatabaseAway(Unavailable):
    """The database does not answer, or not in time."""


def is_away(error: BaseException) -> bool:
    """Whether a driver's error means that the database is away; anything else of it is a bug of ours."""
    if not isinstance(error, PyMongoError):
        return False
    return error.timeout or isinstance(error, ConnectionFailure) or not _AWAY_CODES.isdisjoint(_codes(error))


def _codes(error: PyMongoError) -> set[Any]:
    """What the server says it is, as a whole and of each write of a batch."""
    if not isinstance(error, OperationFailure):
        return set()
    details = error.details or {}
    parts = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    return {error.code, *(part.get("code") for part in parts)}


@dataclass
class Turnstile:
    """PyMongo's asyncio pool is unfair under load; a FIFO semaphore in front of it is not. Writes want more room."""

    reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))
    writes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))


@dataclass(frozen=True, slots=True)
class Change:
    """One conditional update of a batch, and the events it tells if it happens."""

    where: Mapping[str, Any]
    update: Mapping[str, Any]
    events: Sequence[Message] = ()


def encode(thing: Any) -> Any:
    """A dataclass (or what one is made of) as MongoDB keeps it."""
    return msgspec.to_builtins(thing, builtin_types=_KEPT_AS_THEY_ARE)


class Store(Generic[T]):
    """One collection of `T`."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        name: str,
        kept: type[T],
        hints: Hints,
        indexes: Sequence[IndexModel] = (),
        turnstile: Turnstile | None = None,
    ) -> None:
        self.name = name
        self.kept = kept
        self.collection: AsyncCollection[Document] = database[name]
        self.indexes = [*indexes, OUTBOX_INDEX]
        self._hints = hints
        self._turnstile = turnstile or Turnstile()

    async def prepare(self) -> None:
        """Makes the indexes; doing it again changes nothing."""
        await self.collection.create_indexes(self.indexes)

    def decode(self, document: Document) -> T:
        """A document as the dataclass; what the dataclass does not know is left out."""
        document["id"] = document.pop("_id")
        return msgspec.convert(document, self.kept, builtin_types=_KEPT_AS_THEY_ARE)

    async def get(self, key: str) -> T | None:
        """The one with this id, or None."""
        return await self.one({"_id": key})

    async def one(self, where: Mapping[str, Any]) -> T | None:
        """The first that fits, or None."""
        async with self._turnstile.reads:
            document = await self.collection.find_one(where)
        return self.decode(document) if document else None

    async def find(
        self, where: Mapping[str, Any], sort: Sequence[tuple[str, int]] = (("_id", 1),), limit: int = 100
    ) -> list[T]:
        """At most `limit` that fit, in order."""
        async with self._turnstile.reads:
            documents = await self.collection.find(where).sort(list(sort)).limit(limit).to_list(limit)
        return [self.decode(document) for document in documents]

    async def page(
        self, where: Mapping[str, Any], limit: int, cursor: str, *, newest_first: bool = True
    ) -> tuple[list[T], str]:
        """A page by id (ids sort by time), and the cursor of the next; 20 when `limit` is 0, at most 100.

        Refuses with `CursorInvalid`, `InvalidPage`.
        """
        if not 0 <= limit <= MOST_A_PAGE:
            raise InvalidPage("a page has 1 to 100", errors=[FieldError("/page/limit", "1 to 100")])
        size, after = limit or USUAL_PAGE, dict(where)
        if cursor:
            after["_id"] = {"$lt" if newest_first else "$gt": str(decode_cursor(cursor, 1)[0])}
        rows = await self.find(after, sort=[("_id", -1 if newest_first else 1)], limit=size + 1)
        return rows[:size], encode_cursor(rows[size - 1].id) if len(rows) > size else ""

    async def get_many(self, keys: Sequence[str]) -> dict[str, T]:
        """Those of these ids that exist, in one read."""
        found = await self.find({"_id": {"$in": list(keys)}}, limit=max(1, len(keys)))
        return {thing.id: thing for thing in found}

    async def insert(self, thing: T, *events: Message, session: AsyncClientSession | None = None) -> T:
        """Keeps a new one and tells. Refuses with `AlreadyExists` when its id or a unique value is taken."""
        thing.version = 1
        document = encode(thing)
        document["_id"] = document.pop("id")
        rows = self._envelopes(events)
        if rows:
            document["outbox"] = [_row(row) for row in rows]
        try:
            async with self._turnstile.writes:
                await self.collection.insert_one(document, session=session)
        except DuplicateKeyError as taken:
            raise AlreadyExists(f"{self.name} has one already", key=thing.id) from taken
        self._tell(thing.id, rows, session)
        return thing

    async def save(self, thing: T, *events: Message, session: AsyncClientSession | None = None) -> T:
        """Keeps a changed one and tells. Refuses with `VersionMismatch` when it has changed since it was read."""
        document = encode(thing)
        key, seen = document.pop("id"), document.pop("version")
        rows = self._envelopes(events)
        update = self._with_outbox({"$set": document, "$inc": {"version": 1}}, rows)
        async with self._turnstile.writes:
            result = await self.collection.update_one({"_id": key, "version": seen}, update, session=session)
        if result.matched_count == 0:
            raise VersionMismatch(f"{key} has changed since version {seen}")
        thing.version = seen + 1
        self._tell(key, rows, session)
        return thing

    async def change(
        self,
        where: Mapping[str, Any],
        update: Mapping[str, Any],
        *events: Message,
        session: AsyncClientSession | None = None,
    ) -> T | None:
        """One conditional atomic update of the document `where` names by `_id`; answers it as it is then, or None when
        the condition does not hold. Raises the version and tells."""
        rows = self._envelopes(events)
        async with self._turnstile.writes:
            document = await self.collection.find_one_and_update(
                where, self._raised(update, rows), return_document=ReturnDocument.AFTER, session=session
            )
        if document is None:
            return None
        thing = self.decode(document)
        self._tell(thing.id, rows, session)
        return thing

    async def change_many(self, changes: Sequence[Change]) -> bool:
        """Several conditional updates in one round trip, each atomic by itself; whether all of their conditions held.

        Not all or nothing: when it answers False the caller looks at what happened and takes it back.
        """
        rows = [self._envelopes(change.events) for change in changes]
        updates = [
            UpdateOne(change.where, self._raised(change.update, row)) for change, row in zip(changes, rows, strict=True)
        ]
        async with self._turnstile.writes:
            result = await self.collection.bulk_write(updates, ordered=False)
        if result.matched_count != len(changes):
            return False  # what did happen is found by the relay's sweep
        for change, row in zip(changes, rows, strict=True):
            self._tell(change.where["_id"], row, None)
        return True

    def _raised(self, update: Mapping[str, Any], rows: Sequence[Envelope]) -> Document:
        increments = {**update.get("$inc", {}), "version": 1}
        return self._with_outbox({**update, "$inc": increments}, rows)

    def _with_outbox(self, update: Document, rows: Sequence[Envelope]) -> Document:
        if rows:
            update["$push"] = {**update.get("$push", {}), "outbox": {"$each": [_row(row) for row in rows]}}
        return update

    def _envelopes(self, events: Sequence[Message]) -> list[Envelope]:
        if events:
            self._hints.look_into(self.name)
        return [envelope(event, current_trace()) for event in events]

    def _tell(self, key: str, rows: Sequence[Envelope], session: AsyncClientSession | None) -> None:
        # Inside a transaction nothing is committed yet: `together` tells it afterwards, else the sweep finds it in a while.
        waiting = _WAITING.get()
        if rows and session is None:
            self._hints.hint(self.name, key, rows)
        elif rows and waiting is not None:
            waiting.append(lambda: self._hints.hint(self.name, key, rows))


async def together(
    client: AsyncMongoClient[Document], write: Callable[[AsyncClientSession], Awaitable[object]]
) -> None:
    """Several writes or none; begun again when another transaction was in the way. What they tell is published at once."""
    waiting: list[Callable[[], None]] = []

    async def once(session: AsyncClientSession) -> None:
        waiting.clear()
        _WAITING.set(waiting)
        await write(session)

    async with client.start_session() as session:
        await session.with_transaction(once)
    for tell in waiting:
        tell()


def _row(row: Envelope) -> Document:
    return {"id": row.id, "subject": row.subject, "data": row.data, "at": row.at, "trace": row.trace}


class CursorInvalid(Invalid):
    """Not a cursor of this list."""


class InvalidPage(Invalid):
    """A page has 1 to 100 entries."""


def decode_cursor(cursor: str, parts: int) -> list[Any]:
    """The sort key a cursor stands for; `parts` long. Refuses with `CursorInvalid`."""
    with contextlib.suppress(ValueError, msgspec.DecodeError):
        values = msgspec.json.decode(bytes.fromhex(cursor))
        if isinstance(values, list) and len(values) == parts and all(isinstance(v, str | int | None) for v in values):
            return values
    raise CursorInvalid("this cursor is not one of this list's")


def encode_cursor(*values: str | int | None) -> str:
    """An opaque cursor for the sort key of the last item shown."""
    return msgspec.json.encode(values).hex()


def found(thing: T | None, refusal: NotFound) -> T:
    """`thing`, or the refusal."""
    if thing is None:
        raise refusal
    return thing
