"""This is where a line of an order is: what was bought, frozen, what came back, what is left of its money. Pure."""

from dataclasses import dataclass
from datetime import datetime

from .aftersales.terms import Terms
from .pricing import paid_for_units


@dataclass
class OrderLine:
    """A line, frozen at purchase but for what becomes of its units and of its money. Minor units, grams.

    `gift`: units not asked for. `list_minor`: what our own price list says where a channel sold it for more (0: the same).
    `refunded`: units whose money went back. `credit_minor`: what was paid for the kept units in the order that this one
    follows up.
    """

    sku: str
    product_id: str
    title: str
    category: str
    quantity: int
    unit_minor: int
    discount_minor: int
    points_minor: int
    cost_minor: int
    weight_g: int
    gift: int = 0
    returned: int = 0
    list_minor: int = 0
    refunded: int = 0
    credit_minor: int = 0
    terms: Terms | None = None  # of its coming back, as they were at purchase
    protected_minor: int = 0  # given back because the price fell, of the units that have not come back

    @property
    def subtotal(self) -> int:
        """Before discounts."""
        return self.unit_minor * self.quantity

    @property
    def total(self) -> int:
        """After discounts, in money or points."""
        return self.subtotal - self.discount_minor

    @property
    def paid(self) -> int:
        """What was paid for it in money: what can be given back."""
        return self.total - self.points_minor

    @property
    def kept(self) -> int:
        """Units that have not come back, nor are on their way."""
        return self.quantity - self.returned

    @property
    def left(self) -> int:
        """What is left of what was paid for the units that are kept, after what fell prices gave back."""
        return paid_for_units(self.paid, self.quantity, self.returned, self.kept) - self.protected_minor

    def give_up(self, count: int) -> int:
        """Takes the next `count` units as coming back; answers what is left of what was paid for exactly those. What a
        fallen price gave back counts for all kept units alike, so any grouping adds up to exactly what is left."""
        before = self.left
        back = paid_for_units(before, self.kept, 0, count)
        self.returned += count
        self.protected_minor = paid_for_units(self.paid, self.quantity, self.returned, self.kept) - (before - back)
        return back

    def take_back(self, count: int, back: int) -> None:
        """Undoes `give_up` of the last `count` units, for which nothing was given after all."""
        before = self.left + back
        self.returned -= count
        self.protected_minor = paid_for_units(self.paid, self.quantity, self.returned, self.kept) - before


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Support's promise that a price which falls until then may be claimed, and why."""

    until: datetime
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Protection:
    """What a fallen price gives back of a line, reserved with this entry and paid under its key."""

    drop_id: str
    sku: str
    units: int
    price_minor: int  # what one cost then
    minor: int
    at: datetime
