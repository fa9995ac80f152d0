"""This is where a cart's amounts are worked out, so that they add up exactly. Pure: integers in, integers out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.kit.money import split


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a SKU at a price (minor units); `gift` of them were not asked for."""

    sku: str
    quantity: int
    unit_minor: int
    gift: int = 0

    @property
    def subtotal(self) -> int:
        """unit × quantity."""
        return self.unit_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an amount falls on a line."""

    sku: str
    minor: int


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount and why. Its shares add up to `minor`, above zero; of scope `fulfillment` it falls on the freight alone."""

    id: str
    scope: str
    reason: str
    code: str
    minor: int
    shares: list[Share]


@dataclass(frozen=True, slots=True)
class Total:
    """One entry of a list that adds up to its last."""

    type: str
    minor: int


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What a line costs. 0 ≤ points ≤ total = subtotal − discount."""

    sku: str
    subtotal: int
    discount: int
    points: int

    @property
    def total(self) -> int:
        """What is to be paid for the line, in money or points."""
        return self.subtotal - self.discount


@dataclass(frozen=True, slots=True)
class Priced:
    """All amounts of a cart, in minor units of one currency."""

    lines: list[LinePrice]
    discounts: list[Discount]
    freight: int
    totals: list[Total] = field(default_factory=list)
    freight_off: int = 0

    @property
    def goods(self) -> int:
        """Goods after discounts, before points."""
        return sum(line.total for line in self.lines)

    @property
    def discount(self) -> int:
        """All discounts together, zero or more."""
        return sum(line.discount for line in self.lines)

    @property
    def points(self) -> int:
        """What points pay for."""
        return sum(line.points for line in self.lines)

    @property
    def total(self) -> int:
        """What is to be charged."""
        return self.goods - self.points + self.freight - self.freight_off


def price(items: Sequence[Item], discounts: Sequence[Discount], freight: int | None = None, points: int = 0) -> Priced:
    """The amounts. `freight` None: no way of sending is chosen yet; `points`: what points would pay (minor units), of which
    at most the goods are paid.

    A discount that would take more off a line than is left of it is cut down, so that no line goes below zero.
    """
    left = {item.sku: item.subtotal for item in items}
    given = [cut for cut in (_cut(discount, left) for discount in discounts) if cut.minor]
    goods = sum(left.values())
    weights = [left[item.sku] for item in items]
    shares = split(min(points, goods), weights) if items and points > 0 else [0] * len(items)
    lines = [
        LinePrice(item.sku, item.subtotal, item.subtotal - left[item.sku], share)
        for item, share in zip(items, shares, strict=True)
    ]
    off = _off_freight(discounts, freight or 0)
    priced = Priced(lines, [*given, *off], freight or 0, freight_off=sum(each.minor for each in off))
    priced.totals.extend(_totals(priced, freight is not None))
    return priced


def _off_freight(discounts: Sequence[Discount], freight: int) -> list[Discount]:
    """What is taken off the freight, as far as there is any."""
    off = next((each for each in discounts if each.scope == "fulfillment"), None)
    return [replace(off, minor=min(off.minor, freight))] if off and freight and off.minor else []


def goods_after(items: Sequence[Item], discounts: Sequence[Discount]) -> int:
    """Goods after discounts, before points: `price(…).goods` and no more."""
    left = {item.sku: item.subtotal for item in items}
    for discount in discounts:
        _cut(discount, left)
    return sum(left.values())


def _cut(discount: Discount, left: dict[str, int]) -> Discount:
    """The discount as far as there is something left; takes it off `left`."""
    shares: list[Share] = []
    for share in discount.shares:
        taken = min(share.minor, left.get(share.sku, 0))
        if taken > 0:
            left[share.sku] -= taken
            shares.append(Share(share.sku, taken))
    minor = sum(share.minor for share in shares)
    return Discount(discount.id, discount.scope, discount.reason, discount.code, minor, shares)


def _totals(priced: Priced, chosen: bool) -> list[Total]:
    """Subtotal, what is taken off (negative), what is added, and what they add up to."""
    if not priced.lines:
        return []
    of_items = sum(discount.minor for discount in priced.discounts if discount.scope == "items")
    entries = [
        ("items_discount", -of_items),
        ("order_discount", of_items - priced.discount),
        ("points", -priced.points),
    ]
    return [
        Total("subtotal", sum(line.subtotal for line in priced.lines)),
        *(Total(name, minor) for name, minor in entries if minor),
        *([Total("fulfillment", priced.freight)] if chosen else []),
        *([Total("fulfillment_discount", -priced.freight_off)] if priced.freight_off else []),
        Total("total", priced.total),
    ]


def paid_for_units(paid: int, quantity: int, first: int, count: int) -> int:
    """What was paid for units `first` … `first + count − 1` of a line of `quantity` units.

    The line's amount is spread over its units by largest remainder, so every way of returning a line in parts adds up
    to exactly what was paid for it.
    """
    whole, rest = divmod(paid, quantity)
    return whole * count + min(first + count, rest) - min(first, rest)
