"""This is where what somebody left half-done is found and finished, by whichever replica comes first."""

import asyncio
import logging
from datetime import timedelta

from services.kit.clock import Clock
from services.kit.errors import Refused, WrongState
from services.kit.store import Store

from .cancellation import Cancellation
from .leases import EPOCH, LEASE
from .orders import Order, State
from .payments.provider import PaymentDeclined, Provider
from .saga import RETRYABLE, Saga
from .undoing import PAYMENT, Undoing, taken_by

log = logging.getLogger(__name__)

_GIVE_UP_AFTER = timedelta(minutes=10)  # less than stock is held for; nobody waits longer for an answer
_AT_ONCE = 8


class CheckoutExpired(WrongState):
    """It could not be finished for ten minutes, and nothing was charged."""


class ConfirmationExpired(PaymentDeclined):
    """The customer did not confirm the payment within 15 minutes."""


class Resuming:
    """The chore: each round takes a few orders whose time is up and goes on with them."""

    def __init__(
        self,
        orders: Store[Order],
        saga: Saga,
        cancellation: Cancellation,
        undoing: Undoing,
        provider: Provider,
        clock: Clock,
    ) -> None:
        self._orders, self._saga, self._cancellation, self._undoing = orders, saga, cancellation, undoing
        self._provider, self._clock = provider, clock

    async def round(self) -> int:
        """Goes on with some; answers how many were due."""
        where = {"due_at": {"$gt": EPOCH, "$lte": self._clock.now()}}
        due = await self._orders.find(where, sort=[("due_at", 1)], limit=_AT_ONCE)
        await asyncio.gather(*(self._one(order) for order in due))
        return len(due)

    async def _one(self, order: Order) -> None:
        taken = await self._taken(order)
        if taken is None:
            return  # another replica was faster
        try:
            await self._go_on(taken)
        except Refused as no:
            log.info("%s is not finished yet: %s", order.id, no.reason)
        except Exception:
            log.exception("%s cannot be finished; it will be tried again", order.id)

    async def _taken(self, order: Order) -> Order | None:
        now = self._clock.now()
        where = {"_id": order.id, "version": order.version}
        return await self._orders.change(where, {"$set": {"due_at": now + LEASE}, "$inc": {"attempts": 1}})

    async def _go_on(self, order: Order) -> None:
        if order.state is State.CHECKING_OUT:
            if order.placed_at < self._clock.now() - _GIVE_UP_AFTER:
                await self._give_up(order)
            else:
                await self._saga.drive(order)
        elif order.state is State.AWAITING_CONFIRMATION:
            await self._expire(order)
        elif order.state is State.CANCELLING:
            await self._cancellation.go_on(order)
        elif order.undo:
            await self._undoing.undo(order)
        else:
            await self._orders.change({"_id": order.id, "version": order.version}, {"$set": {"due_at": None}})

    async def _give_up(self, order: Order) -> None:
        """Unless the money is in, in which case the customer gets what they paid for."""
        payment = await self._provider.find(order.id)
        if payment is not None and payment.captured_minor:
            await self._saga.drive(order)
        else:
            await self._saga.refuse(order, CheckoutExpired("it took too long"), [*taken_by(order), PAYMENT])

    async def _expire(self, order: Order) -> None:
        """Lets the payment go, unless it was confirmed in the last moment. What is away now is asked again in a while."""
        payment = await self._provider.find(order.id)
        if payment is not None and payment.status == "requires_confirmation":
            try:
                await self._provider.void(payment.id)
            except RETRYABLE:
                log.info("%s: its payment cannot be let go yet", order.id)
                return
        elif payment is not None and payment.status != "voided":  # by whoever began to let it go
            await self._saga.settle(order, payment)
            return
        no = ConfirmationExpired("the payment was not confirmed in time", order_id=order.id)
        await self._saga.refuse(order, no, taken_by(order))
