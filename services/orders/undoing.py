"""This is where what a dead order took is given back: stock, its delivery window, coupons, points, money; each once."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from services.kit.clock import Clock
from services.kit.store import Store

from .leases import LEASE
from .orders import Order
from .payments.provider import Provider

log = logging.getLogger(__name__)

STOCK, WINDOW, COUPONS, POINTS, PAYMENT = "stock", "window", "coupons", "points", "payment"


class Shelf(Protocol):
    """Who holds stock: catalog."""

    async def hold(self, order: Order) -> None:
        """Holds all lines or none, at the prices shown. Refuses with OUT_OF_STOCK, PRICE_CHANGED, NOT_ON_SALE."""
        ...

    async def take(self, order: Order) -> None:
        """Takes what is held from the shelf of the order's store; again changes nothing. Refuses with WAREHOUSE_SHORT."""
        ...

    async def release(self, order: Order) -> None:
        """Gives a hold back; an unknown one changes nothing."""
        ...


class CouponUses(Protocol):
    """Who counts coupons, and units of promotions: marketing."""

    async def take(self, order: Order) -> None:
        """Takes a use of each, all or none. Refuses with COUPON_USED_UP, COUPON_NOT_FOUND, PROMOTION_USED_UP."""
        ...

    async def release(self, order: Order) -> None:
        """Gives the uses back; again changes nothing."""
        ...


class Purse(Protocol):
    """Who keeps points: crm."""

    async def spend(self, order: Order) -> None:
        """Spends the order's points. Refuses with POINTS_SHORT."""
        ...

    async def give_back(self, order: Order) -> None:
        """Gives back what the order spent; again changes nothing."""
        ...


class Places(Protocol):
    """Who counts places in delivery windows: logistics."""

    async def take(self, order: Order) -> None:
        """Takes a place in the order's window, once. Refuses with WINDOW_FULL, WINDOW_CLOSED."""
        ...

    async def release(self, order: Order) -> None:
        """Gives its places back; again changes nothing."""
        ...


def taken_by(order: Order) -> list[str]:
    """All that an order of this kind takes, money apart."""
    takes = {STOCK: True, WINDOW: order.window, COUPONS: order.coupons or order.claims, POINTS: order.points}
    return [step for step, wanted in takes.items() if wanted]


class Undoing:
    """Gives back what `order.undo` lists. What cannot be given back now stays listed, and the chore tries again."""

    def __init__(
        self,
        orders: Store[Order],
        shelf: Shelf,
        places: Places,
        coupons: CouponUses,
        purse: Purse,
        provider: Provider,
        clock: Clock,
    ) -> None:
        self._orders, self._provider, self._clock = orders, provider, clock
        self._ways = {
            STOCK: shelf.release,
            WINDOW: places.release,
            COUPONS: coupons.release,
            POINTS: purse.give_back,
            PAYMENT: self._give_money_back,
        }

    async def undo(self, order: Order) -> Order:
        """The order with what is still to be undone."""
        if not order.undo:
            return order
        outcomes = await asyncio.gather(*(self._ways[step](order) for step in order.undo), return_exceptions=True)
        left = [step for step, outcome in zip(order.undo, outcomes, strict=True) if isinstance(outcome, Exception)]
        for step, outcome in zip(order.undo, outcomes, strict=True):
            if isinstance(outcome, Exception):
                log.warning("%s: %s is not given back yet: %s", order.id, step, type(outcome).__name__)
        return await self._left(order, left)

    async def _left(self, order: Order, left: Sequence[str]) -> Order:
        due_at = self._clock.now() + LEASE if left else None
        # Only if nobody added to the list meanwhile; what stays listed is harmlessly undone once more.
        where = {"_id": order.id, "undo": order.undo}
        changed = await self._orders.change(where, {"$set": {"undo": list(left), "due_at": due_at}})
        return changed or order

    async def _give_money_back(self, order: Order) -> None:
        payment = await self._provider.find(order.id)
        if payment is None or payment.status in ("declined", "voided"):
            return
        if payment.captured_minor > payment.refunded_minor:
            left = payment.captured_minor - payment.refunded_minor
            await self._provider.refund(payment.id, left, f"{order.id}:undo")
        if payment.left_minor:
            await self._provider.void(payment.id)
