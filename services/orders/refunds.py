"""This is where the money of a return goes back: reserved in the order, asked of the provider, written down; once."""

import logging

from services.kit.clock import Clock
from services.kit.errors import Refused, Unavailable
from services.kit.ids import new_id
from services.kit.store import Store, encode

from . import limits
from .messages.events import refund_issued
from .orders import LEASE, Adjustment, Happened, Order
from .payments.moving import Moving
from .pricing import Share
from .resuming import EPOCH
from .returns import IllegalTransition, Return, ReturnNotFound, ReturnState
from .saga import RETRYABLE
from .undoing import Purse

log = logging.getLogger(__name__)
_AT_ONCE = 8


class RefundUnfinished(Unavailable):
    """The money will go back; something needed for it is away. Asking again goes on at once."""


class Refunds:
    """Pays returns out. Each step bears repeating, so whoever comes next begins at the top."""

    def __init__(
        self, returns: Store[Return], orders: Store[Order], moving: Moving, purse: Purse, clock: Clock
    ) -> None:
        self._returns, self._orders, self._moving, self._purse = returns, orders, moving, purse
        self._clock = clock

    async def refund(self, return_id: str, by: str) -> Return:
        """Gives back what was paid for the goods; again changes nothing. Refuses with RETURN_NOT_FOUND,
        ILLEGAL_TRANSITION, REFUND_UNFINISHED."""
        who = limits.text(by, "/by", 64)
        if not limits.is_id(return_id, "ret"):
            raise ReturnNotFound("no such return")
        begun = {"state": ReturnState.REFUNDING.value, "due_at": self._clock.now() + LEASE, "by.refunded": who}
        startable = {"$in": [ReturnState.RECEIVED.value, ReturnState.REFUNDING.value]}
        rma = await self._returns.change({"_id": return_id, "state": startable}, {"$set": begun})
        return await self._go_on(rma) if rma else await self._refunded(return_id)

    async def _refunded(self, return_id: str) -> Return:
        """It is refunded already, or cannot be."""
        rma = await self._returns.get(return_id)
        if rma is None:
            raise ReturnNotFound("no such return")
        if rma.state is not ReturnState.REFUNDED:
            raise IllegalTransition("only what was received is refunded")
        return rma

    async def round(self) -> int:
        """The chore: goes on with refunds somebody left half-done; answers how many were due."""
        now = self._clock.now()
        where = {"due_at": {"$gt": EPOCH, "$lte": now}}
        due = await self._returns.find(where, sort=[("due_at", 1)], limit=_AT_ONCE)
        for rma in due:
            leased = {"$set": {"due_at": now + LEASE}}
            taken = await self._returns.change({"_id": rma.id, "version": rma.version}, leased)
            if taken is not None:
                try:
                    await self._go_on(taken)
                except Refused as no:
                    log.warning("%s is not refunded yet: %s", rma.id, no.reason)
        return len(due)

    async def _go_on(self, rma: Return) -> Return:
        order = await self._reserved(rma)
        if rma.refund_minor:
            try:
                await self._moving.pay_out(order, rma.refund_minor, rma.id)
            except RETRYABLE as away:
                raise RefundUnfinished("the money will go back as soon as possible", return_id=rma.id) from away
        order = await self._written_down(order, rma)
        if order.points and all(line.returned == line.quantity for line in order.lines):
            await self._points_back(order)
        where = {"_id": rma.id, "state": ReturnState.REFUNDING.value}
        done = {"$set": {"state": ReturnState.REFUNDED.value, "due_at": None}}
        return await self._returns.change(where, done) or await self._returns.get(rma.id) or rma

    async def _reserved(self, rma: Return) -> Order:
        """The order, with room for this refund taken once: what goes back never exceeds what came."""
        order = await self._orders.get(rma.order_id)
        if order is None:
            raise ReturnNotFound("its order is gone")
        if rma.id in order.refunds:
            return order
        where = {
            "_id": order.id,
            "refunds": {"$ne": rma.id},
            "refunded_minor": {"$lte": order.captured_minor - rma.refund_minor},
        }
        update = {"$push": {"refunds": rma.id}, "$inc": {"refunded_minor": rma.refund_minor}}
        reserved = await self._orders.change(where, update)
        if reserved is not None:
            return reserved
        order = await self._orders.get(rma.order_id)
        if order is None or rma.id not in order.refunds:
            raise IllegalTransition("more would go back than was paid")
        return order

    async def _written_down(self, order: Order, rma: Return) -> Order:
        now = self._clock.now()
        happened = Happened(f"refunded:{rma.id}", "refunded", now, "The money is on its way back.")
        shares = [Share(line.sku, -line.refund_minor) for line in rma.lines]
        adjustment = Adjustment(new_id("adj"), "refund", -rma.refund_minor, rma.reason, now, shares, rma.id)
        told = refund_issued(order, adjustment, {line.sku: line.quantity for line in rma.lines})
        where = {"_id": order.id, "events.key": {"$ne": happened.key}}
        update = {"$push": {"events": encode(happened), "adjustments": encode(adjustment)}}
        return await self._orders.change(where, update, told) or order

    async def _points_back(self, order: Order) -> None:
        """Everything came back, so the points it was paid with do too."""
        try:
            await self._purse.give_back(order)
        except RETRYABLE as away:
            raise RefundUnfinished("the points will go back as soon as possible", order_id=order.id) from away
