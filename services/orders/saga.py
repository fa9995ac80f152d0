"""This is where a checkout is driven to its end: hold, take, spend, charge, and paid or undone. Any replica can do it."""

import logging
from collections.abc import Callable
from datetime import timedelta

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Conflict, Exhausted, Refused, TooLate, Unavailable, VersionMismatch, WrongState, kind_of
from services.kit.money import Money
from services.kit.seal import Seal
from services.kit.store import Store

from .carts import Carts
from .leases import LEASE
from .messages.events import checkout_refused, order_delivered, order_paid
from .messages.orders import answer_bytes
from .orders import AT_STORE, IN_STORE, SHIP, Happened, Order, State, refusal_of
from .paying import authorised
from .payments.provider import OutcomeUnknown, Payment, PaymentDeclined, Provider
from .quotes import Quotes
from .undoing import COUPONS, PAYMENT, POINTS, STOCK, WINDOW, CouponUses, Places, Purse, Shelf, Undoing, taken_by

log = logging.getLogger(__name__)
RETRYABLE = (Unavailable, TooLate, Conflict, Exhausted)
CONFIRM_WITHIN = timedelta(minutes=15)
NUDGE_AFTER = timedelta(minutes=5)  # somebody who has not confirmed until then is reminded, while it is kept for them


class CheckoutUnfinished(Unavailable):
    """Something it needs is away: the same request again goes on where this one stopped (metadata: order_id)."""


class PaymentMismatch(WrongState):
    """The provider charged something else than we asked for; it is given back."""


Count = Callable[[str], None]


class Saga:
    """Every step is idempotent by the order's id, so going on means beginning at the top; no step is written down."""

    def __init__(
        self,
        orders: Store[Order],
        carts: Carts,
        quotes: Quotes,
        shelf: Shelf,
        places: Places,
        coupons: CouponUses,
        purse: Purse,
        provider: Provider,
        undoing: Undoing,
        seal: Seal,
        clock: Clock,
        count: Count,
    ) -> None:
        self._orders, self._carts, self._quotes = orders, carts, quotes
        self._shelf, self._places, self._coupons, self._purse, self._provider = shelf, places, coupons, purse, provider
        self._undoing, self._seal, self._clock, self._count = undoing, seal, clock, count
        self.at_payment: list[Callable[[Order], None]] = []  # what is noted in an order in the write that makes it paid

    async def take_over(self, order: Order) -> Order | None:
        """The order under a new lease, if nobody holds one."""
        now = self._clock.now()
        where = {"_id": order.id, "state": order.state, "due_at": {"$lte": now}}
        return await self._orders.change(where, {"$set": {"due_at": now + LEASE}, "$inc": {"attempts": 1}})

    async def drive(self, order: Order) -> Order:
        """The order at its end, or waiting for the customer. Whoever calls holds its lease. Refuses with
        CHECKOUT_UNFINISHED when something is away."""
        reached: list[str] = []
        try:
            payment = await self._all_taken(order, reached)
            return await self._settled(order, payment)
        except RETRYABLE as away:
            await self.let_go(order)
            log.info("%s stops half-way: %s", order.id, away.reason)
            raise CheckoutUnfinished("not finished yet: try again as it is", order_id=order.id) from away
        except Refused as no:
            return await self.refuse(order, no, reached)

    async def settle(self, order: Order, payment: Payment) -> Order:
        """What the provider says of a payment, made true of the order."""
        try:
            return await self._settled(order, payment)
        except RETRYABLE as away:
            await self.let_go(order)
            raise CheckoutUnfinished("not finished yet: try again as it is", order_id=order.id) from away
        except Refused as no:
            return await self.refuse(order, no, taken_by(order))

    async def let_go(self, order: Order) -> None:
        """Ends the lease, so that the next who comes goes on at once. A payment to be confirmed keeps its time."""
        where = {"_id": order.id, "version": order.version, "state": {"$in": [State.CHECKING_OUT, State.CANCELLING]}}
        await self._orders.change(where, {"$set": {"due_at": self._clock.now()}})

    async def refuse(self, order: Order, no: Refused, reached: list[str]) -> Order:
        """Ends it, then gives back what was taken. `reached`: the steps that were taken."""
        declined = isinstance(no, PaymentDeclined)
        # Who took over cannot know how far others came, nor whether they charged.
        undo = [*taken_by(order), PAYMENT] if order.attempts > 1 or (not declined and PAYMENT in reached) else reached
        now = self._clock.now()
        no.meta.setdefault("order_id", order.id)
        order.state = State.DECLINED if declined else State.REFUSED
        order.refusal = refusal_of(no, kind_of(no))
        order.undo, order.due_at = list(undo), now + LEASE if undo else None
        order.cart_claim, order.sealed_token, order.confirm_url, order.nudge_at = "", b"", "", None
        order.events.append(Happened("refused", order.state.value, now, no.reason))
        if no.reason in ("PRICE_CHANGED", "NOT_ON_SALE", "OUT_OF_STOCK"):
            self._quotes.forget_skus([line.sku for line in order.lines])
        if no.reason in ("COUPON_USED_UP", "COUPON_NOT_FOUND", "PROMOTION_USED_UP"):
            self._quotes.forget_evaluations()
        try:
            await self._orders.save(order, checkout_refused(order, no.reason, now))
        except VersionMismatch:
            return await self._as_others_left_it(order)
        self._count(order.state.value)
        return await self._undoing.undo(order)

    async def _all_taken(self, order: Order, reached: list[str]) -> Payment:
        await self._shelf.hold(order)
        reached.append(STOCK)
        if order.window:
            await self._places.take(order)
            reached.append(WINDOW)
        if order.coupons or order.claims:
            # Both are counted by marketing; what the second refuses the first is given back for.
            reached.append(COUPONS)
            await self._coupons.take(order)
        if order.points:
            await self._purse.spend(order)
            reached.append(POINTS)
        due = order.due_minor
        if not due:
            return Payment("", "captured", 0)
        if order.paying and order.paying.cash:
            return Payment("", "authorised", due)  # nobody is asked: it is collected at the door
        return await self._charged(order)

    async def _charged(self, order: Order) -> Payment:
        """Charges once: who comes after somebody asks first what they did, and a lost answer is asked for, not guessed."""
        if order.attempts > 1 and (known := await self._provider.find(order.id)):
            return known
        token = self._seal.open(order.sealed_token, order.id).decode()
        try:
            return await self._provider.charge(
                order.id, Money(order.currency, order.due_minor), token, capture=not order.deferred
            )
        except OutcomeUnknown:
            known = await self._provider.find(order.id)
            if known is None:
                raise  # the same key again cannot charge twice, so the next try may simply ask for it
            return known

    async def _settled(self, order: Order, payment: Payment) -> Order:
        if payment.status == "authorised" and not order.deferred:
            payment = await self._provider.capture(payment.id)
        if payment.status in ("declined", "voided"):
            code = payment.decline_code or payment.status
            raise PaymentDeclined("the payment was declined", decline_code=code, order_id=order.id)
        if not payment.takes(Money(order.currency, order.due_minor)):
            log.error("%s: the provider's amount is not ours", order.id)
            self._count("mismatch")
            return await self.refuse(order, PaymentMismatch("the payment is not what was asked for"), [PAYMENT])
        if payment.status == "requires_confirmation":
            return await self._awaiting(order, payment)
        if payment.status not in ("captured", "authorised"):
            raise Unavailable(f"the payment is {payment.status}")
        return await self._paid(order, payment)

    async def _awaiting(self, order: Order, payment: Payment) -> Order:
        if order.state is State.AWAITING_CONFIRMATION:
            return order
        now = self._clock.now()
        order.state, order.payment_id, order.confirm_url = State.AWAITING_CONFIRMATION, payment.id, payment.confirm_url
        order.due_at, order.sealed_token = now + CONFIRM_WITHIN, b""
        order.nudge_at = now + NUDGE_AFTER
        order.answer = answer_bytes(order)
        try:
            await self._orders.save(order)
        except VersionMismatch:
            return await self._as_others_left_it(order)
        self._count(order.state.value)
        return order

    async def _paid(self, order: Order, payment: Payment) -> Order:
        if order.fulfilment in AT_STORE and (refused := await self._not_handed_over(order)):
            return refused
        now = self._clock.now()
        order.state, order.paid_at, order.due_at = State.PAID, now, None
        order.payment_id, order.captured_minor, order.sealed_token = payment.id, payment.captured_minor, b""
        text = "Paid."
        if order.paying and payment.status == "authorised":
            order.money_due_at = authorised(order.paying, payment.amount_minor, now)
            text = "To be paid at the door." if order.paying.cash else "The payment is authorised."
        order.events.append(Happened("paid", "paid", now, text))
        order.nudge_at = None
        if order.fulfilment != IN_STORE:  # what is handed over is neither sent nor waited for
            for note in self.at_payment:
                note(order)
            order.to_send = order.fulfilment == SHIP and not order.held
        told: list[Message] = [order_paid(order)]
        if order.fulfilment == IN_STORE:
            order.state, order.delivered_at, order.uncounted = State.DELIVERED, now, True
            order.events.append(Happened("handed_over", "delivered", now, "Handed over in the store."))
            told.append(order_delivered(order, now))
        if not order.answer:
            order.answer = answer_bytes(order)
        if order.cart_id:  # what came in through another channel has none
            # First: a member whose order was paid and whose cart stayed open would be given that cart again and again.
            await self._carts.close(order.cart_id)
        try:
            await self._orders.save(order, *told)
        except VersionMismatch:
            return await self._as_others_left_it(order)
        self._count(order.state.value)
        return order

    async def _not_handed_over(self, order: Order) -> Order | None:
        """Takes the goods of a till's sale from the store's shelf; the order as it is refused when they are not there."""
        try:
            await self._shelf.take(order)
        except RETRYABLE:
            raise
        except Refused as no:
            return await self.refuse(order, no, [PAYMENT])
        return None

    async def _as_others_left_it(self, order: Order) -> Order:
        """Somebody took over and was faster: what they made of it holds."""
        found = await self._orders.get(order.id)
        if found is None or found.state is State.CHECKING_OUT:
            raise CheckoutUnfinished("not finished yet: try again as it is", order_id=order.id)
        return found
