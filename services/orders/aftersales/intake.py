"""This is where goods are asked to be taken back: the right looked up in the terms frozen at purchase, the units claimed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, VersionMismatch
from services.kit.ids import new_id
from services.kit.store import Store
from services.orders import limits
from services.orders.looking import Orders
from services.orders.orders import Happened, Order, State
from services.orders.pricing import paid_for_units

from .messages.returns import return_requested
from .reasons import GOODS_COME_BACK, REASONS, SENT_ANEW, Kind
from .returns import (
    REVIEW_WITHIN,
    AlreadyExchanged,
    InvalidReturn,
    NotDelivered,
    NothingToReturn,
    PhotosNeeded,
    Return,
    ReturnBusy,
    ReturnLine,
    ReturnState,
    Step,
    Wanted,
)
from .statistics import Statistics, keys_of
from .terms import USUAL, check, freight_payer

_TRIES = 5
_PHOTOS = ("https://", "http://", "/v1/media/med_")
# Runs its argument in one transaction of the database; off the hot path, where two documents change together.
Together = Callable[[Callable[[Any], Awaitable[None]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    order_id: str
    customer_id: str
    lines: Sequence[ReturnLine]
    reason: str
    photos: Sequence[str]
    request_id: str
    kind: Kind = Kind.RETURN
    detail: str = ""
    note: str = ""
    wants: Sequence[Wanted] = field(default_factory=tuple)


class Intake:
    """Opens returns."""

    def __init__(
        self,
        returns: Store[Return],
        orders: Store[Order],
        looking: Orders,
        together: Together,
        statistics: Statistics,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._returns, self._orders, self._looking = returns, orders, looking
        self._together, self._statistics, self._clock, self._zone = together, statistics, clock, zone

    async def open(self, asked: Asked) -> tuple[Return, bool]:
        """The return, and whether it is the first answer once more. Refuses with ORDER_NOT_FOUND, NOT_DELIVERED,
        NOTHING_TO_RETURN, INVALID_RETURN, PHOTOS_NEEDED, NOT_RETURNABLE, WINDOW_CLOSED, KIND_NOT_ALLOWED,
        ALREADY_EXCHANGED, RETURN_BUSY."""
        limits.request_id(asked.request_id)
        _check(asked)
        for _ in range(_TRIES):
            order = await self._looking.get(asked.order_id, asked.customer_id)
            earlier = await self._returns.one({"request_id": asked.request_id})
            if earlier is not None and earlier.order_id == order.id:
                return earlier, True
            try:
                return await self._opened(order, asked), False
            except (VersionMismatch, AlreadyExists):
                continue  # the order changed, or the same was asked for twice at once: look again
        raise ReturnBusy("the order keeps changing", retry_after_s=1)

    async def _opened(self, order: Order, asked: Asked) -> Return:
        now, reason = self._clock.now(), REASONS[asked.reason]
        _there(order, asked)
        for wanted in asked.lines:
            line = order.line(wanted.sku)
            terms = (line.terms if line else None) or USUAL
            check(wanted.sku, terms, reason, asked.kind, order.delivered_at, now, self._zone)
        claimed = [_claim(order, line) for line in asked.lines]
        payers = {freight_payer(_terms(order, line.sku), reason, asked.kind) for line in claimed}
        rma = Return(
            id=new_id("ret"),
            request_id=asked.request_id,
            order_id=order.id,
            customer_id=order.customer_id,
            state=ReturnState.REQUESTED,
            currency=order.currency,
            lines=claimed,
            reason=asked.reason,
            photos=list(asked.photos),
            requested_at=now,
            review_by=now + REVIEW_WITHIN,
            kind=asked.kind,
            detail=asked.detail,
            note=asked.note,
            wants=list(asked.wants),
            goods_back=asked.kind in GOODS_COME_BACK,
            freight_payer="customer" if "customer" in payers else "shop" if "shop" in payers else "",
            steps=[Step(ReturnState.REQUESTED.value, now)],
            counted=keys_of(order, [line.sku for line in claimed], asked.reason),
        )
        order.events.append(Happened(f"return:{rma.id}", "return_requested", now, "A return is asked for."))
        told = return_requested(order, rma, now)

        async def both(session: Any) -> None:
            await self._returns.insert(rma, session=session)
            await self._orders.save(order, told, session=session)
            await self._statistics.asked(rma, now, session)

        await self._together(both)
        return rma


def _terms(order: Order, sku: str) -> Any:
    line = order.line(sku)
    return (line.terms if line else None) or USUAL


def _there(order: Order, asked: Asked) -> None:
    """It has come; what is lost has at least left."""
    left = order.state in (State.DELIVERED, State.SHIPPED) if asked.reason == "lost" else False
    if order.state is not State.DELIVERED and not left:
        raise NotDelivered("what has not arrived cannot come back")
    if order.follow_up and order.captured_minor and asked.kind in SENT_ANEW:
        raise AlreadyExchanged("money was paid for it beside: return it instead")


def _check(asked: Asked) -> None:
    _check_lines(asked)
    reason = REASONS.get(asked.reason)
    if reason is None:
        raise limits.refused("/reason", f"one of {', '.join(sorted(REASONS))}", InvalidReturn)
    if asked.detail and asked.detail not in reason.details:
        raise limits.refused("/detail", f"one of {', '.join(reason.details) or 'none'}", InvalidReturn)
    limits.text(asked.note, "/note", 500, InvalidReturn)
    if len(asked.photos) > 10:
        raise limits.refused("/photos", "at most ten", InvalidReturn)
    for number, photo in enumerate(asked.photos):
        if not limits.text(photo, f"/photos/{number}", 500, InvalidReturn).startswith(_PHOTOS):
            raise limits.refused(f"/photos/{number}", "the address of a photo", InvalidReturn)
    if reason.photos and not asked.photos:
        raise limits.refused("/photos", "this reason needs photos", PhotosNeeded)


def _check_lines(asked: Asked) -> None:
    for name, lines in (("/lines", asked.lines), ("/wants", asked.wants)):
        if len(lines) > limits.MOST_LINES or len({line.sku for line in lines}) != len(lines):
            raise limits.refused(name, "1 to 1,000 lines, each SKU once", InvalidReturn)
        if any(not 1 <= line.quantity <= limits.MOST_OF_A_SKU for line in lines):
            raise limits.refused(name, "at least one of each", InvalidReturn)
    if not asked.lines:
        raise limits.refused("/lines", "at least one", InvalidReturn)
    if asked.wants and asked.kind is not Kind.EXCHANGE:
        raise limits.refused("/wants", "only an exchange asks for something else", InvalidReturn)


def _claim(order: Order, wanted: ReturnLine) -> ReturnLine:
    """Takes units of the line; what is left of what was paid for exactly those is given back."""
    line = order.line(wanted.sku)
    left = line.kept if line else 0
    if line is None or wanted.quantity > left:
        raise NothingToReturn(f"{left} of {wanted.sku[:64]} can come back", sku=wanted.sku[:64], left=left)
    credit = paid_for_units(line.credit_minor, line.kept, 0, wanted.quantity)
    line.credit_minor -= credit
    return ReturnLine(line.sku, wanted.quantity, line.give_up(wanted.quantity), credit)
