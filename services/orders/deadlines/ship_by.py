"""This is where the promise to send an order within a day of its payment is kept in sight (O29, O30).

The clock begins in the write that makes the order paid, stands still while the order waits for its customer, and stops when
the last parcel has left or the order is dead.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.sla import SlaClock, Step, Terms, begun, paused, stopped
from services.kit.store import Store
from services.orders.holding import WAITS_FOR_CUSTOMER
from services.orders.messages.events import clock_told
from services.orders.orders import AT_STORE, DEAD, SHIP_WITHIN, Order, State
from services.orders.timers import TermsBook, Timers

from .policies import SHIP_BY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SENT = ("shipped", "delivered")


class ShipBy:
    """Watches the promise of every order that is paid and not sent."""

    def __init__(self, orders: Store[Order], book: TermsBook, clock: Clock, took: Callable[[float], None]) -> None:
        self._orders, self._book, self._clock, self._took = orders, book, clock, took
        self.timers = Timers(orders, "ship_clock", book, _told, clock)

    def begin(self, order: Order) -> None:
        """Notes in an order that is being paid until when it is to leave."""
        if order.fulfilment in AT_STORE:
            return
        order.ship_clock = clock_of(order, self._book.newest, self._clock.now())

    async def sent(self, order_id: str) -> None:
        """Stops the clock of an order whose parcels have all left, or that is dead; again changes nothing."""
        order = await self._orders.get(order_id)
        if order is None or order.ship_clock is None or order.ship_clock.stopped_at:
            return
        left = [shipment.shipped_at for shipment in order.shipments.values() if shipment.state in _SENT]
        all_left = 0 < order.shipments_planned <= len(left) or order.state is State.DELIVERED
        if all_left or order.state in DEAD:
            at = max((at for at in left if at), default=self._clock.now())

            def stop(clock: SlaClock, terms: Terms) -> SlaClock:
                return stopped(clock, terms, at)

            if await self.timers.change(order, stop) and all_left and order.paid_at:
                self._took((at - order.paid_at).total_seconds())

    async def at_risk(self, breached: bool, limit: int, cursor: str) -> tuple[list[Order], str]:
        """A page of orders not sent whose promise is about to break, or broken; the oldest first."""
        where: dict[str, Any] = {
            "ship_clock.policy": SHIP_BY,
            "ship_clock.terms": {"$gt": 0},
            "ship_clock.warned_at": {"$gt": _EPOCH},
        }
        if breached:
            where["ship_clock.breached_at"] = {"$gt": _EPOCH}
        return await self._orders.page(where, limit, cursor, newest_first=False)


def clock_of(order: Order, terms: Terms, now: datetime) -> SlaClock:
    """The promise to send it; of one that is brought in a window it begins so long before that."""
    at = order.paid_at or now
    if order.window:
        at = max(at, order.window.from_at - SHIP_WITHIN)
    clock = begun(SHIP_BY, terms, at)
    waits = any(hold.pauses for hold in order.held)
    return paused(clock, terms, WAITS_FOR_CUSTOMER, at) if waits else clock


def _told(order: Order, clock: SlaClock, step: Step) -> Any:
    return clock_told(order.id, order.id, clock, step)
