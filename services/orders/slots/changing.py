"""This is where an order is brought in another window: the new place is taken, then the order says so, then the old is free.

Who breaks off before the order says so has changed nothing: logistics' sweeper asks which window the order has. Who breaks
off after it has told so: the event in that write frees the old place, whoever was away.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import Conflict, NotFound, TooLate, Unavailable, WrongState
from services.kit.sla import SlaClock
from services.kit.store import Store, encode
from services.orders.looking import Orders
from services.orders.orders import Happened, Order, State

from .choosing import Slots as Seen
from .events import delivery_window_changed
from .window import Free, Window

log = logging.getLogger(__name__)


class NoWindow(NotFound):
    """The order is not brought in a window."""


class WindowFixed(WrongState):
    """It cannot be changed any more: it was changed before, its cut-off is over, or it is not waiting to be sent."""


class Slots(Seen, Protocol):
    """Who counts places: logistics."""

    async def take_instead(self, order: Order, slot: str) -> Window:
        """A place in another slot. Refuses with WINDOW_FULL, WINDOW_CLOSED, ON_THE_WAY."""
        ...

    async def settle(self, order: Order) -> None:
        """Places in other slots than the order's are free."""
        ...

    async def release(self, order: Order) -> None:
        """All its places are free."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """A customer (empty for a guest) or, by their id, staff."""

    customer_id: str
    staff_id: str = ""


class Changing:
    """Changes windows. `ticking`: the promise to send an order as it is then."""

    def __init__(
        self,
        orders: Store[Order],
        looking: Orders,
        slots: Slots,
        ticking: Callable[[Order], SlaClock],
        clock: Clock,
    ) -> None:
        self._orders, self._looking, self._slots, self._ticking, self._clock = orders, looking, slots, ticking, clock

    async def free(self, order_id: str, customer_id: str, *, staff: bool) -> list[Free]:
        """When it could be brought instead. Refuses with ORDER_NOT_FOUND, NO_WINDOW."""
        order = await self._looking.get(order_id, customer_id, staff=staff)
        has = _window(order)
        there = await self._slots.there(order.delivery.id, order.region)
        return [each for each in there if each.left and each.window.id != has.id]

    async def change(self, order_id: str, slot: str, asker: Asker) -> Order:
        """The order, brought then; again changes nothing. Refuses with ORDER_NOT_FOUND, NO_WINDOW, WINDOW_FIXED,
        WINDOW_FULL, WINDOW_CLOSED, ON_THE_WAY."""
        order = await self._looking.get(order_id, asker.customer_id, staff=bool(asker.staff_id))
        has, now = _window(order), self._clock.now()
        if has.id == slot:
            return order
        if order.state is not State.PAID:
            raise WindowFixed(f"it is {order.state.value}", state=order.state.value)
        if not asker.staff_id:
            _once(has, now)
        taken = await self._slots.take_instead(order, slot)
        window = replace(taken, changed=has.changed or not asker.staff_id)
        written = await self._written(order, window, asker.staff_id, now)
        if written is None:
            return await self._as_others_left_it(order, slot)
        await self._settled(written)
        return written

    async def _written(self, order: Order, window: Window, by: str, now: datetime) -> Order | None:
        """THE write that changes it, if it has the window that it had."""
        was = _window(order)
        order.window = window
        order.ship_clock = self._ticking(order)
        text = "It is brought at another time."
        happened = Happened(f"window:{window.revision}", "window_changed", now, text)
        where = {
            "_id": order.id,
            "state": State.PAID.value,
            "window.id": was.id,
            "window.revision": was.revision,
        }
        fields = {"window": encode(window), "ship_clock": encode(order.ship_clock)}
        update = {"$set": fields, "$push": {"events": encode(happened)}}
        return await self._orders.change(where, update, delivery_window_changed(order, was.id, by, now))

    async def _as_others_left_it(self, order: Order, slot: str) -> Order:
        """Somebody was quicker: with the same wish, with another, or cancelled it. What was taken for nothing is free."""
        now = await self._orders.get(order.id)
        if now is None or now.window is None:
            raise NoWindow("it is not brought in a window")
        if now.window.id != slot:
            await self._settled(now)
            raise WindowFixed("it was changed just now", state=now.state.value, window=now.window.id)
        return now

    async def _settled(self, order: Order) -> None:
        try:
            if order.state in (State.CANCELLING, State.CANCELLED):
                await self._slots.release(order)
            else:
                await self._slots.settle(order)
        except (Unavailable, TooLate, Conflict) as away:
            log.info("%s: its other place is free as soon as can be: %s", order.id, away.reason)


def _window(order: Order) -> Window:
    if order.window is None:
        raise NoWindow("it is not brought in a window")
    return order.window


def _once(window: Window, now: datetime) -> None:
    if window.changed:
        raise WindowFixed("it was changed before", why="changed")
    if now >= window.cut_off_at:
        raise WindowFixed("its cut-off is over", why="cut_off")
