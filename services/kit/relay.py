"""This is where committed events leave the outbox for JetStream.

What was just saved is published from memory at once and marked as sent a moment later, many documents in one write; a sweep
publishes what a crash or an outage left behind. Publishing twice is harmless: JetStream drops it by its id, and every
listener's effect happens once.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from services.kit.clock import SystemClock
from services.kit.events import Envelope
from services.kit.telemetry import Metrics

log = logging.getLogger(__name__)
Sent = dict[str, dict[str, list[Envelope]]]  # collection → document → events
Own = Callable[[Sequence[Envelope]], Awaitable[None]]
_LEFT_BEHIND = timedelta(seconds=3)  # longer than a publish may take, so that the sweep leaves the living alone
_SWEEP_S = 4.0
_ALL_AT_FIRST = (
    4  # sweeps: whoever starts looks for what a crash left everywhere, until it must be old enough to be seen
)
_ALL_IN = 8  # sweeps after which each collection was looked into, also those where nothing was told of late
_LATELY_S = 30.0  # longer than what is told now can take to fail to go out
_BATCH = 200
_ROOM = 20_000  # rows waiting in memory; beyond it the sweep takes over


class Publisher(Protocol):
    """Where events go."""

    async def publish_all(self, rows: Sequence[tuple[str, Envelope]]) -> list[bool]:
        """Publishes (key, event) pairs in order; answers which are safely there. Never raises for an outage."""
        ...


class Relay:
    """Publishes the outboxes of one service's database."""

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], publisher: Publisher, metrics: Metrics, mark_every_s: float
    ) -> None:
        self._mark_every_s = mark_every_s
        self._sent: Sent = defaultdict(lambda: defaultdict(list))
        self._database = database
        self._publisher = publisher
        self._metrics = metrics
        self._waiting: asyncio.Queue[tuple[str, str, Envelope]] = asyncio.Queue(_ROOM)
        self._clock = SystemClock()
        self._sweep_now = asyncio.Event()
        self._told_at: dict[str, float] = {}
        self._oldest_s = 0.0
        self.collections: list[str] = []
        self.own: Own | None = None

    def look_into(self, collection: str) -> None:
        """Something is told there, or is left behind."""
        self._told_at[collection] = time.monotonic()

    def hint(self, collection: str, key: str, rows: Sequence[Envelope]) -> None:
        """`rows` were just committed in document `key`."""
        if self._waiting.qsize() + len(rows) < _ROOM:
            for row in rows:
                self._waiting.put_nowait((collection, key, row))

    def sweep_now(self) -> None:
        """NATS is back: what it missed need not wait for the next round."""
        self._sweep_now.set()

    async def run(self) -> None:
        """Publishes hints as they come, for ever."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            await self._publish(batch)

    async def mark_for_ever(self) -> None:
        """Takes what was sent out of the outboxes, for ever."""
        while True:
            await asyncio.sleep(self._mark_every_s)
            try:
                await self.mark()
            except Exception:  # a fault in what is done about an own event must not end the marking
                log.warning("events are sent but not yet marked; the sweep will", exc_info=True)

    async def mark(self) -> None:
        """Does what the service itself does about its own events, then takes them out of the outboxes."""
        sent, self._sent = self._sent, defaultdict(lambda: defaultdict(list))
        if self.own and sent:
            await self.own([row for keys in sent.values() for rows in keys.values() for row in rows])
        for collection, keys in sent.items():
            marks = [
                UpdateOne({"_id": key}, {"$pull": {"outbox": {"id": {"$in": [row.id for row in rows]}}}})
                for key, rows in keys.items()
            ]
            await self._database[collection].bulk_write(marks, ordered=False)

    async def sweep_for_ever(self) -> None:
        """Publishes what was left behind, for ever."""
        turn = 0
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._sweep_now.wait(), _SWEEP_S)
            if self._sweep_now.is_set():
                self._sweep_now.clear()
                turn = 0
            self._oldest_s = 0.0
            try:
                for collection in self._to_sweep(turn):
                    while await self.sweep(collection) == _BATCH:
                        pass
                self._metrics.outbox.set(self._oldest_s)
            except Exception:
                log.warning("the outbox sweep will come again", exc_info=True)
            turn += 1

    def _to_sweep(self, turn: int) -> list[str]:
        """Where this sweep looks: everywhere at first, then where something was told of late, and a part of the rest."""
        if turn < _ALL_AT_FIRST:
            return self.collections
        lately = time.monotonic() - _LATELY_S
        return [
            name
            for place, name in enumerate(self.collections)
            if place % _ALL_IN == turn % _ALL_IN or self._told_at.get(name, 0.0) > lately
        ]

    async def sweep(self, collection: str, left_behind: timedelta = _LEFT_BEHIND) -> int:
        """Publishes one batch of a collection's old rows; answers how many documents had any."""
        now = self._clock.now()
        old = {"outbox.id": {"$exists": True}, "outbox.at": {"$lt": now - left_behind}}
        cursor = self._database[collection].find(old, {"outbox": 1}).sort("outbox.at", 1).limit(_BATCH).hint("outbox")
        documents = await cursor.to_list(_BATCH)
        if documents:
            self.look_into(collection)  # until it is gone
            self._oldest_s = max(self._oldest_s, (now - documents[0]["outbox"][0]["at"]).total_seconds())
            batch = [(collection, doc["_id"], Envelope(**row)) for doc in documents for row in doc["outbox"]]
            if not await self._publish(batch):
                return 0  # nothing went through: wait for the next round
            await self.mark()
        return len(documents)

    async def _publish(self, batch: list[tuple[str, str, Envelope]]) -> int:
        sent = await self._publisher.publish_all([(key, row) for _, key, row in batch])
        for (collection, key, row), safe in zip(batch, sent, strict=True):
            if safe:
                self._sent[collection][key].append(row)
                self._metrics.told.labels(row.subject).inc()
        return sum(sent)
