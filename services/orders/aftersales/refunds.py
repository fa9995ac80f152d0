"""This is where the money of a return goes back: what was frozen at purchase for exactly its units; once."""

import logging

from services.kit.clock import Clock
from services.kit.store import Store
from services.orders import limits
from services.orders.leases import LEASE, go_on_with_due
from services.orders.orders import Order
from services.orders.pricing import Share
from services.orders.refunding import Giving, MoneyBack, MoreThanPaid, OrderGone, RefundUnfinished
from services.orders.saga import RETRYABLE
from services.orders.undoing import Purse

from .messages.returns import return_changed
from .returns import IllegalTransition, Return, ReturnNotFound, ReturnState, step

log = logging.getLogger(__name__)
_AT_ONCE = 8


class Refunds:
    """Pays returns out. Each step bears repeating, so whoever comes next begins at the top."""

    def __init__(
        self, returns: Store[Return], orders: Store[Order], money: MoneyBack, purse: Purse, clock: Clock
    ) -> None:
        self._returns, self._orders, self._money, self._purse = returns, orders, money, purse
        self._clock = clock

    async def refund(self, return_id: str, by: str) -> Return:
        """Gives back what was paid for the goods; again changes nothing. Goods that come back must be here first; whoever
        was to get others gets the money if those cannot be sent. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION,
        REFUND_UNFINISHED."""
        who, now = limits.text(by, "/by", 64), self._clock.now()
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None:
            raise ReturnNotFound("no such return")
        where = {
            "_id": return_id,
            "$or": [
                {"state": {"$in": [ReturnState.RECEIVED.value, ReturnState.REFUNDING.value]}},
                {"state": ReturnState.AWAITING_PAYMENT.value, "follow_up": ""},
                {"state": ReturnState.APPROVED.value, "goods_back": False},
            ],
        }
        begun = {"state": ReturnState.REFUNDING.value, "due_at": now + LEASE, "by.refunded": who}
        told = [] if rma.state is ReturnState.REFUNDING else [return_changed(rma, ReturnState.REFUNDING, now)]
        taken = await self._returns.change(where, {"$set": begun}, *told)
        return await self._go_on(taken) if taken else await self._refunded(return_id)

    async def _refunded(self, return_id: str) -> Return:
        """It is refunded already, or cannot be."""
        rma = await self._returns.get(return_id)
        if rma is None or rma.state is not ReturnState.REFUNDED:
            raise IllegalTransition("only what was received is refunded")
        return rma

    async def round(self) -> int:
        """The chore: goes on with refunds somebody left half-done; answers how many were due."""
        state = {"state": ReturnState.REFUNDING.value}
        return await go_on_with_due(self._returns, "due_at", self._clock.now(), self._go_on, _AT_ONCE, state)

    async def _go_on(self, rma: Return) -> Return:
        try:
            order = await self._money.pay(rma.order_id, _own(rma))
            if rma.credit_minor and order.follow_up:
                await self._money.pay(order.follow_up.root_id, _credit(rma))
        except MoreThanPaid as no:
            raise IllegalTransition(no.detail) from no
        except OrderGone as no:
            raise ReturnNotFound("its order is gone") from no
        if order.points and all(line.refunded == line.quantity for line in order.lines):
            await self._points_back(order)
        now = self._clock.now()
        where = {"_id": rma.id, "state": ReturnState.REFUNDING.value}
        done = {
            "$set": {"state": ReturnState.REFUNDED.value, "due_at": None},
            "$push": {"steps": step(ReturnState.REFUNDED, now, rma.by.get("refunded", ""))},
        }
        told = return_changed(rma, ReturnState.REFUNDED, now)
        return await self._returns.change(where, done, told) or await self._returns.get(rma.id) or rma

    async def _points_back(self, order: Order) -> None:
        """Everything came back, so the points it was paid with do too."""
        try:
            await self._purse.give_back(order)
        except RETRYABLE as away:
            raise RefundUnfinished("the points will go back as soon as possible", order_id=order.id) from away


def _own(rma: Return) -> Giving:
    """What was paid for the goods in their own order."""
    return Giving(
        key=rma.id,
        provider_key=rma.id,
        minor=rma.refund_minor,
        reason=rma.reason,
        shares=[Share(line.sku, line.refund_minor) for line in rma.lines],
        units={line.sku: line.quantity for line in rma.lines},
        return_id=rma.id,
    )


def _credit(rma: Return) -> Giving:
    """What had been paid for the goods these were sent for."""
    return Giving(
        key=f"{rma.id}:credit",
        provider_key=f"{rma.id}:credit",
        minor=rma.credit_minor,
        reason=rma.reason,
        return_id=rma.id,
    )
