"""This is where a past basket is priced again, without a rule and with it, by the function that prices carts. Pure.

It assumes the same demand: the same people buying the same goods, though things cost less. Everybody is taken to be whom the
rule is for, and a coupon to be entered at every cart; so what it says is the most a rule may cost, not what it brings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.marketing.evaluation import Entered, Evaluation, evaluate
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper

SUMS = ("orders", "touched", "discount_minor", "revenue_before_minor", "revenue_minor", "cost_minor", "below_floor")


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line; amounts in minor units."""

    sku: str
    category: str
    quantity: int
    unit_minor: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class PastBasket:
    """What was bought together."""

    placed_at: datetime
    currency: str
    channel: str
    lines: Sequence[PastLine]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: the rules without it and with it (`id` names it), the code entered, for whom, and when."""

    id: str
    before: Rules
    after: Rules
    entered: Sequence[Entered]
    tier: str
    groups: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """A basket without the rule and with it."""

    basket: PastBasket
    before: Evaluation
    after: Evaluation
    touched: bool

    @property
    def discount_minor(self) -> int:
        """What is given away more than without it."""
        return _to_pay(self.before) - _to_pay(self.after)

    def sums(self, lowest: Mapping[str, int | None]) -> dict[str, int]:
        """What it adds to the sums; `lowest` prices by SKU, None where no price would do."""
        cost = sum(line.cost_minor * line.quantity for line in self.basket.lines)
        values = (1, int(self.touched), self.discount_minor, _to_pay(self.before), _to_pay(self.after), cost)
        return dict(zip(SUMS, (*values, int(self.touched and self._below(lowest))), strict=True))

    def _below(self, lowest: Mapping[str, int | None]) -> bool:
        return any(
            _too_cheap(self.after.left[sku], units, lowest[sku]) for sku, units in self._units() if sku in lowest
        )

    def _units(self) -> list[tuple[str, int]]:
        units: dict[str, int] = {}
        for line in self.basket.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
        return list(units.items())


def replay(basket: PastBasket, trial: Trial) -> Replayed:
    """The basket, priced twice."""
    goods = _goods(basket)
    shopper = Shopper("cus_simulated", trial.tier, trial.groups, basket.channel)
    before = evaluate(basket.currency, goods, trial.before, [], shopper, trial.at)
    after = evaluate(basket.currency, goods, trial.after, trial.entered, shopper, trial.at)
    giving = {each.id for each in after.applied} | {each.promotion.id for each in after.gifts}
    if after.freight:
        giving.add(after.freight.promotion.id)
    return Replayed(basket, before, after, trial.id in giving)


def _goods(basket: PastBasket) -> list[Goods]:
    goods: dict[str, Goods] = {}
    for line in basket.lines:
        there = goods.get(line.sku)
        gross = line.unit_minor * line.quantity + (there.gross if there else 0)
        units = line.quantity + (there.quantity if there else 0)
        goods[line.sku] = Goods(line.sku, line.category, gross, units)
    return list(goods.values())


def _to_pay(evaluation: Evaluation) -> int:
    return sum(evaluation.left.values())


def _too_cheap(left: int, units: int, lowest: int | None) -> bool:
    return lowest is None or left < lowest * units
