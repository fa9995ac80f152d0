"""This is where the customer and the provider say that something became of a payment; the provider is asked what."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.errors import VersionMismatch, WrongState
from services.kit.money import Money
from services.kit.store import Store
from services.orders import limits
from services.orders.leases import LEASE
from services.orders.looking import Orders
from services.orders.orders import DEAD, Order, State
from services.orders.paying import Kind, Step
from services.orders.saga import Saga
from services.orders.undoing import PAYMENT, Undoing

from .claims import LIVING, known
from .moving import Moving
from .provider import PaymentDeclined, Provider
from .reconciling import Reconciling

log = logging.getLogger(__name__)


class NothingToConfirm(WrongState):
    """The order does not wait for its customer."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a webhook says: whose payment, how much of it in all (minor units), and the key of the refund it tells of."""

    reference: str
    amount_minor: int
    currency: str = ""
    key: str = ""


class Outcomes:
    """What became of payments. Whatever is said here only makes us ask the provider; said again it changes nothing."""

    def __init__(
        self,
        orders: Store[Order],
        looking: Orders,
        saga: Saga,
        undoing: Undoing,
        provider: Provider,
        moving: Moving,
        reconciling: Reconciling,
        clock: Clock,
        count: Callable[[str], None],
    ) -> None:
        self._orders, self._looking, self._saga, self._undoing = orders, looking, saga, undoing
        self._provider, self._moving, self._reconciling = provider, moving, reconciling
        self._clock, self._count = clock, count

    async def confirmed(self, order_id: str, customer_id: str) -> Order:
        """The order after its customer confirmed the payment. Refuses with ORDER_NOT_FOUND, NOTHING_TO_CONFIRM,
        PAYMENT_DECLINED, CHECKOUT_UNFINISHED."""
        order = await self._looking.get(order_id, customer_id)
        if order.state is State.AWAITING_CONFIRMATION:
            order = await self._asked(order, confirm=True)
        elif any(m.step is Step.AWAITING for m in order.movements):
            return await self._charge_confirmed(order)
        elif not order.confirm_url:
            raise NothingToConfirm("this order does not wait for its customer")
        if order.refusal:
            declined = PaymentDeclined(order.refusal.detail)
            declined.meta = order.refusal.meta
            raise declined
        return order

    async def _charge_confirmed(self, order: Order) -> Order:
        """A second payment that waits for its customer."""
        for movement in order.movements:
            if movement.kind is Kind.CHARGE and movement.step is Step.AWAITING:
                payment = await self._provider.find(movement.id)
                if payment is not None and payment.status == "requires_confirmation":
                    await self._provider.confirm(payment.id)
        return await self._moving.finish(order)

    async def told(self, told: Said) -> str:
        """The provider says that something became of a payment; what, it is asked. Answers what came of it, in a word.
        Refuses with CHECKOUT_UNFINISHED, MONEY_UNFINISHED: then it is to be said again."""
        order_id = told.reference.partition("-")[0]
        order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
        if order is None:
            log.warning("a webhook is about a payment nobody knows")
            return "unknown"
        due = order.due_minor
        if order_id != told.reference:
            charge = known(order.movements, told.reference)
            due = charge.minor if charge else 0
        if told.amount_minor != due or told.currency not in ("", order.currency):
            log.error("%s: a webhook speaks of another amount", order.id)
            self._count("mismatch")
            return "mismatch"
        return await self._looked_after(order, told)

    async def _looked_after(self, order: Order, told: Said) -> str:
        if order.state is State.AWAITING_CONFIRMATION:
            return (await self._asked(order, confirm=False)).state.value
        if order.state is State.CHECKING_OUT:
            taken = await self._saga.take_over(order)
            return (await self._saga.drive(taken)).state.value if taken else "in_progress"
        if order.state in DEAD and not order.paid_at:
            await self._not_wanted(order)
            return "not_wanted"
        if order.state in LIVING and not _is_ours(order, told.key):
            return await self._reconciling.order(order)
        return "known"

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
        if payment is None or (payment.captured_minor <= payment.refunded_minor and not payment.left_minor):
            return
        if not payment.takes(Money(order.currency, order.due_minor)):
            self._count("mismatch")
        order.undo, order.due_at = list({*order.undo, PAYMENT}), self._clock.now() + LEASE
        try:
            await self._undoing.undo(await self._orders.save(order))
        except VersionMismatch:
            log.info("%s is being looked after already", order.id)


def _is_ours(order: Order, key: str) -> bool:
    """Whether this refund was asked for by us, and is written down by who asked."""
    if not key:
        return False
    movement = known(order.movements, key)
    return (
        key in order.refunds or key.startswith(f"{order.id}:") or (movement is not None and movement.step is Step.DONE)
    )
