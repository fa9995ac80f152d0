"""This is where a cart is rung up: what it costs now, why, and what its owner should be told."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.errors import Invalid, VersionMismatch

from .benefits import Claim, Gift, Offer, given
from .carts import AddressMissing, Cart, CartKey, Carts, coupon_code
from .orders import PICKUP
from .pricing import Discount, Item, Priced, goods_after, price
from .quotes import Delivery, DeliveryUnknown, Evaluation, Parcel, Quotes, RulesCart, RulesLine, SkuQuote

_LIMITS = ("purchase_limit", "sold_out", "sign_in")


class UnknownDeliveryOption(Invalid):
    """Not one of the ways this cart can be sent."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the customer; `severity` is `info`, `warning` or `error`."""

    code: str
    severity: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """A cart and what it costs. `quotes` lacks SKUs that are gone; `discounts_known` False: marketing is away."""

    cart: Cart
    priced: Priced
    quotes: dict[str, SkuQuote]
    messages: list[Message]
    discounts_known: bool
    delivery: Delivery | None
    delivery_known: bool
    items: list[Item]
    claims: tuple[Claim, ...] = ()
    offers: tuple[Offer, ...] = ()

    def changed_prices(self) -> dict[str, int]:
        """SKUs that cost something else than their owner was last shown, and what."""
        return {
            sku: self.quotes[sku].price_minor
            for sku, line in self.cart.items()
            if sku in self.quotes and self.quotes[sku].price_minor != line.price_minor
        }

    def working(self) -> list[str]:
        """The coupons that give something."""
        giving = {discount.code for discount in self.priced.discounts if discount.code}
        return [code for code in self.cart.coupons if code in giving]


@dataclass(frozen=True, slots=True)
class _Goods:
    """A cart's goods, gifts among them, and what they get; `evaluation` None while marketing is away."""

    items: list[Item]
    quotes: dict[str, SkuQuote]
    evaluation: Evaluation | None
    discounts: tuple[Discount, ...]
    gone: list[Gift]
    parcel: Parcel | None


class Till:
    """Rings up carts."""

    def __init__(self, carts: Carts, quotes: Quotes) -> None:
        self._carts, self._quotes = carts, quotes
        self.ahead: Callable[[str], datetime | None] = lambda sku: None  # from when what is sold ahead is sent

    async def ring_up(self, cart: Cart, customer_id: str = "", points_minor: int = 0) -> Rung:
        """What the cart costs whoever asks, with so much paid by points. Raises `Unavailable` while catalog is away."""
        goods = await self._goods(cart, customer_id)
        delivery, known = await self._delivery(cart, goods.parcel)
        got, freight = goods.evaluation or Evaluation(), delivery.price_minor if delivery else None
        messages = _messages(cart, goods.quotes, goods.evaluation, goods.gone, self.ahead)
        if delivery and delivery.windowed and cart.window is None:
            messages.append(Message("window_missing", "info", "Choose when it is to be brought. 请选择送达时段。"))
        off = [got.freight.of(freight)] if got.freight and freight else []
        return Rung(
            cart=cart,
            priced=price(goods.items, [*goods.discounts, *off], freight, points_minor),
            quotes=goods.quotes,
            messages=messages,
            discounts_known=goods.evaluation is not None,
            delivery=delivery,
            delivery_known=known,
            items=goods.items,
            claims=got.claims,
            offers=got.offers,
        )

    async def show(self, cart: Cart, customer_id: str = "", more: Sequence[Message] = ()) -> Rung:
        """The same, and remembers that its owner has now seen these prices and which coupons work."""
        rung = await self.ring_up(cart, customer_id)
        rung.messages.extend(more)
        prices, working = rung.changed_prices(), rung.working()
        if cart.state != "open" or not (prices or (rung.discounts_known and set(working) != set(cart.working))):
            return rung
        seen = await self._carts.acknowledge(cart, prices, working if rung.discounts_known else cart.working)
        return replace(rung, cart=seen)

    async def ways(self, key: CartKey) -> tuple[Parcel | None, tuple[Delivery, ...]]:
        """How the cart can be sent, cheapest first. Refuses with ADDRESS_MISSING."""
        return await self.ways_of(await self._carts.get(key), key.customer_id)

    async def ways_of(self, cart: Cart, customer_id: str) -> tuple[Parcel | None, tuple[Delivery, ...]]:
        """How a cart that is kept nowhere can be sent. Refuses with ADDRESS_MISSING."""
        if cart.region is None:
            raise AddressMissing("say where to first")
        parcel = (await self._goods(cart, customer_id)).parcel
        return parcel, await self._quotes.ways(parcel) if parcel else ()

    async def choose(self, key: CartKey, option: str) -> Cart:
        """Takes one of the ways. Refuses with ADDRESS_MISSING, UNKNOWN_DELIVERY_OPTION."""
        glanced = self._carts.glance(key)
        if glanced and key.if_version in (0, glanced.version):
            # Most often nobody else touched the cart since: a read is saved, and the version says whether that is so.
            with contextlib.suppress(VersionMismatch, AddressMissing, UnknownDeliveryOption):
                return await self._choose(replace(key, if_version=glanced.version), option, glanced)
        return await self._choose(key, option, await self._carts.get(key))

    async def _choose(self, key: CartKey, option: str, cart: Cart) -> Cart:
        parcel, ways = await self.ways_of(cart, key.customer_id)
        way = next((way for way in ways if way.id == option), None)
        if parcel is None or way is None:
            raise UnknownDeliveryOption("not one of the ways this cart can be sent")
        return await self._carts.choose(key, way, parcel)

    async def enter_coupon(self, key: CartKey, typed: str) -> Rung:
        """The cart with a code entered; a code that gives nothing is a message in it."""
        code, more = coupon_code(typed), []
        if not code:
            more = [Message("discount_code_invalid", "warning", "There is no such code.", typed.strip()[:64])]
            return await self.show(await self._carts.get(key), key.customer_id, more)
        cart, fresh = await self._carts.add_coupon(key, code)
        if not fresh:
            more = [Message("discount_code_already_applied", "info", "This code is entered already.", code)]
        return await self.show(cart, key.customer_id, more)

    async def _goods(self, cart: Cart, customer_id: str) -> _Goods:
        asked = await self._quotes.skus([sku for sku, _ in cart.items()])
        quotes = {sku: quote for sku, quote in asked.items() if quote.currency == cart.currency}
        items = [
            Item(sku, line.quantity, quotes[sku].price_minor if sku in quotes else line.price_minor)
            for sku, line in cart.items()
        ]
        evaluation = await self._evaluated(cart, items, quotes, customer_id or cart.customer_id)
        discounts, gone = evaluation.discounts if evaluation else (), list[Gift]()
        if evaluation and evaluation.gifts:
            more = await self._quotes.skus([gift.sku for gift in evaluation.gifts])
            quotes |= {sku: quote for sku, quote in more.items() if quote.currency == cart.currency}
            free = given(items, evaluation.gifts, quotes)
            items, discounts, gone = free.items, (*discounts, *free.discounts), free.gone
        return _Goods(items, quotes, evaluation, discounts, gone, _parcel(cart, items, quotes, discounts))

    async def _evaluated(
        self, cart: Cart, items: list[Item], quotes: dict[str, SkuQuote], customer_id: str
    ) -> Evaluation | None:
        lines = tuple(
            RulesLine(item.sku, quotes[item.sku].category, item.quantity, item.unit_minor)
            for item in items
            if item.sku in quotes
        )
        if not lines:
            return Evaluation()
        return await self._quotes.evaluation(
            RulesCart(cart.currency, lines, tuple(cart.coupons), customer_id, channel=cart.channel)
        )

    async def _delivery(self, cart: Cart, parcel: Parcel | None) -> tuple[Delivery | None, bool]:
        """The way chosen at today's price, and whether that could be found out."""
        if cart.delivery is None or parcel is None:
            return None, True
        if cart.delivery.id == PICKUP and cart.store:
            return cart.delivery, True  # nothing is sent
        try:
            ways = await self._quotes.ways(parcel)
        except DeliveryUnknown:
            # What was quoted for this very parcel holds while logistics is away: it is what the customer was shown.
            return (cart.delivery, True) if parcel == cart.parcel else (None, False)
        return next((way for way in ways if way.id == cart.delivery.id), None), True


def _parcel(
    cart: Cart, items: Sequence[Item], quotes: dict[str, SkuQuote], discounts: Sequence[Discount]
) -> Parcel | None:
    if not cart.region or not items:
        return None
    known = [(quotes[item.sku], item.quantity) for item in items if item.sku in quotes]
    weight = sum(quote.weight_g * quantity for quote, quantity in known)
    volume = sum(quote.volume_mm3 * quantity for quote, quantity in known)
    categories = tuple(sorted({quote.category for quote, _ in known}))
    pieces = sum(item.quantity for item in items)
    return Parcel(cart.region, weight, pieces, cart.currency, goods_after(items, discounts), volume, categories)


def _messages(
    cart: Cart,
    quotes: dict[str, SkuQuote],
    evaluation: Evaluation | None,
    gone: Sequence[Gift],
    ahead: Callable[[str], datetime | None],
) -> list[Message]:
    told: list[Message] = []
    if cart.place and cart.place.doubtful:
        text = "This address may not be found; please look at it again. 地址可能有误,请核对。"
        told.append(Message("address_doubtful", "warning", text, cart.place.reasons[0]))
    for sku, line in cart.items():
        quote = quotes.get(sku)
        if quote is None or not quote.live:
            told.append(Message("not_on_sale", "error", "This is not on sale any more.", sku))
            continue
        if not cart.store and (ships_from := ahead(sku)):
            text = f"Sold ahead: sent from {ships_from:%Y-%m-%d} on. 預售商品，{ships_from:%Y-%m-%d} 起發貨。"
            told.append(Message("preorder", "info", text, sku))
        elif quote.available < line.quantity:
            told.append(Message("out_of_stock", "error", f"Only {max(0, quote.available)} left.", sku))
        if quote.price_minor != line.price_minor:
            told.append(Message("price_changed", "warning", "The price has changed since you added it.", sku))
    if evaluation is None:
        text = "Discounts cannot be worked out at the moment; none are applied."
        return [*told, Message("discounts_unavailable", "warning", text)]
    if evaluation.standing_unknown:
        text = "Offers for members and groups cannot be worked out at the moment; none are applied."
        told.append(Message("member_offers_unavailable", "warning", text))
    told.extend(Message(problem.problem, "warning", problem.text, problem.code) for problem in evaluation.problems)
    limits = [each for each in evaluation.offers if each.code in _LIMITS]
    told.extend(Message(each.code, "warning", each.text, each.id) for each in limits)
    told.extend(Message("gift_unavailable", "warning", f"No gift left: {each.reason}", each.sku) for each in gone)
    return told
