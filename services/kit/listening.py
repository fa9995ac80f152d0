"""This is where what is heard meets what is done about it: once in effect, retried when something is away, else parked.

The effect is the inbox: a handler's own conditional write makes a repeated event harmless (a contract test tells every
handler everything twice). A `Refused` is final; what is away (database, neighbour) is waited for; anything else is a bug
and is parked after five tries, where `make parked` shows and re-tells it.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from pymongo.asynchronous.database import AsyncDatabase

from services.kit.broker import Msg, nats
from services.kit.clock import SystemClock, parse_time, rfc3339
from services.kit.errors import Conflict, Exhausted, Refused, TooLate, Unavailable
from services.kit.events import Envelope, Told, subject_of
from services.kit.store import is_away
from services.kit.telemetry import Metrics, Tracer

log = logging.getLogger(__name__)
M = TypeVar("M", bound=Message)
Handler = Callable[[Any, Told], Awaitable[object]]
BatchHandler = Callable[[Sequence[tuple[Any, Told]]], Awaitable[object]]

_TRIES = 5
_COMPANY_S = 0.05  # how long an event that is taken in batches waits for others
_BUG_DELAYS_S = (1, 5, 30, 120)
_AWAY_DELAYS_S = (0.2, 0.5, 1, 2, 5, 10)
_AWAY = (Unavailable, TooLate, Conflict, Exhausted, OSError, asyncio.TimeoutError)


@dataclass
class Hears:
    """What a service does about events: a handler a message type, and one for types taken in batches."""

    handlers: dict[type[Message], Handler] = field(default_factory=dict)
    batches: dict[type[Message], BatchHandler] = field(default_factory=dict)
    own: dict[type[Message], BatchHandler] = field(
        default_factory=dict
    )  # what it told itself, before it leaves the outbox

    async def hear_own(self, rows: Sequence[Envelope]) -> None:
        """Hands a service the events it has just told, in batches; raises when one cannot be handled, to be told again."""
        for kind, handle in self.own.items():
            subject = subject_of(kind)
            if mine := [row for row in rows if row.subject == subject]:
                await handle([(kind.FromString(row.data), Told(row.id, rfc3339(row.at))) for row in mine])

    def types(self) -> dict[str, type[Message]]:
        """Every type heard over NATS, by its subject."""
        return {subject_of(message): message for message in (*self.handlers, *self.batches)}

    def by_teller(self) -> dict[str, list[str]]:
        """Subjects heard, by the service that tells them (`shop.orders.v1.OrderPaid` is told by orders)."""
        tellers: dict[str, list[str]] = defaultdict(list)
        for subject in sorted(self.types()):
            tellers[subject.split(".")[1]].append(subject)
        return dict(tellers)


class Listening:
    """One service's listening: decodes, hands over, acknowledges, delays or parks."""

    def __init__(
        self,
        hears: Hears,
        database: AsyncDatabase[dict[str, Any]],
        metrics: Metrics,
        tracer: Tracer,
        full_name: Callable[[str], str],
    ) -> None:
        self._hears, self._metrics, self._tracer, self._full_name = hears, metrics, tracer, full_name
        self._types = hears.types()
        self._parked = database["parked"]
        self._clock = SystemClock()
        self._waiting: dict[str, list[Msg]] = defaultdict(list)
        self._flushing: set[asyncio.Task[None]] = set()

    async def handle(self, messages: Sequence[Msg]) -> None:
        """Handles a batch: events of one document in their order, others side by side."""
        singles: dict[str, list[Msg]] = defaultdict(list)
        for message in messages:
            subject = self._full_name(message.subject)
            if self._types.get(subject) in self._hears.batches:
                self._gather(subject, message)
            else:
                singles[(message.headers or {}).get("shop-key", "")].append(message)
        await asyncio.gather(*(self._one_by_one(group) for group in singles.values()))

    def _gather(self, subject: str, message: Msg) -> None:
        """Lets a message of a batch wait a moment for company."""
        waiting = self._waiting[subject]
        waiting.append(message)
        if len(waiting) == 1:
            task = asyncio.create_task(self._flush(subject))
            self._flushing.add(task)
            task.add_done_callback(self._flushing.discard)

    async def _flush(self, subject: str) -> None:
        await asyncio.sleep(_COMPANY_S)
        messages, self._waiting[subject] = self._waiting[subject], []
        try:
            await self._together(self._types[subject], messages)
        except nats.errors.Error:
            log.warning("%s waits for NATS; it will be told again", subject)

    async def _one_by_one(self, messages: Sequence[Msg]) -> None:
        for message in messages:
            await self._settle(message, self._do_one(message))

    async def _do_one(self, message: Msg) -> None:
        kind = self._types[self._full_name(message.subject)]
        event = kind.FromString(message.data)
        with self._tracer.span(f"hear {kind.DESCRIPTOR.name}", (message.headers or {}).get("traceparent", "")):
            await self._hears.handlers[kind](event, _told(message))

    async def _together(self, kind: type[Message], messages: Sequence[Msg]) -> None:
        async def do_all() -> None:
            await self._hears.batches[kind]([(kind.FromString(m.data), _told(m)) for m in messages])

        try:
            with self._tracer.span(f"hear {kind.DESCRIPTOR.name}", (messages[0].headers or {}).get("traceparent", "")):
                await do_all()
        except Exception as error:
            for message in messages:
                if waits(error):
                    await self._wait(message, error)
                else:  # one of them spoils the batch: find it by taking them one at a time
                    await self._settle(message, self._do_one_of_batch(kind, message))
        else:
            for message in messages:
                await self._done(message, "done")

    async def _do_one_of_batch(self, kind: type[Message], message: Msg) -> None:
        await self._hears.batches[kind]([(kind.FromString(message.data), _told(message))])

    async def _settle(self, message: Msg, work: Awaitable[None]) -> None:
        deliveries = message.metadata.num_delivered
        try:
            await work
        except Exception as error:
            if waits(error):
                await self._wait(message, error)
            elif isinstance(error, Refused):
                log.info("%s is refused: %s %s", message.subject, error.reason, error.detail)
                await self._done(message, "refused")
            elif deliveries >= _TRIES or isinstance(error, DecodeError):
                log.exception("%s is parked", message.subject)
                await self._park(message, error)
            else:
                log.exception("%s cannot be handled yet", message.subject)
                await self._later(message, _BUG_DELAYS_S, deliveries, "failed")
        else:
            await self._done(message, "done")

    async def _done(self, message: Msg, outcome: str) -> None:
        subject = self._full_name(message.subject)
        if at := parse_time((message.headers or {}).get("ce-time", "")):
            self._metrics.event_lag.labels(subject).observe(max(0.0, (self._clock.now() - at).total_seconds()))
        self._metrics.heard.labels(subject, outcome).inc()
        await message.ack()

    async def _wait(self, message: Msg, away: Exception) -> None:
        log.info("%s waits: %s", message.subject, away)
        await self._later(message, _AWAY_DELAYS_S, message.metadata.num_delivered, "waits")

    async def _later(self, message: Msg, delays: Sequence[float], deliveries: int, outcome: str) -> None:
        self._metrics.heard.labels(self._full_name(message.subject), outcome).inc()
        await message.nak(delay=delays[min(deliveries, len(delays)) - 1])

    async def _park(self, message: Msg, cause: Exception) -> None:
        told = _told(message)
        row = {
            "subject": self._full_name(message.subject),
            "data": message.data,
            "headers": dict(message.headers or {}),
            "cause": f"{type(cause).__name__}: {cause}"[:2000],
            "tries": told.deliveries,
            "parked_at": self._clock.now(),
        }
        await self._parked.update_one({"_id": told.id}, {"$set": row}, upsert=True)
        self._metrics.parked.set(await self._parked.estimated_document_count())
        self._metrics.heard.labels(row["subject"], "parked").inc()
        await message.term()


def waits(error: Exception) -> bool:
    """Whether something it needs is away, so that it is only a matter of time."""
    return isinstance(error, _AWAY) or is_away(error)


def _told(message: Msg) -> Told:
    headers: Mapping[str, str] = message.headers or {}
    return Told(headers.get("ce-id", ""), headers.get("ce-time", ""), message.metadata.num_delivered, dict(headers))
