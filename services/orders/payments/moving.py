"""This is where money moves after checkout: claimed in the order, asked of the provider, written down; each once.

Every step bears repeating. Who comes next, the chore at the latest, goes on with what is claimed and not done; a lost answer
is asked for by the key it was asked with, never guessed.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Conflict, Invalid, Refused, Unavailable, VersionMismatch, WrongState
from services.kit.money import Money
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders import limits
from services.orders.leases import LEASE
from services.orders.looking import OrderNotFound
from services.orders.orders import Order, State
from services.orders.paying import Kind, Movement, Step

from . import claims, outcome
from .provider import OutcomeUnknown, Payment, Provider, ProviderConflict, ProviderRefused

log = logging.getLogger(__name__)
AWAY = (Unavailable, OutcomeUnknown)
_TRIES = 40
_MOST = 500  # movements of one order
_CONFIRM_WITHIN = timedelta(minutes=15)


class MoneyUnfinished(Unavailable):
    """The money will move; the provider is away. Asking again goes on at once (metadata: order_id)."""


class OrderKeepsChanging(Conflict):
    """Others are at it at this very moment: try again."""


class TooManyMovements(WrongState):
    """An order has at most 500."""


class KeyReused(Invalid):
    """The same key was used for something else."""


Claiming = Callable[[Order], None]


class Moving:
    """Captures, lets go, gives back, charges again."""

    def __init__(
        self, orders: Store[Order], provider: Provider, seal: Seal, clock: Clock, count: Callable[[str, str], None]
    ) -> None:
        self._orders, self._provider, self._seal, self._clock, self._count = orders, provider, seal, clock, count

    async def capture(self, order_id: str, key: str, by: str, minor: int = 0) -> Order:
        """Takes so much (0: the rest) of what is authorised, or writes down cash. Refuses with ORDER_NOT_FOUND,
        ORDER_NOT_LIVING, NOTHING_TO_CAPTURE, MONEY_UNFINISHED."""
        now = self._clock.now()
        return await self._move(
            order_id, key, lambda order: claims.capture(order, key, minor, now, by), Kind.CAPTURE, minor
        )

    async def void(self, order_id: str, key: str, by: str, reason: str, *, whole: bool = False) -> Order:
        """Lets go of the rest. Refuses with ORDER_NOT_FOUND, ORDER_NOT_LIVING, NOTHING_TO_VOID, CANCEL_INSTEAD,
        MONEY_UNFINISHED."""
        now = self._clock.now()
        return await self._move(
            order_id, key, lambda order: claims.void(order, key, now, by, reason, whole=whole), Kind.VOID
        )

    async def refund(self, order_id: str, key: str, by: str, wanted: claims.Wanted) -> Order:
        """Gives back an amount, or units at what was paid for them. Refuses with ORDER_NOT_FOUND, ORDER_NOT_LIVING,
        NOTHING_TO_REFUND, NOTHING_TO_RETURN, MONEY_UNFINISHED."""
        now = self._clock.now()
        return await self._move(
            order_id, key, lambda order: claims.refund(order, key, wanted, now, by), Kind.REFUND, wanted.minor
        )

    async def charge(
        self, order_id: str, purpose: str, minor: int, token: str, by: str, *, beyond: bool = False
    ) -> Order:
        """A second payment of an order, once a `purpose` (`balance`: letters and digits): its movement is `done`, `awaiting`
        its customer (`confirm_url`), or `failed` with the provider's code. `beyond`: on top of what the order costs. Refuses
        with ORDER_NOT_FOUND, ORDER_NOT_LIVING, TOO_MUCH_CHARGED, MONEY_UNFINISHED."""
        key, now = f"{order_id}-{purpose}", self._clock.now()
        sealed = self._seal.close(token.encode(), order_id)
        return await self._move(
            order_id,
            key,
            lambda order: claims.charge(order, key, minor, sealed, now, by, beyond=beyond),
            Kind.CHARGE,
            minor,
        )

    async def pay_out(self, order: Order, minor: int, key: str) -> None:
        """Gives back what a refund has taken room for in the order already; again changes nothing."""
        if not order.movements and order.paying is None:
            await self._provider.refund(order.payment_id, minor, key)  # one payment, taken at once
            return
        now = self._clock.now()
        order = await self._claimed(order.id, key, lambda each: claims.payout(each, key, minor, now, "refund"))
        for part in [m for m in order.movements if _is_of(m, key) and m.step is Step.ASKED]:
            order = await self._done(order, part)

    async def finish(self, order: Order) -> Order:
        """Does what is claimed and not done. Refuses with MONEY_UNFINISHED."""
        for movement in [m for m in order.movements if m.step in (Step.ASKED, Step.AWAITING)]:
            order = await self._done(order, movement)
        return order

    async def _move(self, order_id: str, key: str, claim: Claiming, kind: Kind, minor: int = 0) -> Order:
        order = await self._claimed(order_id, key, claim)
        asked = claims.known(order.movements, key)
        if asked is None or asked.kind is not kind or minor not in (0, asked.minor):
            raise KeyReused("this key was used for something else")
        for movement in [m for m in order.movements if _is_of(m, key)]:
            if movement.step in (Step.ASKED, Step.AWAITING):
                order = await self._done(order, movement)
        return order

    async def _claimed(self, order_id: str, key: str, claim: Claiming) -> Order:
        """The order with the claim in it: made now, or before under the same key."""

        def claiming(order: Order) -> Sequence[Message] | None:
            if any(_is_of(m, key) for m in order.movements):
                return None
            if len(order.movements) >= _MOST:
                raise TooManyMovements("this order has seen too much already")
            claim(order)
            order.money_due_at = self._clock.now() + LEASE
            return ()

        return await self.changed(order_id, claiming)

    async def changed(self, order_id: str, edit: Callable[[Order], Sequence[Message] | None]) -> Order:
        """The order as `edit` leaves it, saved with the events it answers; None: it is fine as it is. `edit` may be called
        again, on what others have made of it."""
        for _ in range(_TRIES):
            order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
            if order is None:
                raise OrderNotFound("no such order")
            events = edit(order)
            if events is None:
                return order
            try:
                return await self._orders.save(order, *events)
            except VersionMismatch:
                await asyncio.sleep(random.uniform(0.001, 0.02))
        raise OrderKeepsChanging("the order keeps changing", retry_after_s=1)

    async def _done(self, order: Order, movement: Movement) -> Order:
        if movement.via == "parts":
            return await self._whole(order, movement)
        try:
            step, payment = await self._asked(order, movement)
        except (ProviderConflict, ProviderRefused) as no:
            if await self._happened(movement):
                step, payment = Step.DONE, None
            else:
                log.warning("%s: its %s failed: %s", order.id, movement.kind, no.reason)
                return await self._written(order, movement, Step.FAILED, None, no.reason)
        except AWAY as away:
            raise MoneyUnfinished("the money moves as soon as possible", order_id=order.id) from away
        except Refused as no:
            return await self._written(order, movement, Step.FAILED, None, no.reason)
        return await self._written(order, movement, step, payment)

    async def _whole(self, order: Order, movement: Movement) -> Order:
        """A refund of several payments is done when its parts are."""
        steps = {m.step for m in order.movements if m.id.startswith(f"{movement.id}.")}
        if Step.ASKED in steps:
            return order
        if Step.FAILED in steps and Step.DONE in steps:
            log.error("%s: a part of its refund failed; settlement will show it", order.id)
        return await self._written(order, movement, Step.DONE if Step.DONE in steps else Step.FAILED, None)

    async def _asked(self, order: Order, movement: Movement) -> tuple[Step, Payment | None]:
        if movement.via != "provider":
            return Step.DONE, None
        if movement.kind is Kind.CHARGE:
            return await self._charged(order, movement)
        try:
            if movement.kind is Kind.CAPTURE:
                await self._provider.capture(movement.payment_id, movement.minor, movement.id)
            elif movement.kind is Kind.VOID:
                await self._provider.void(movement.payment_id, movement.id)
            else:
                await self._provider.refund(movement.payment_id, movement.minor, movement.id)
        except OutcomeUnknown:
            if not await self._happened(movement):
                raise
        return Step.DONE, None

    async def _happened(self, movement: Movement) -> bool:
        """Whether the provider did it, by the key it was asked with."""
        if not movement.payment_id:
            return False
        try:
            return any(did.key == movement.id for did in await self._provider.movements(movement.payment_id))
        except AWAY as away:
            raise MoneyUnfinished("the money moves as soon as possible") from away

    async def _charged(self, order: Order, movement: Movement) -> tuple[Step, Payment | None]:
        payment = await self._provider.find(movement.id)
        if payment is None and movement.sealed_token:
            token = self._seal.open(movement.sealed_token, order.id).decode()
            try:
                payment = await self._provider.charge(movement.id, Money(order.currency, movement.minor), token)
            except OutcomeUnknown:
                payment = await self._provider.find(movement.id)
                if payment is None:
                    raise
        if payment and payment.status == "requires_confirmation":
            if movement.at + _CONFIRM_WITHIN > self._clock.now() and order.state is not State.CANCELLING:
                return Step.AWAITING, payment
            await self._provider.void(payment.id)
            return Step.FAILED, None
        taken = payment is not None and payment.status == "captured" and payment.captured_minor == movement.minor
        return (Step.DONE if taken else Step.FAILED), payment

    async def _written(
        self, order: Order, movement: Movement, step: Step, payment: Payment | None, detail: str = ""
    ) -> Order:
        now = self._clock.now()

        def writing(each: Order) -> Sequence[Message] | None:
            found = claims.known(each.movements, movement.id)
            if found is None or found.step not in (Step.ASKED, Step.AWAITING) or found.step is step:
                return None
            return outcome.write(each, found, step, payment, detail, now)

        written = await self.changed(order.id, writing)
        if step is not Step.AWAITING:
            self._count(movement.kind.value, step.value)
        return written


def _is_of(movement: Movement, key: str) -> bool:
    return movement.id == key or movement.id.startswith(f"{key}.")
