"""This is where goods come back: asked for, approved, received, and refunded with exactly what was paid for them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.store import Store, encode, encode_cursor

from . import limits
from .looking import Orders, page_filter
from .messages.events import return_received, return_requested
from .orders import Happened, Order, State

_REVIEW_WITHIN = timedelta(hours=24)
_REASONS = frozenset({"no_reason", "size", "colour", "quality", "damaged", "wrong_item", "other"})
_TRIES = 5


class InvalidReturn(Invalid):
    """Not a return as it is: lines, reason or photos."""


class NotDelivered(WrongState):
    """What has not arrived cannot come back."""


class NothingToReturn(WrongState):
    """So many were not bought, or are on their way back already (metadata: sku, left)."""


class ReturnNotFound(NotFound):
    """There is no such return."""


class IllegalTransition(WrongState):
    """A return goes from requested to approved, received, refunded; nowhere else."""


class ReturnBusy(Conflict):
    """The order keeps changing: try again."""


class ReturnState(StrEnum):
    """The life of a return; as in returns.proto."""

    REQUESTED = "requested"
    APPROVED = "approved"
    RECEIVED = "received"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """So many of a SKU, and what was paid for exactly those units (minor units)."""

    sku: str
    quantity: int
    refund_minor: int = 0


@dataclass
class Return:
    """A return (RMA)."""

    id: str
    request_id: str
    order_id: str
    customer_id: str
    state: ReturnState
    currency: str
    lines: list[ReturnLine]
    reason: str
    photos: list[str]
    requested_at: datetime
    review_by: datetime
    sound: bool = False
    warehouse: str = ""
    by: dict[str, str] = field(default_factory=dict)
    due_at: datetime | None = None
    version: int = 0

    @property
    def refund_minor(self) -> int:
        """What will be given back."""
        return sum(line.refund_minor for line in self.lines)

    def refunds(self) -> dict[str, tuple[int, int]]:
        """Units and minor units by SKU."""
        return {line.sku: (line.quantity, line.refund_minor) for line in self.lines}


# Runs its argument in one transaction of the database; off the hot path, where two documents change together.
Together = Callable[[Callable[[Any], Awaitable[None]]], Awaitable[None]]


class Returns:
    """Opens, approves and receives returns; `refunds.py` pays them out."""

    def __init__(
        self, returns: Store[Return], orders: Store[Order], looking: Orders, together: Together, clock: Clock
    ) -> None:
        self._returns, self._orders, self._looking = returns, orders, looking
        self._together, self._clock = together, clock

    async def open(
        self,
        order_id: str,
        customer_id: str,
        lines: Sequence[ReturnLine],
        reason: str,
        photos: Sequence[str],
        request_id: str,
    ) -> tuple[Return, bool]:
        """The return, and whether it is the first answer once more. Refuses with ORDER_NOT_FOUND, NOT_DELIVERED,
        NOTHING_TO_RETURN, INVALID_RETURN."""
        limits.request_id(request_id)
        _check(lines, reason, photos)
        for _ in range(_TRIES):
            order = await self._looking.get(order_id, customer_id)
            earlier = await self._returns.one({"request_id": request_id})
            if earlier is not None and earlier.order_id == order.id:
                return earlier, True
            try:
                return await self._opened(order, lines, reason, photos, request_id), False
            except (VersionMismatch, AlreadyExists):
                continue  # the order changed, or the same was asked for twice at once: look again
        raise ReturnBusy("the order keeps changing", retry_after_s=1)

    async def _opened(
        self, order: Order, lines: Sequence[ReturnLine], reason: str, photos: Sequence[str], request_id: str
    ) -> Return:
        if order.state is not State.DELIVERED:
            raise NotDelivered("what has not arrived cannot come back")
        now = self._clock.now()
        claimed = [_claim(order, line) for line in lines]
        rma = Return(
            id=new_id("ret"),
            request_id=request_id,
            order_id=order.id,
            customer_id=order.customer_id,
            state=ReturnState.REQUESTED,
            currency=order.currency,
            lines=claimed,
            reason=reason,
            photos=list(photos),
            requested_at=now,
            review_by=now + _REVIEW_WITHIN,
        )
        order.events.append(Happened(f"return:{rma.id}", "return_requested", now, "A return is asked for."))
        told = return_requested(order, rma.id, reason, rma.refunds(), now)

        async def both(session: Any) -> None:
            await self._returns.insert(rma, session=session)
            await self._orders.save(order, told, session=session)

        await self._together(both)
        return rma

    async def approve(self, return_id: str, by: str) -> Return:
        """Says yes; again changes nothing. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION."""
        done = {"state": ReturnState.APPROVED.value, "by.approved": limits.text(by, "/by", 64)}
        where = {"_id": return_id, "state": ReturnState.REQUESTED.value}
        return await self._returns.change(where, {"$set": done}) or await self._was(return_id, ReturnState.APPROVED)

    async def receive(self, return_id: str, by: str, sound: bool, warehouse: str) -> Return:
        """The goods are back; again changes nothing. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION."""
        rma = await self._found(return_id)
        order = await self._orders.get(rma.order_id)
        if order is None:
            raise ReturnNotFound("its order is gone")
        shelf = limits.text(warehouse, "/warehouse", 64, InvalidReturn) or "main"
        done = {
            "state": ReturnState.RECEIVED.value,
            "sound": sound,
            "warehouse": shelf,
            "by.received": limits.text(by, "/by", 64),
        }
        told = return_received(order, rma.id, rma.refunds(), sound, shelf, self._clock.now())
        where = {"_id": return_id, "state": ReturnState.APPROVED.value}
        changed = await self._returns.change(where, {"$set": done}, told)
        if changed is None:
            return await self._was(return_id, ReturnState.RECEIVED)
        happened = Happened(f"received:{rma.id}", "return_received", self._clock.now(), "The goods are back.")
        unheard = {"_id": order.id, "events.key": {"$ne": happened.key}}
        await self._orders.change(unheard, {"$push": {"events": encode(happened)}})
        return changed

    async def page(
        self, customer_id: str, state: ReturnState | None, limit: int, cursor: str
    ) -> tuple[list[Return], str]:
        """Newest first, and where the next page starts."""
        where = page_filter(
            limits.customer_id(customer_id), [state] if state else list(ReturnState), limit, cursor, "ret"
        )
        size = limit or 20
        rows = await self._returns.find(where, sort=[("_id", -1)], limit=size + 1)
        return rows[:size], encode_cursor(rows[size - 1].id) if len(rows) > size else ""

    async def _found(self, return_id: str) -> Return:
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None:
            raise ReturnNotFound("no such return")
        return rma

    async def _was(self, return_id: str, state: ReturnState) -> Return:
        """It is in that state already, or cannot get there."""
        rma = await self._found(return_id)
        if rma.state is not state:
            raise IllegalTransition(f"it is {rma.state.value}")
        return rma


def _check(lines: Sequence[ReturnLine], reason: str, photos: Sequence[str]) -> None:
    if not 0 < len(lines) <= limits.MOST_LINES or len({line.sku for line in lines}) != len(lines):
        raise limits.refused("/lines", "1 to 1,000 lines, each SKU once", InvalidReturn)
    if any(not 1 <= line.quantity <= limits.MOST_OF_A_SKU for line in lines):
        raise limits.refused("/lines", "at least one of each", InvalidReturn)
    if reason not in _REASONS:
        raise limits.refused("/reason", f"one of {', '.join(sorted(_REASONS))}", InvalidReturn)
    if len(photos) > 10:
        raise limits.refused("/photos", "at most ten", InvalidReturn)
    for number, photo in enumerate(photos):
        if not limits.text(photo, f"/photos/{number}", 500, InvalidReturn).startswith(("https://", "http://")):
            raise limits.refused(f"/photos/{number}", "the address of a photo", InvalidReturn)


def _claim(order: Order, wanted: ReturnLine) -> ReturnLine:
    """Takes the next units of the line; what is left of what was paid for exactly those is given back."""
    line = order.line(wanted.sku)
    left = line.kept if line else 0
    if line is None or wanted.quantity > left:
        raise NothingToReturn(f"{left} of {wanted.sku[:64]} can come back", sku=wanted.sku[:64], left=left)
    return ReturnLine(line.sku, wanted.quantity, line.give_up(wanted.quantity))
