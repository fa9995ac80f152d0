"""This is where an order is cancelled: parcels stopped, money given back, then what it took."""

import logging
from typing import Any, Protocol

from services.kit.clock import Clock
from services.kit.errors import Conflict, Refused, Unavailable, WrongState
from services.kit.ids import new_id
from services.kit.store import Store, encode

from . import limits
from .leases import LEASE
from .looking import Orders
from .messages.events import checkout_refused, order_cancelled, refund_issued
from .orders import DEAD, Adjustment, Happened, Order, State
from .payments.claims import shares_of
from .payments.moving import Moving
from .payments.provider import Provider
from .preorders.terms import kept_minor
from .saga import RETRYABLE, Saga
from .undoing import Undoing, taken_by

log = logging.getLogger(__name__)
_TRIES = 10


class TooLateToCancel(WrongState):
    """It has been sent, or is at the door."""


class OrderBusy(Conflict):
    """It is being paid for at this moment: try again."""


class CancelUnfinished(Unavailable):
    """It will be cancelled; something needed for it is away. Asking again goes on at once."""


class Parcels(Protocol):
    """Who sends parcels: logistics."""

    async def stop(self, order_id: str) -> None:
        """Stops an order's parcels unless one has left. Refuses with ALREADY_SHIPPED."""
        ...


class Cancellation:
    """Cancels orders."""

    def __init__(
        self,
        orders: Store[Order],
        looking: Orders,
        parcels: Parcels,
        provider: Provider,
        moving: Moving,
        undoing: Undoing,
        saga: Saga,
        clock: Clock,
    ) -> None:
        self._orders, self._looking, self._parcels, self._provider = orders, looking, parcels, provider
        self._moving = moving
        self._undoing, self._saga, self._clock = undoing, saga, clock

    async def cancel(self, order_id: str, customer_id: str, reason: str, *, staff: bool = False) -> Order:
        """The order, cancelled or being cancelled; again changes nothing. Refuses with ORDER_NOT_FOUND,
        TOO_LATE_TO_CANCEL, ORDER_BUSY, CANCEL_UNFINISHED."""
        why = limits.text(reason, "/reason", 200)
        order = await self._looking.get(order_id, customer_id, staff=staff)
        if order.state in DEAD:
            return order
        if order.state in (State.SHIPPED, State.DELIVERED):
            raise TooLateToCancel("it has been sent already")
        if order.state is State.CHECKING_OUT:
            raise OrderBusy("it is being paid for at this moment", retry_after_s=1)
        if order.state is State.CANCELLING:
            taken = await self._saga.take_over(order)
            return order if taken is None else await self.go_on(taken)
        now = self._clock.now()
        begun = {"state": State.CANCELLING.value, "due_at": now + LEASE, "cancel_reason": why or "customer"}
        if order.preorder and order.preorder.keeps and not staff:
            begun["preorder.forfeited"] = True
        taken = await self._orders.change({"_id": order.id, "state": order.state.value}, {"$set": begun})
        return await self._just_changed(order.id) if taken is None else await self.go_on(taken)

    async def go_on(self, order: Order) -> Order:
        """Takes an order that is being cancelled to the end. Whoever calls holds its lease; every step bears repeating."""
        try:
            if order.paid_at:
                await self._parcels.stop(order.id)
            order, refunded = await self._money_back(order)
        except RETRYABLE as away:
            await self._saga.let_go(order)
            log.info("%s is not cancelled yet: %s", order.id, away.reason)
            raise CancelUnfinished("it will be cancelled as soon as possible", order_id=order.id) from away
        except Refused as no:
            return await self._not_cancelled(order, no)
        cancelled = await self._cancelled(order, refunded)
        return await self._undoing.undo(cancelled)

    async def _money_back(self, order: Order) -> tuple[Order, int]:
        """Gives back all that was captured and not given back yet, and lets go of what was not captured; answers how much
        goes back (minor units). What was claimed before it was cancelled comes to its end first."""
        order = await self._moving.finish(order)
        cash = order.paying is not None and order.paying.cash
        payment = await self._provider.find(order.id) if order.due_minor and not cash else None
        if order.paid_at:
            kept = kept_minor(order.preorder, order.captured_minor, order.refunded_minor)
            left = order.captured_minor - order.refunded_minor - kept
            if left:
                await self._moving.pay_out(order, left, f"{order.id}:cancel")
        elif payment is not None and payment.captured_minor:
            left = payment.captured_minor
            if not payment.refunded_minor:
                await self._provider.refund(payment.id, left, f"{order.id}:cancel")
        else:
            left = 0
        if payment is not None and payment.left_minor and payment.status not in ("declined", "voided"):
            await self._provider.void(payment.id)
        return order, left

    async def _not_cancelled(self, order: Order, no: Refused) -> Order:
        """It has left already: it is what its parcels say by now, for what they told meanwhile moved nothing."""
        for _ in range(_TRIES):
            seen = await self._orders.get(order.id) or order
            left = {"state": seen.state_by_parcels().value, "due_at": None, "cancel_reason": ""}
            where = {"_id": order.id, "version": seen.version, "state": State.CANCELLING.value}
            if seen.state is not State.CANCELLING or await self._orders.change(where, {"$set": left}):
                break
        log.info("%s cannot be cancelled: %s", order.id, no.reason)
        raise TooLateToCancel("it has been sent already")

    async def _cancelled(self, order: Order, refunded: int) -> Order:
        now, undo = self._clock.now(), taken_by(order)
        happened = [Happened("cancelled", "cancelled", now, "Cancelled.")]
        update: dict[str, Any] = {
            "state": State.CANCELLED.value,
            "undo": undo,
            "due_at": now + LEASE,
            "cart_claim": order.cart_id if order.paid_at else "",
            "confirm_url": "",
            "money_due_at": None,
            "captured_minor": order.captured_minor if order.paid_at else refunded,
            "refunded_minor": order.refunded_minor + refunded if order.paid_at else refunded,
        }
        push: dict[str, Any] = {}
        events: list[Any] = []
        if order.paid_at:
            events.append(order_cancelled(order, now))
        else:  # never paid, so there is no order to cancel for anybody else
            events.append(checkout_refused(order, "CANCELLED", now))
        if order.paid_at and refunded:
            shares = shares_of(order, refunded)
            adjustment = Adjustment(new_id("adj"), "refund", -refunded, "cancelled", now, shares)
            units = {line.sku: line.quantity - line.returned for line in order.lines}
            events.append(refund_issued(order, adjustment, units))
            happened.append(Happened("refunded:cancel", "refunded", now, "The money is on its way back."))
            push["adjustments"] = encode(adjustment)
        push["events"] = {"$each": encode(happened)}
        where = {"_id": order.id, "state": State.CANCELLING.value}
        changed = await self._orders.change(where, {"$set": update, "$push": push}, *events)
        return await self._just_changed(order.id) if changed is None else changed

    async def _just_changed(self, order_id: str) -> Order:
        """Somebody else was faster: what they made of it, if that is what is wanted here."""
        order = await self._orders.get(order_id)
        if order is None or order.state not in (State.CANCELLING, State.CANCELLED):
            raise OrderBusy("it has just changed", retry_after_s=1)
        return order
