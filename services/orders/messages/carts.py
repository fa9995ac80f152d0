"""This is where a rung-up cart becomes protobuf."""

from collections.abc import Sequence

from shop.orders.v1 import carts_pb2
from shop.type.v1 import address_pb2

from services.kit.clock import rfc3339
from services.orders.addresses import Judgement
from services.orders.carts import CartKey
from services.orders.pricing import Discount, Item, LinePrice, Total
from services.orders.quotes import Delivery, SkuQuote
from services.orders.slots.window import Window
from services.orders.till import Message, Rung

from .addresses import money, region_message
from .benefits import offer_message


def key_of(message: carts_pb2.CartKey) -> CartKey:
    """Which cart, and who asks."""
    return CartKey(message.cart_id, message.customer_id, message.if_version)


def cart_message(rung: Rung, address: address_pb2.Address | None) -> carts_pb2.Cart:
    """The priced cart as its owner sees it."""
    cart, currency = rung.cart, rung.cart.currency
    priced = zip(rung.items, rung.priced.lines, strict=True)
    return carts_pb2.Cart(
        id=cart.id,
        customer_id=cart.customer_id,
        state=cart.state,
        lines=[_line(item, line, rung.quotes.get(item.sku), currency) for item, line in priced],
        totals=totals_messages(rung.priced.totals, currency),
        discounts=discount_messages(rung.priced.discounts, currency),
        messages=[_message(message) for message in rung.messages],
        coupons=cart.coupons,
        address=address,
        delivery=delivery_message(rung.delivery, currency) if rung.delivery else None,
        version=cart.version,
        currency=currency,
        place=_place(cart.place) if cart.place else None,
        offers=[offer_message(each, currency) for each in rung.offers],
        window=window_message(cart.window) if cart.window else None,
    )


def _place(of: Judgement) -> carts_pb2.Place:
    better = region_message(of.better) if of.better else None
    return carts_pb2.Place(code=of.code, confidence=of.confidence, reasons=of.reasons, better=better)


def _line(item: Item, price: LinePrice, quote: SkuQuote | None, currency: str) -> carts_pb2.Line:
    return carts_pb2.Line(
        sku=item.sku,
        product_id=quote.product_id if quote else "",
        title=quote.title if quote else item.sku,
        quantity=item.quantity,
        gift_quantity=item.gift,
        unit_price=money(currency, item.unit_minor),
        subtotal=money(currency, price.subtotal),
        discount=money(currency, price.discount),
        total=money(currency, price.total),
        available=max(0, quote.available) if quote and quote.live else 0,
    )


def _message(message: Message) -> carts_pb2.CartMessage:
    return carts_pb2.CartMessage(code=message.code, severity=message.severity, text=message.text, about=message.about)


def totals_messages(totals: Sequence[Total], currency: str) -> list[carts_pb2.Total]:
    """The amounts that add up."""
    return [carts_pb2.Total(type=total.type, amount=money(currency, total.minor)) for total in totals]


def discount_messages(discounts: Sequence[Discount], currency: str) -> list[carts_pb2.Discount]:
    """Every discount with its reason and where it falls."""
    return [
        carts_pb2.Discount(
            id=discount.id,
            scope=discount.scope,
            reason=discount.reason,
            code=discount.code,
            amount=money(currency, discount.minor),
            allocation=[
                carts_pb2.DiscountShare(sku=share.sku, amount=money(currency, share.minor)) for share in discount.shares
            ],
        )
        for discount in discounts
    ]


def window_message(of: Window) -> carts_pb2.ChosenWindow:
    """When it is brought."""
    return carts_pb2.ChosenWindow(
        id=of.id,
        from_at=rfc3339(of.from_at),
        until_at=rfc3339(of.until_at),
        cut_off_at=rfc3339(of.cut_off_at),
        changed=of.changed,
    )


def delivery_message(way: Delivery, currency: str) -> carts_pb2.DeliveryOption:
    """A way to send it."""
    return carts_pb2.DeliveryOption(
        id=way.id,
        title=way.title,
        price=money(currency, way.price_minor),
        min_days=way.min_days,
        max_days=way.max_days,
        reason=way.reason,
        windowed=way.windowed,
    )
