"""This is where it is worked out what discounts leave of a unit's price at worst. Pure, whole numbers, rounded down.

A discount is told as ways the worst carts go: each way is steps one after another, and what a way leaves is compared with
the lowest price the SKU may be sold at. Who tells them (marketing) knows how rules stack; here prices and costs are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .costs import WHOLE_BP, up


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount spread over goods worth `over_minor` at least, or over one unit when that is worth more."""

    amount_minor: int
    over_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """A percentage of what is left, then a price it costs at most, then amounts, all of them measured on the same."""

    percent_bp: int = 0
    amounts: tuple[AmountOff, ...] = ()
    fixed_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """SKUs on sale: of these ids, categories and currencies; an empty list asks for nothing. Or all but these."""

    skus: tuple[str, ...] = ()
    but_skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    but_categories: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    but_currencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discount:
    """What happens to some SKUs, in one of these ways."""

    selection: Selection
    ways: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A SKU that would be sold below its lowest price: by which discount, which of its ways, and how far."""

    discount: int
    way: int
    sku: str
    currency: str
    price_minor: int
    left_minor: int
    lowest_minor: int | None
    shortfall_minor: int

    @property
    def order(self) -> tuple[int, str]:
        """The worst first."""
        return -self.shortfall_minor, self.sku


def left_after(price_minor: int, way: Sequence[Step]) -> int:
    """What is left of one unit's price."""
    left = price_minor
    for step in way:
        left = left * (WHOLE_BP - step.percent_bp) // WHOLE_BP
        left = left if step.fixed_minor is None else min(left, max(0, step.fixed_minor))
        off = sum(up(each.amount_minor * left, max(left, each.over_minor, 1)) for each in step.amounts)
        left = max(0, left - off)
    return left


def worst_way(price_minor: int, ways: Sequence[Sequence[Step]]) -> tuple[int, int]:
    """The least that is left, and by which way."""
    return min((left_after(price_minor, way), place) for place, way in enumerate(ways))
