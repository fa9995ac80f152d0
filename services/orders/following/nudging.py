"""This is where it is told, once, that an order still waits for its payment, while what it holds is kept for it (O31).

Once that time is up it is let go, payment and stock (`resuming.py`). Whoever hears of it writes to the customer.
"""

from services.kit.clock import Clock
from services.kit.store import Store
from services.orders.leases import EPOCH
from services.orders.messages.events import order_unpaid
from services.orders.orders import Order, State

_AT_ONCE = 50


class Nudging:
    """The chore: finds what has waited long enough."""

    def __init__(self, orders: Store[Order], clock: Clock) -> None:
        self._orders, self._clock = orders, clock

    async def round(self) -> int:
        """Tells of some; answers how many were due. Telling and no more telling is one write, so it is told once."""
        now = self._clock.now()
        where = {"nudge_at": {"$gt": EPOCH, "$lte": now}}
        due = await self._orders.find(where, sort=[("nudge_at", 1)], limit=_AT_ONCE)
        for order in due:
            if order.due_at and order.due_at <= now:
                continue  # too late to remind anybody: it is being let go
            told = [order_unpaid(order, now)] if order.state is State.AWAITING_CONFIRMATION else []
            seen = {"_id": order.id, "nudge_at": order.nudge_at, "state": order.state.value}
            await self._orders.change(seen, {"$set": {"nudge_at": None}}, *told)
        return len(due)
