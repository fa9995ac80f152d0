"""This is where it is worked out what a unit earns, and the lowest price at which it earns enough. Pure, whole numbers only.

contribution = price − purchase cost − freight − fees, where fees are shares of the price. Whether the margin keeps the
floor is decided on exact fractions, so that what holds at a price holds at every higher one; only what is shown is rounded,
against the shop: costs up, the contribution and its share down.
"""

from dataclasses import dataclass

from services.kit.money import split

WHOLE_BP = 10_000
FLOOR_BP = 3_000


@dataclass(frozen=True, slots=True)
class Rates:
    """What selling one unit costs beside buying it, and what must be left. Shares in hundredths of a percent of the price,
    amounts in minor units of the currency it is sold in."""

    commission_bp: int = 0
    marketing_bp: int = 0
    payment_bp: int = 0
    freight_per_unit_minor: int = 0
    freight_per_kg_minor: int = 0
    floor_bp: int = FLOOR_BP

    @property
    def fees_bp(self) -> int:
        """All shares of the price together."""
        return self.commission_bp + self.marketing_bp + self.payment_bp

    def freight_minor(self, weight_g: int) -> int:
        """What it costs to send one, rounded up."""
        return self.freight_per_unit_minor + up(self.freight_per_kg_minor * weight_g, 1_000)


@dataclass(frozen=True, slots=True)
class Leave:
    """The owner's leave to sell below the floor: down to another margin, or down to a price."""

    min_margin_bp: int | None = None
    until_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a SKU."""

    rates: Rates
    leave: Leave | None = None

    @property
    def floor_bp(self) -> int:
        """The margin that must be left."""
        given = self.leave.min_margin_bp if self.leave else None
        return self.rates.floor_bp if given is None else given

    def lowest_minor(self, cost_minor: int, weight_g: int) -> int | None:
        """The lowest price that may be asked; None when no price would do, for fees and floor leave nothing."""
        fixed = cost_minor + self.rates.freight_minor(weight_g)
        lowest = lowest_price(fixed, self.rates.fees_bp, self.floor_bp)
        until = self.leave.until_minor if self.leave else None
        if until is None:
            return lowest
        return until if lowest is None else min(until, lowest)


@dataclass(frozen=True, slots=True)
class Margin:
    """What one unit earns at a price. price = cost + commission + marketing + payment + freight + contribution.

    Shares of a price of nothing are None; so is what depends on a cost nobody knows.
    """

    price_minor: int
    cost_minor: int
    commission_minor: int
    marketing_minor: int
    payment_minor: int
    freight_minor: int
    contribution_minor: int
    contribution_bp: int | None
    gross_minor: int
    gross_bp: int | None
    floor_bp: int
    lowest_minor: int | None
    cost_known: bool

    @property
    def keeps_floor(self) -> bool:
        """Whether it may be sold at this price. What a cost nobody knows would say is not held against it."""
        return not self.cost_known or (self.lowest_minor is not None and self.price_minor >= self.lowest_minor)

    @property
    def shortfall_minor(self) -> int | None:
        """How much is missing of the lowest price; None when there is none."""
        if self.keeps_floor:
            return 0
        return None if self.lowest_minor is None else self.lowest_minor - self.price_minor


def up(amount: int, parts: int) -> int:
    """`amount` divided by `parts`, rounded up."""
    return -(-amount // parts)


def lowest_price(fixed_minor: int, fees_bp: int, floor_bp: int) -> int | None:
    """The lowest price that leaves `floor_bp` of itself once what is fixed and its fees are paid; None when none does."""
    left_bp = WHOLE_BP - fees_bp - floor_bp
    return up(fixed_minor * WHOLE_BP, left_bp) if left_bp > 0 else None


def margin_at(price_minor: int, cost_minor: int, weight_g: int, terms: Terms, *, cost_known: bool = True) -> Margin:
    """What one unit earns. A cost of nothing is not known."""
    rates = terms.rates
    known = cost_known and cost_minor > 0
    freight = rates.freight_minor(weight_g)
    fees = up(price_minor * rates.fees_bp, WHOLE_BP)
    shares = [rates.commission_bp, rates.marketing_bp, rates.payment_bp]
    commission, marketing, payment = split(fees, shares) if fees else (0, 0, 0)
    fixed = cost_minor + freight
    exact = price_minor * (WHOLE_BP - rates.fees_bp) - fixed * WHOLE_BP  # the contribution, times 10,000
    gross = price_minor - cost_minor
    return Margin(
        price_minor=price_minor,
        cost_minor=cost_minor,
        commission_minor=commission,
        marketing_minor=marketing,
        payment_minor=payment,
        freight_minor=freight,
        contribution_minor=price_minor - fees - fixed,
        contribution_bp=exact // price_minor if price_minor else None,
        gross_minor=gross,
        gross_bp=gross * WHOLE_BP // price_minor if price_minor else None,
        floor_bp=terms.floor_bp,
        lowest_minor=terms.lowest_minor(cost_minor, weight_g) if known else None,
        cost_known=known,
    )
