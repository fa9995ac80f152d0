"""This is where a paid order is held and let go, one reason at a time, whoever has something against sending it (O03, O06).

Every hold and release is one conditional write of the order, which keeps who, when and why. The release of the last tells
that it is to be sent, in the same write. An order that was to be sent already is held at the warehouse too: asked at once,
so that staff are told when it has left, and told by an event, so that it is done whoever was away.
"""

import dataclasses
import logging
from typing import Any, Protocol

from services.kit.clock import Clock
from services.kit.errors import Conflict, NotFound, Refused, Unavailable, WrongState
from services.kit.sla import SlaClock, paused, resumed
from services.kit.store import Store, encode

from . import limits
from .looking import OrderNotFound
from .messages.events import order_held, order_released
from .orders import Happened, Order, State
from .preorders.terms import Stage
from .screens import Hold
from .sorting import PREORDER, sort
from .timers import TermsBook

log = logging.getLogger(__name__)
_TRIES = 10
_CHANGED = ("holds", "to_send", "ship_clock", "classes", "priority", "rank")
WAITS_FOR_CUSTOMER = "waits_for_customer"


class NotHoldable(WrongState):
    """Only an order that is paid and not sent can be held or let go."""


class TooLateToHold(WrongState):
    """A parcel of it has left."""


class HoldNotFound(NotFound):
    """The order was never held for this reason."""


class Holder(Protocol):
    """Who can keep parcels from leaving: logistics."""

    async def hold(self, order_id: str, turn: int) -> None:
        """Keeps an order's parcels where they are; later turns win. Refuses with ALREADY_SHIPPED."""
        ...


class Holding:
    """Holds orders and lets them go."""

    def __init__(self, orders: Store[Order], parcels: Holder, book: TermsBook, clock: Clock) -> None:
        self._orders, self._parcels, self._book, self._clock = orders, parcels, book, clock

    async def hold(self, order_id: str, reason: str, text: str, by: str, *, pauses: bool = False) -> Order:
        """The order, held; again changes nothing. Refuses with ORDER_NOT_FOUND, NOT_HOLDABLE, TOO_LATE_TO_HOLD."""
        why = limits.text(text, "/text", 500)
        for _ in range(_TRIES):
            order = await self._paid(order_id)
            if any(hold.reason == reason for hold in order.held):
                return order
            turn, now = order.hold_turn + 1, self._clock.now()
            order.holds.append(Hold(reason, why, now, by=by, pauses=pauses))
            happened = Happened(f"held:{turn}", "held", now, "We look at this order before it is sent.")
            held = await self._kept(order, happened, order_held(order, reason, by, now, turn))
            if held is not None:
                return await self._kept_from_leaving(held, reason, turn) if held.to_send else held
        raise Conflict("this order keeps changing")

    async def release(self, order_id: str, reason: str, by: str, why: str = "") -> Order:
        """The order with this hold let go; again changes nothing. Refuses with ORDER_NOT_FOUND, HOLD_NOT_FOUND,
        NOT_HOLDABLE."""
        said = limits.text(why, "/why", 500)
        for _ in range(_TRIES):
            order = await self._paid(order_id)
            if not any(hold.reason == reason for hold in order.held):
                return _once_held(order, reason)
            if reason == PREORDER and order.preorder and order.preorder.stage is not Stage.READY:
                raise NotHoldable("its goods are not held yet, or not all of it is paid", state=order.state.value)
            now = self._clock.now()
            _let_go(order, reason, by, said, now)
            events = []
            if not order.held:
                order.to_send = True
                events.append(order_released(order, by, now))
            text = "" if order.held else "It is sent now."
            released = await self._kept(order, Happened(f"released:{order.hold_turn}", "released", now, text), *events)
            if released is not None:
                return released
        raise Conflict("this order keeps changing")

    async def _paid(self, order_id: str) -> Order:
        order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
        if order is None:
            raise OrderNotFound("no such order")
        if order.state is not State.PAID:
            raise NotHoldable(f"it is {order.state.value}", state=order.state.value)
        return order

    async def _kept(self, order: Order, happened: Happened, *events: Any) -> Order | None:
        """Writes what holds have become, unless the order has changed since it was read."""
        order.ship_clock = await self._ticking(order)
        sort(order)
        set_ = {name: encode(getattr(order, name)) for name in _CHANGED}
        where = {"_id": order.id, "version": order.version}
        return await self._orders.change(where, {"$set": set_, "$push": {"events": encode(happened)}}, *events)

    async def _ticking(self, order: Order) -> SlaClock | None:
        """Its clock, which stands still as long as it waits for the customer."""
        clock = order.ship_clock
        if clock is None or clock.terms is None:
            return clock
        terms, now = await self._book.of(clock.terms), self._clock.now()
        waits = any(hold.pauses for hold in order.held)
        return paused(clock, terms, WAITS_FOR_CUSTOMER, now) if waits else resumed(clock, terms, now)

    async def _kept_from_leaving(self, order: Order, reason: str, turn: int) -> Order:
        try:
            await self._parcels.hold(order.id, turn)
        except (Unavailable, Conflict) as away:
            log.info("%s is held at the warehouse as soon as it can be told: %s", order.id, away.reason)
        except Refused as no:
            if no.reason != "ALREADY_SHIPPED":
                raise
            await self._forget(order, reason)
            raise TooLateToHold("a parcel of it has left") from no
        return order

    async def _forget(self, order: Order, reason: str) -> None:
        """It had left: the hold stays in the order as one that was too late."""
        for number, hold in enumerate(order.holds):
            if hold.reason == reason and hold.released_at is None:
                gone = {"released_at": self._clock.now(), "released_by": "shop", "why": "it had left"}
                where = {"_id": order.id, f"holds.{number}.released_at": None}
                await self._orders.change(where, {"$set": {f"holds.{number}.{k}": v for k, v in gone.items()}})


def _once_held(order: Order, reason: str) -> Order:
    if not any(hold.reason == reason for hold in order.holds):
        raise HoldNotFound("it is not held for this reason", reason=reason[:64])
    return order


def _let_go(order: Order, reason: str, by: str, why: str, now: Any) -> None:
    gone = {"released_at": now, "released_by": by, "why": why}
    order.holds = [
        dataclasses.replace(hold, **gone) if hold.reason == reason and hold.released_at is None else hold
        for hold in order.holds
    ]
