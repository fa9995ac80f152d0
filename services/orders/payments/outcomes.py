"""This is where the customer and the provider say that something became of a payment; the provider is asked what."""

import logging
from collections.abc import Callable

import msgspec

from services.kit.clock import Clock
from services.kit.errors import Invalid, NotFound, VersionMismatch, WrongState
from services.kit.money import Money
from services.kit.store import Store
from services.orders import limits
from services.orders.looking import Orders
from services.orders.orders import DEAD, LEASE, Order, State
from services.orders.saga import Saga
from services.orders.undoing import PAYMENT, Undoing

from .provider import PaymentDeclined, Provider
from .signatures import verify

log = logging.getLogger(__name__)
_MOST_BYTES = 64 * 1024


class NothingToConfirm(WrongState):
    """The order does not wait for its customer."""


class InvalidWebhook(Invalid):
    """Signed, but nothing we understand."""


class UnknownProvider(NotFound):
    """No such provider."""


class _Told(msgspec.Struct):
    """The part of a webhook's payment we look at; the rest the provider is asked."""

    reference: str
    amount_minor: int
    currency: str = ""


class _Webhook(msgspec.Struct):
    type: str
    payment: _Told


_decoder = msgspec.json.Decoder(_Webhook)


class Outcomes:
    """What became of payments. Whatever is said here only makes us ask the provider; said again it changes nothing."""

    def __init__(
        self,
        orders: Store[Order],
        looking: Orders,
        saga: Saga,
        undoing: Undoing,
        provider: Provider,
        secret: str,
        clock: Clock,
        count: Callable[[str], None],
    ) -> None:
        self._orders, self._looking, self._saga, self._undoing = orders, looking, saga, undoing
        self._provider, self._secret, self._clock, self._count = provider, secret, clock, count

    async def confirmed(self, order_id: str, customer_id: str) -> Order:
        """The order after its customer confirmed the payment. Refuses with ORDER_NOT_FOUND, NOTHING_TO_CONFIRM,
        PAYMENT_DECLINED, CHECKOUT_UNFINISHED."""
        order = await self._looking.get(order_id, customer_id)
        if order.state is State.AWAITING_CONFIRMATION:
            order = await self._asked(order, confirm=True)
        elif not order.confirm_url:
            raise NothingToConfirm("this order does not wait for its customer")
        if order.refusal:
            declined = PaymentDeclined(order.refusal.detail)
            declined.meta = order.refusal.meta
            raise declined
        return order

    async def webhook(self, provider: str, webhook_id: str, timestamp: str, signature: str, body: bytes) -> None:
        """Refuses with BAD_SIGNATURE, INVALID_WEBHOOK."""
        if provider != "sandbox":
            raise UnknownProvider("no such provider")
        if len(body) > _MOST_BYTES:
            raise InvalidWebhook("too long")
        verify(self._secret, webhook_id, timestamp, signature, body, self._clock.now())
        try:
            told = _decoder.decode(body).payment
        except msgspec.DecodeError as bad:
            raise InvalidWebhook("not a webhook of the sandbox") from bad
        order = await self._orders.get(told.reference) if limits.is_id(told.reference, "ord") else None
        if order is None:
            log.warning("a webhook is about a payment nobody knows")
            return
        if told.amount_minor != order.total_minor or told.currency not in ("", order.currency):
            log.error("%s: a webhook speaks of another amount", order.id)
            self._count("mismatch")
            return
        await self._looked_after(order)

    async def _looked_after(self, order: Order) -> None:
        if order.state is State.AWAITING_CONFIRMATION:
            await self._asked(order, confirm=False)
        elif order.state is State.CHECKING_OUT:
            taken = await self._saga.take_over(order)
            if taken is not None:  # else somebody is at it
                await self._saga.drive(taken)
        elif order.state in DEAD and not order.paid_at:
            await self._not_wanted(order)

    async def _asked(self, order: Order, *, confirm: bool) -> Order:
        payment = await self._provider.find(order.id)
        if confirm and payment is not None and payment.status == "requires_confirmation":
            payment = await self._provider.confirm(payment.id)
        if payment is None or payment.status == "requires_confirmation":
            return order
        return await self._saga.settle(order, payment)

    async def _not_wanted(self, order: Order) -> None:
        """Money for an order that came to nothing (it was charged in the last moment): it goes back."""
        payment = await self._provider.find(order.id)
        if payment is None or payment.captured_minor <= payment.refunded_minor:
            return
        if not payment.takes(Money(order.currency, order.total_minor)):
            self._count("mismatch")
        order.undo, order.due_at = list({*order.undo, PAYMENT}), self._clock.now() + LEASE
        try:
            await self._undoing.undo(await self._orders.save(order))
        except VersionMismatch:
            log.info("%s is being looked after already", order.id)
