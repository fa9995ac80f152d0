"""This is where a cart becomes an order: frozen first, then driven to its end; once a request."""

import hmac
from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import KINDS, AlreadyExists, Conflict, Invalid, Refused, Unavailable, WrongState, remote
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import Store

from . import limits
from .addresses import Region
from .carts import AddressMissing, Cart, CartClosed, CartKey, Carts, NotOnSale
from .leases import LEASE
from .messages.orders import OrderMessage, answer_message, order_message
from .orders import PICKUP, SHIP, Happened, Order, OrderLine, Refusal, State
from .origin import NOWHERE, Origin
from .paying import CARD, WALLETS, Paying
from .payments.methods import Methods, Sale
from .quotes import Delivery
from .saga import CheckoutUnfinished, Saga
from .screens import Screens
from .till import Rung, Till

_KINDS = {kind.__name__: kind for kind in KINDS}


class CartEmpty(WrongState):
    """There is nothing in it."""


class DeliveryMissing(WrongState):
    """Nobody chose how to send it yet, or the way chosen is not on offer any more."""


class WindowMissing(WrongState):
    """A delivery window is to be chosen with this way of sending."""


class PriceChanged(WrongState):
    """It costs something else than was shown (metadata: sku, price): look at the cart again."""


class CouponUsedUp(WrongState):
    """A coupon that gave something when the cart was last shown gives nothing now (metadata: code)."""


class DiscountsUnknown(Unavailable):
    """A coupon is entered and what it gives cannot be found out now: try again."""


class KeyReused(Invalid):
    """The same key was used for something else."""


class KeyInProgress(Conflict):
    """The first of these requests is still at it (metadata: retry_after_s)."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is asked for. Token and e-mail address are not shown: they must not get into a log."""

    cart_id: str
    customer_id: str
    payment_method: str
    payment_token: str = field(repr=False)
    points: int
    email: str = field(repr=False)
    request_id: str
    fingerprint: bytes
    origin: Origin = NOWHERE
    return_insurance_minor: int | None = None  # the premium its customer was shown and wants to pay


@dataclass(frozen=True, slots=True)
class Bought:
    """The answer, and whether it is the first one once more."""

    answer: OrderMessage
    replayed: bool


class Checkout:
    """Orders carts."""

    def __init__(
        self,
        orders: Store[Order],
        carts: Carts,
        till: Till,
        methods: Methods,
        saga: Saga,
        screens: Screens,
        seal: Seal,
        clock: Clock,
        point_value_minor: int,
    ) -> None:
        self._orders, self._carts, self._till, self._saga = orders, carts, till, saga
        self._methods = methods
        self._screens = screens
        self._seal, self._clock, self._point_value = seal, clock, point_value_minor

    async def place(self, purchase: Purchase) -> Bought:
        """The order, paid or waiting for the customer; the same request again answers as the first time. Refuses with
        what checkout.proto says."""
        _check(purchase)
        try:
            order = await self._frozen(purchase)
            await self._screens.look(order, purchase)
            await self._orders.insert(order)
        except Refused as no:
            # Whatever stands against it now: if this very request was answered before, that answer holds.
            earlier = await self._orders.one({"request_id": purchase.request_id})
            if earlier is None:
                raise (
                    CartClosed("this cart is being ordered already") if isinstance(no, AlreadyExists) else no
                ) from no
            return await self._again(earlier, purchase)
        return self._answered(await self._saga.drive(order), replayed=False)

    async def _again(self, earlier: Order, purchase: Purchase) -> Bought:
        if not hmac.compare_digest(earlier.fingerprint, purchase.fingerprint):
            raise KeyReused("this key was used for another request")
        if earlier.state is not State.CHECKING_OUT:
            return self._answered(earlier, replayed=True)
        taken = await self._saga.take_over(earlier)
        if taken is None:
            raise KeyInProgress("the first of these requests is still at it", retry_after_s=1)
        return self._answered(await self._saga.drive(taken), replayed=False)

    def _answered(self, order: Order, *, replayed: bool) -> Bought:
        if order.refusal and not order.answer:
            raise _said_again(order.refusal)
        address = self._seal.open(order.sealed_address, order.id)
        if order.answer:
            return Bought(answer_message(order.answer, address), replayed)
        return Bought(order_message(order, address), replayed)

    async def _frozen(self, purchase: Purchase) -> Order:
        """The order as it would be, everything frozen. Refuses as long as something is missing or other than shown."""
        cart = await self._carts.get(CartKey(purchase.cart_id, purchase.customer_id))
        if cart.state != "open":
            raise CartClosed("this cart is closed")
        if not cart.lines:
            raise CartEmpty("there is nothing in it")
        if cart.region is None or cart.sealed_address is None:
            raise AddressMissing("say where to first")
        if cart.delivery is None:
            raise DeliveryMissing("choose how to send it first")
        rung = await self._till.ring_up(cart, purchase.customer_id, purchase.points * self._point_value)
        delivery = as_shown(rung)
        if delivery.windowed and cart.window is None:
            raise WindowMissing("choose when it is to be brought first")
        sale = Sale(cart.currency, rung.priced.total, cart.region, purchase.customer_id)
        paying = await self._methods.paying(purchase.payment_method, sale)
        return self._order(purchase, cart, rung, delivery, paying)

    def _order(self, purchase: Purchase, cart: Cart, rung: Rung, delivery: Delivery, paying: Paying | None) -> Order:
        order_id, now, priced = new_id("ord"), self._clock.now(), rung.priced
        address = self._seal.open(cart.sealed_address or b"", cart.id)
        return Order(
            id=order_id,
            request_id=purchase.request_id,
            fingerprint=purchase.fingerprint,
            cart_id=cart.id,
            cart_claim=cart.id,
            customer_id=purchase.customer_id,
            state=State.CHECKING_OUT,
            currency=cart.currency,
            lines=lines_of(rung),
            totals=priced.totals,
            discounts=priced.discounts,
            coupons=rung.working(),
            claims=list(rung.claims),
            points=-(-priced.points // self._point_value),
            delivery=delivery,
            region=cart.region or Region(""),
            sealed_address=self._seal.close(address, order_id),
            sealed_email=self._seal.close(purchase.email.encode(), order_id) if purchase.email else b"",
            sealed_token=self._seal.close(token_of(purchase).encode(), order_id),
            placed_at=now,
            due_at=now + LEASE,
            events=[Happened("placed", "placed", now, "Placed.")],
            paying=paying,
            place=cart.place,
            window=cart.window if delivery.windowed else None,
            fulfilment=PICKUP if delivery.id == PICKUP else SHIP,
            store=cart.store if delivery.id == PICKUP else "",
        )


def token_of(purchase: Purchase) -> str:
    """What the provider is told to charge: the card's token, or the wallet the customer is sent to."""
    return f"wallet_{purchase.payment_method}" if purchase.payment_method in WALLETS else purchase.payment_token


def _check(purchase: Purchase) -> None:
    limits.customer_id(purchase.customer_id)
    limits.request_id(purchase.request_id)
    limits.email(purchase.email)
    if purchase.payment_method == CARD or purchase.payment_token:
        limits.payment_token(purchase.payment_token)
    if len(purchase.fingerprint) > 64:
        raise limits.refused("/fingerprint", "a SHA-256", Invalid)
    purchase.origin.check()
    if not 0 <= purchase.points <= 10**9 or (purchase.points and not purchase.customer_id):
        raise limits.refused("/points", "zero or more, and only for who is signed in", Invalid)


def as_shown(rung: Rung) -> Delivery:
    """The delivery chosen. Refuses when something is not as its owner was last shown: nobody pays unseen."""
    for sku, _ in rung.cart.items():
        quote = rung.quotes.get(sku)
        if quote is None or not quote.live:
            raise NotOnSale(f"{sku} is not on sale", sku=sku)
    for sku, minor in rung.changed_prices().items():
        raise PriceChanged(f"{sku} costs something else now", sku=sku, price=minor)
    if not rung.discounts_known and rung.cart.coupons:
        # Full price for who has entered a coupon would take more than they were shown. Without a coupon a shop that
        # goes on selling while marketing is away serves better than one that stops; the cart says that discounts are away.
        raise DiscountsUnknown("what the coupon gives cannot be found out now")
    lost = [code for code in rung.cart.working if code not in rung.working()]
    if lost:
        raise CouponUsedUp(f"{lost[0]} gives nothing any more", code=lost[0])
    if rung.delivery is None:
        if not rung.delivery_known:
            raise CheckoutUnfinished("what sending costs cannot be found out now")
        raise DeliveryMissing("the way chosen is not on offer any more: choose another")
    return rung.delivery


def lines_of(rung: Rung) -> list[OrderLine]:
    lines: list[OrderLine] = []
    for price, item in zip(rung.priced.lines, rung.items, strict=True):
        quote = rung.quotes[item.sku]
        lines.append(
            OrderLine(
                sku=item.sku,
                product_id=quote.product_id,
                title=quote.title,
                category=quote.category,
                quantity=item.quantity,
                gift=item.gift,
                unit_minor=quote.price_minor,
                discount_minor=price.discount,
                points_minor=price.points,
                cost_minor=quote.cost_minor,
                weight_g=quote.weight_g,
                terms=quote.promised,
            )
        )
    return lines


def _said_again(refusal: Refusal) -> Refused:
    return remote(_KINDS[refusal.kind], refusal.reason, refusal.detail, [], refusal.meta)
