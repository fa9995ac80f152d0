"""This is where the amounts of an order are made that was paid outside: as it was paid, beside what we ask ourselves. Pure.

What a channel sold below our own price shows as a discount that says so; what it sold above keeps our price beside its own.
Neither is silent: an order that differs is flagged, and held where it can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.errors import WrongState
from services.orders.orders import OrderLine
from services.orders.pricing import Discount, Item, Share, Total, price
from services.orders.quotes import SkuQuote

DISCOUNT_ID = "channel_price"


class AmountsDiffer(WrongState):
    """The amounts the channel sent do not add up to its total (metadata: sum, total; minor units)."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A SKU as a channel sold it: `paid_minor` for all of them; `asked_minor`: what it should have been, by our own list and
    promotions or as agreed with the channel."""

    quote: SkuQuote
    quantity: int
    paid_minor: int
    asked_minor: int

    @property
    def unit_minor(self) -> int:
        """Our own price, or just above it so that the line comes to what was paid."""
        return max(self.quote.price_minor, -(-self.paid_minor // self.quantity))

    @property
    def differs(self) -> bool:
        """Whether it was sold for something else than it should have been."""
        return self.paid_minor != self.asked_minor


@dataclass(frozen=True, slots=True)
class Amounts:
    """An order's amounts; they add up."""

    lines: list[OrderLine]
    totals: list[Total]
    discounts: list[Discount]


def as_paid(sold: Sequence[Sold], freight_minor: int, total_minor: int, channel: str) -> Amounts:
    """The amounts as they were paid. Refuses with AMOUNTS_DIFFER."""
    came = sum(each.paid_minor for each in sold) + freight_minor
    if came != total_minor:
        raise AmountsDiffer("the lines and the freight are not the total", sum=came, total=total_minor)
    items = [Item(each.quote.sku, each.quantity, each.unit_minor) for each in sold]
    below = [Share(item.sku, item.subtotal - each.paid_minor) for item, each in zip(items, sold, strict=True)]
    shares = [share for share in below if share.minor]
    minor = sum(share.minor for share in shares)
    discounts = [Discount(DISCOUNT_ID, "items", f"As sold on {channel}", "", minor, shares)] if minor else []
    priced = price(items, discounts, freight_minor)
    lines = [_line(each, line.discount) for each, line in zip(sold, priced.lines, strict=True)]
    return Amounts(lines, priced.totals, priced.discounts)


def difference(sold: Sequence[Sold]) -> str:
    """What differs, for people; empty when nothing does."""
    return ", ".join(f"{each.quote.sku} for {each.paid_minor}, not {each.asked_minor}" for each in sold if each.differs)


def _line(sold: Sold, discount_minor: int) -> OrderLine:
    quote, unit = sold.quote, sold.unit_minor
    return OrderLine(
        sku=quote.sku,
        product_id=quote.product_id,
        title=quote.title,
        category=quote.category,
        quantity=sold.quantity,
        unit_minor=unit,
        discount_minor=discount_minor,
        points_minor=0,
        cost_minor=quote.cost_minor,
        weight_g=quote.weight_g,
        list_minor=quote.price_minor if unit != quote.price_minor else 0,
    )
