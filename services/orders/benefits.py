"""This is where it is said what a cart gets beside discounts, and gifts become units of its lines. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from .pricing import Discount, Item, Share


@dataclass(frozen=True, slots=True)
class Gift:
    """So many of a SKU for nothing, by which promotion, and why."""

    id: str
    sku: str
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class FreightOff:
    """What comes off the freight, by which promotion: at most so much (0: all), and why."""

    id: str
    most_minor: int
    reason: str

    def of(self, freight: int) -> Discount:
        """What it takes off this freight."""
        off = min(freight, self.most_minor or freight)
        return Discount(self.id, "fulfillment", self.reason, "", off, [])


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of a promotion to take when this is ordered; they hold if at most `at_most` were taken before (None: however
    many), and for a customer who has not had `limit_per_customer` (0: any number)."""

    promotion_id: str
    units: int
    at_most: int | None
    limit_per_customer: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion that could give something, or more, and what is missing."""

    id: str
    kind: str
    code: str
    text: str
    missing_minor: int
    missing_units: int
    skus: tuple[str, ...]


class OnSale(Protocol):
    """What a gift must be known by."""

    @property
    def price_minor(self) -> int:
        """Of one."""
        ...

    @property
    def available(self) -> int:
        """Units there are."""
        ...

    @property
    def live(self) -> bool:
        """Whether it can be sold."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """A cart's items with their gifts, what those take off, and gifts there are none left of."""

    items: list[Item]
    discounts: list[Discount]
    gone: list[Gift]


def given(items: Sequence[Item], gifts: Sequence[Gift], quotes: Mapping[str, OnSale]) -> Given:
    """A gift is units of a line like any other, held like any other; a discount as large as their price makes them free."""
    by_sku = {item.sku: item for item in items}
    found = Given([], [], [])
    for gift in gifts:
        quote, item = quotes.get(gift.sku), by_sku.get(gift.sku)
        there = item.quantity if item else 0
        if quote is None or not quote.live or quote.available - there < gift.quantity:
            found.gone.append(gift)
            continue
        item = item or Item(gift.sku, 0, quote.price_minor)
        by_sku[gift.sku] = replace(item, quantity=there + gift.quantity, gift=item.gift + gift.quantity)
        if worth := item.unit_minor * gift.quantity:
            found.discounts.append(Discount(gift.id, "items", gift.reason, "", worth, [Share(gift.sku, worth)]))
    found.items.extend(by_sku.values())
    return found
