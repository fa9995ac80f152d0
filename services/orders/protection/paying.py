"""This is where a fallen price is paid out: reserved in the order, asked of the provider, written down; each once."""

import logging
from collections.abc import Callable

from services.kit.clock import Clock
from services.kit.errors import Unavailable
from services.kit.ids import new_id
from services.kit.store import Store, encode
from services.orders.leases import EPOCH, LEASE, go_on_with_due
from services.orders.messages.events import price_adjusted
from services.orders.orders import Adjustment, Happened, Order, Protection
from services.orders.payments.moving import Moving
from services.orders.pricing import Share
from services.orders.saga import RETRYABLE

from .drops import Drop
from .dues import covered, due, reserved
from .grants import Grants, ProtectionBusy
from .policy import ProtectionPolicy

log = logging.getLogger(__name__)
_TRIES = 8
_AT_ONCE = 8
Count = Callable[[str, int], None]  # currency, minor units


class ProtectionUnfinished(Unavailable):
    """The money will go back; the provider is away. Asking again goes on at once."""


class Paying:
    """Pays drops. Each step bears repeating, so whoever comes next begins at the top."""

    def __init__(self, orders: Store[Order], grants: Grants, moving: Moving, clock: Clock, count: Count) -> None:
        self._orders, self._grants, self._moving, self._clock = orders, grants, moving, clock
        self._count = count

    async def reserve(self, order: Order, drop: Drop, policy: ProtectionPolicy) -> tuple[Order, int]:
        """The order with what it is owed for a drop reserved once, and how much that is. What goes back never exceeds
        what came. Refuses with PROTECTION_BUSY."""
        key = f"{order.id}:{drop.id}"
        for _ in range(_TRIES):
            if there := reserved(order, drop):
                return order, there
            owed = due(order, drop, policy)
            minor = await self._grants.take(order.customer_id, key, owed, policy) if owed else 0
            if not minor:
                await self._grants.give_back(order.customer_id, key)
                return order, 0
            if changed := await self._reserved(order, drop, minor, policy):
                return changed, minor
            order = await self._orders.get(order.id) or order
        raise ProtectionBusy("the order keeps changing", retry_after_s=1)

    async def _reserved(self, order: Order, drop: Drop, minor: int, policy: ProtectionPolicy) -> Order | None:
        now = self._clock.now()
        number, line = next((n, line) for n, line in enumerate(order.lines) if line.sku == drop.sku)
        entry = Protection(drop.id, drop.sku, covered(line, policy), drop.new_minor, minor, now)
        where = {
            "_id": order.id,
            "version": order.version,
            "refunds": {"$ne": drop.id},
            "refunded_minor": {"$lte": order.captured_minor - minor},
        }
        update = {
            "$push": {"refunds": drop.id, "protections": encode(entry)},
            "$inc": {"refunded_minor": minor, f"lines.{number}.protected_minor": minor},
            "$set": {"protecting_at": now + LEASE},
        }
        return await self._orders.change(where, update)

    async def go_on(self, order: Order) -> Order:
        """The order with all that is reserved paid. Refuses with PROTECTION_UNFINISHED when the provider is away."""
        for entry in order.protections:
            if any(event.key == f"protected:{entry.drop_id}" for event in order.events):
                continue
            try:
                await self._moving.pay_out(order, entry.minor, f"{order.id}:{entry.drop_id}")
            except RETRYABLE as away:
                raise ProtectionUnfinished("the money will go back as soon as possible", order_id=order.id) from away
            order = await self._written_down(order, entry)
        # Only if nothing was reserved meanwhile; else the chore looks again, and finds nothing to do.
        settled = {"_id": order.id, "version": order.version, "protecting_at": {"$gt": EPOCH}}
        return await self._orders.change(settled, {"$set": {"protecting_at": None}}) or order

    async def _written_down(self, order: Order, entry: Protection) -> Order:
        now = self._clock.now()
        happened = Happened(
            f"protected:{entry.drop_id}", "price_protected", now, "The price fell; the difference is on its way back."
        )
        shares = [Share(entry.sku, -entry.minor)]
        adjustment = Adjustment(new_id("adj"), "price_adjustment", -entry.minor, "price_protection", now, shares)
        where = {"_id": order.id, "events.key": {"$ne": happened.key}}
        update = {"$push": {"events": encode(happened), "adjustments": encode(adjustment)}}
        changed = await self._orders.change(where, update, price_adjusted(order, adjustment, entry.sku))
        if changed is not None:
            self._count(order.currency, entry.minor)
        return changed or await self._orders.get(order.id) or order

    async def round(self) -> int:
        """The chore: goes on with what somebody left half-done; answers how many were due."""
        return await go_on_with_due(self._orders, "protecting_at", self._clock.now(), self.go_on, _AT_ONCE)
