"""This is where what went wrong with an order is kept until somebody has put it right (O16).

There is one open case an order and reason: what comes in again is added to it. The customer is to be contacted within a
day; the clock for that is a part of the case.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.sla import SlaClock, Step, begun, stopped
from services.kit.store import Store, encode
from services.orders import limits
from services.orders.deadlines.policies import CONTACT
from services.orders.messages.events import clock_told
from services.orders.orders import Sent
from services.orders.timers import TermsBook, Timers

from .messages import exception_opened, exception_resolved

OPEN, RESOLVED = "open", "resolved"
NO_ANSWER = "no_answer"
CHANNELS = ("phone", "chat", "email", "sms", "wechat", "in_person")
RESULTS = ("reached", "message_left", NO_ANSWER)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 200  # entries of a case's log, and of what it heard
_TRIES = 10
_OVER = ":over"


class ExceptionNotFound(NotFound):
    """There is no such exception."""


class ExceptionClosed(WrongState):
    """It is resolved already."""


class ExceptionFull(WrongState):
    """So much has been written of it that nothing more can be: resolve it, and open another."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody spoke to the customer, or tried to."""

    channel: str
    result: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what about it, and when."""

    at: datetime
    by: str
    what: str
    text: str = ""


@dataclass
class Case:
    """What went wrong. `claim` is the order and reason while it is open, and unique; `heard` are the keys of what opened it
    and came in again, each in one case only."""

    id: str
    order_id: str
    reason: str
    opened_at: datetime
    contact_clock: SlaClock
    state: str = OPEN
    claim: str = ""
    text: str = ""
    opened_by: str = ""
    shipment_id: str = ""
    heard: list[str] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    outcome: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    reship_id: str = ""
    refund_lines: list[Sent] = field(default_factory=list)  # decided before any money moves
    version: int = 0

    @property
    def waiting(self) -> list[str]:
        """Keys of what was heard and is not over."""
        return [key for key in self.heard if not key.endswith(_OVER) and f"{key}{_OVER}" not in self.heard]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is heard of an order. `key` tells it from the same heard again."""

    order_id: str
    reason: str
    key: str
    text: str = ""
    by: str = ""
    shipment_id: str = ""


def still_open(case: Case) -> Case:
    """Refuses with EXCEPTION_CLOSED."""
    if case.state != OPEN:
        raise ExceptionClosed("it is resolved already", outcome=case.outcome)
    return case


class Cases:
    """Opens, works off and lists cases."""

    def __init__(
        self, kept: Store[Case], book: TermsBook, clock: Clock, contacted_after: Callable[[str, float], None]
    ) -> None:
        self._kept, self._book, self._clock, self._contacted_after = kept, book, clock, contacted_after
        self.timers = Timers(kept, "contact_clock", book, _told, clock)

    async def open(self, trouble: Trouble) -> Case:
        """The open case of this trouble; heard again it changes nothing."""
        now, claim = self._clock.now(), f"{trouble.order_id}/{trouble.reason}"
        case = Case(
            id=new_id("exc"),
            order_id=trouble.order_id,
            reason=trouble.reason,
            opened_at=now,
            contact_clock=begun(CONTACT, self._book.newest, now),
            claim=claim,
            text=trouble.text,
            opened_by=trouble.by,
            shipment_id=trouble.shipment_id,
            heard=[trouble.key],
            log=[Entry(now, trouble.by, "opened", trouble.text)],
        )
        for _ in range(_TRIES):
            if known := await self._kept.one({"heard": trouble.key}):
                return known
            if added := await self._added(claim, trouble, now):
                return added
            try:
                return await self._kept.insert(case, exception_opened(case))
            except AlreadyExists:
                continue  # somebody else has just opened it, or heard of it
        raise Conflict("this exception keeps changing")

    async def _added(self, claim: str, trouble: Trouble, now: datetime) -> Case | None:
        known = await self._kept.one({"claim": claim})
        if known is None or len(known.heard) >= _MOST:
            return known
        again = Entry(now, trouble.by, "again", trouble.text)
        where = {"_id": known.id, "state": OPEN, "version": known.version, "heard": {"$ne": trouble.key}}
        try:
            return await self._kept.change(where, {"$push": {"heard": trouble.key, "log": encode(again)}})
        except AlreadyExists:
            return None

    async def over(self, case: Case, key: str) -> Case:
        """What opened it, or came in again, under this key is over; again changes nothing."""
        where = {"_id": case.id, "heard": {"$ne": f"{key}{_OVER}"}}
        return await self._kept.change(where, {"$push": {"heard": f"{key}{_OVER}"}}) or await self.get(case.id)

    async def get(self, case_id: str) -> Case:
        """One. Refuses with EXCEPTION_NOT_FOUND."""
        case = await self._kept.get(case_id) if limits.is_id(case_id, "exc") else None
        if case is None:
            raise ExceptionNotFound("no such exception")
        return case

    async def opened(self, case_id: str) -> Case:
        """One that is open. Refuses with EXCEPTION_NOT_FOUND, EXCEPTION_CLOSED."""
        return still_open(await self.get(case_id))

    async def of_order(self, order_id: str, reason: str) -> Case | None:
        """The open case of an order for a reason."""
        return await self._kept.one({"claim": f"{order_id}/{reason}"})

    async def of_orders(self, order_ids: Collection[str], reason: str) -> list[Case]:
        """The open cases of these orders for a reason."""
        claims = [f"{order_id}/{reason}" for order_id in order_ids]
        return await self._kept.find({"claim": {"$in": claims}}, sort=[("claim", 1)], limit=max(1, len(claims)))

    async def of_order_any(self, order_id: str, reasons: Iterable[str]) -> list[Case]:
        """The open cases of an order for any of these reasons."""
        return await self._kept.find({"claim": {"$in": [f"{order_id}/{reason}" for reason in reasons]}})

    async def contact(self, case_id: str, channel: str, result: str, note: str, by: str) -> Case:
        """Notes that the customer was contacted; unless nobody answered, that stops the clock. Refuses with
        EXCEPTION_NOT_FOUND, EXCEPTION_CLOSED, EXCEPTION_FULL."""
        said = limits.text(note, "/note", 1000)
        for _ in range(_TRIES):
            case, now = await self.opened(case_id), self._clock.now()
            if len(case.contacts) >= _MOST:
                raise ExceptionFull("at most 200 contacts")
            clock = case.contact_clock
            first = result != NO_ANSWER and clock.terms is not None
            if first:
                clock = stopped(clock, await self._book.of(clock.terms or 0), now)
            update = {
                "$set": {"contact_clock": encode(clock)},
                "$push": {"contacts": encode(Contact(channel, result, said, by, now))},
            }
            kept = await self._kept.change({"_id": case.id, "version": case.version}, update)
            if kept is not None:
                if first:
                    self._contacted_after(case.reason, (now - case.opened_at).total_seconds())
                return kept
        raise Conflict("this exception keeps changing")

    async def note(self, case_id: str, what: str, text: str, by: str, **fields: Any) -> Case:
        """Writes down what was done about it."""
        entry = Entry(self._clock.now(), by, what, limits.text(text, "/note", 1000))
        where = {"_id": case_id, f"log.{_MOST - 1}": {"$exists": False}}
        update: dict[str, Any] = {"$push": {"log": encode(entry)}, **({"$set": fields} if fields else {})}
        return await self._kept.change(where, update) or await self.get(case_id)

    async def decide_refund(self, case: Case, lines: Mapping[str, int]) -> Case:
        """Fixes what money is given back for: the first word holds, so that a repeat gives back for the same."""
        decided = encode([Sent(sku, count) for sku, count in lines.items()])
        where = {"_id": case.id, "refund_lines.0": {"$exists": False}}
        return await self._kept.change(where, {"$set": {"refund_lines": decided}}) or await self.get(case.id)

    async def resolve(self, case_id: str, outcome: str, note: str, by: str) -> Case:
        """Closes it; again changes nothing. Its clock stops. Refuses with EXCEPTION_NOT_FOUND."""
        said = limits.text(note, "/note", 1000)
        for _ in range(_TRIES):
            case, now = await self.get(case_id), self._clock.now()
            if case.state != OPEN:
                return case
            clock = case.contact_clock
            if clock.terms is not None:
                clock = stopped(clock, await self._book.of(clock.terms), now)
            case.state, case.outcome, case.resolved_at, case.resolved_by = RESOLVED, outcome, now, by
            set_ = {"contact_clock": encode(clock), "state": RESOLVED, "claim": "", "outcome": outcome}
            set_ |= {"resolved_at": now, "resolved_by": by}
            update = {"$set": set_, "$push": {"log": encode(Entry(now, by, outcome, said))}}
            where = {"_id": case.id, "version": case.version}
            if kept := await self._kept.change(where, update, exception_resolved(case)):
                return kept
        raise Conflict("this exception keeps changing")

    async def page(self, state: str, reason: str, overdue: bool, limit: int, cursor: str) -> tuple[list[Case], str]:
        """A page, oldest first, and the cursor of the next."""
        where: dict[str, Any] = {"state": state or {"$in": [OPEN, RESOLVED]}}
        if reason:
            where["reason"] = limits.code(reason, "/reason")
        if overdue:
            where |= {
                "state": OPEN,
                "contact_clock.policy": CONTACT,
                "contact_clock.terms": {"$gt": 0},
                "contact_clock.breached_at": {"$gt": _EPOCH},
            }
        return await self._kept.page(where, limit, cursor, newest_first=False)


def _told(case: Case, clock: SlaClock, step: Step) -> Any:
    return clock_told(case.id, case.order_id, clock, step, case.reason)
