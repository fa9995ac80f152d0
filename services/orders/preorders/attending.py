"""This is where pre-orders are looked after by themselves: reminded once, closed when the balance never came, and sent from
the promised day, as soon as their goods are held (O10).

What is sold ahead is no stock. An order takes an ordinary hold once its goods are there, as everybody does, so nothing is
sold twice; until then it waits, and is tried again. Every step bears repeating.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Refused
from services.kit.store import Store
from services.orders.cancellation import Cancellation
from services.orders.holding import Holding
from services.orders.leases import go_on_with_due
from services.orders.neighbours import Catalog
from services.orders.orders import DEAD, Order, State
from services.orders.paying import Kind, Step
from services.orders.sorting import PREORDER

from .events import balance_due, preorder_closed
from .terms import Preorder, Stage

log = logging.getLogger(__name__)
_AT_ONCE = 8
_NOT_THERE = timedelta(minutes=15)  # until goods that are not there yet are asked for again
_ALIVE = (State.PAID, State.CANCELLING)


class Attending:
    """The chore."""

    def __init__(
        self,
        orders: Store[Order],
        stock: Catalog,
        holding: Holding,
        cancellation: Cancellation,
        clock: Clock,
        count: Callable[[str], None],
    ) -> None:
        self._orders, self._stock, self._holding = orders, stock, holding
        self._cancellation, self._clock, self._count = cancellation, clock, count

    async def round(self) -> int:
        """Looks after a few that are due; answers how many were."""
        return await go_on_with_due(self._orders, "preorder.next_at", self._clock.now(), self._attend, _AT_ONCE)

    async def _attend(self, order: Order) -> None:
        preorder = order.preorder
        if preorder is None:
            return
        if order.state in DEAD:
            await self._stock.release(order)  # goods that came while it died
            await self._later(order, None)
        elif order.state not in _ALIVE:
            await self._later(order, None)
        elif order.state is State.CANCELLING:
            return  # looked at again when its lease is over
        elif preorder.stage is Stage.CLOSED:
            await self._cancellation.cancel(order.id, "", "balance_not_paid", staff=True)
        elif preorder.owing:
            await self._owing(order, preorder)
        else:
            await self._sent(order, preorder)

    async def _owing(self, order: Order, preorder: Preorder) -> None:
        """Reminds once, when the window opens; closes when it is over and no payment is on its way."""
        now = self._clock.now()
        if preorder.pay_until and now >= preorder.pay_until:
            if any(m.kind is Kind.CHARGE and m.step in (Step.ASKED, Step.AWAITING) for m in order.movements):
                return
            closed = {"preorder.stage": Stage.CLOSED.value, "preorder.forfeited": preorder.keeps}
            if await self._changed(order, closed, preorder_closed(order, preorder, now)):
                self._count("closed")
                await self._cancellation.cancel(order.id, "", "balance_not_paid", staff=True)
        elif not preorder.reminded:
            told = balance_due(order, preorder, now)
            await self._changed(order, {"preorder.reminded": True, "preorder.next_at": preorder.pay_until}, told)
        else:
            await self._later(order, preorder.pay_until)

    async def _sent(self, order: Order, preorder: Preorder) -> None:
        if preorder.stage is Stage.PAID:
            if preorder.ships_from > self._clock.now():
                await self._later(order, preorder.ships_from)
                return
            if not await self._held(order):
                return
            ready = await self._orders.change(
                {"_id": order.id, "state": State.PAID.value, "preorder.stage": Stage.PAID.value},
                {"$set": {"preorder.stage": Stage.READY.value}},
            )
            if ready is None:
                return  # it has just been cancelled: the next round gives the goods back
        released = await self._holding.release(order.id, PREORDER, "shop", "Its goods are there.")
        await self._later(released, None)
        self._count("released")

    async def _held(self, order: Order) -> bool:
        """Holds its goods at what was agreed, whatever they cost by now; again changes nothing."""
        quotes = {quote.sku: quote.price_minor for quote in await self._stock.quote([line.sku for line in order.lines])}
        lines = [replace(line, list_minor=quotes.get(line.sku, line.unit_minor)) for line in order.lines]
        try:
            await self._stock.hold(replace(order, lines=lines))
        except Refused as no:
            if no.reason not in ("OUT_OF_STOCK", "NOT_ON_SALE"):
                raise
            log.info("%s waits for its goods: %s", order.id, no.reason)
            self._count("waiting")
            await self._later(order, self._clock.now() + _NOT_THERE)
            return False
        return True

    async def _later(self, order: Order, at: Any) -> None:
        await self._orders.change({"_id": order.id, "version": order.version}, {"$set": {"preorder.next_at": at}})

    async def _changed(self, order: Order, fields: dict[str, Any], *told: Any) -> Order | None:
        """One conditional write: nothing if a payment, or anything else, has come meanwhile."""
        where = {"_id": order.id, "version": order.version, "preorder.stage": Stage.OWING.value}
        return await self._orders.change(where, {"$set": fields}, *told)
