"""This is where a rule and one of its SKUs meet: when to look again, and what the rule would have it cost. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.money import Money

from .rules import PriceRule, Standing


@dataclass
class Ruled:
    """A rule and one of its SKUs: when to look again, how much was sold when it began, and why a gate kept its price out."""

    id: str  # `prl_…|SKU`
    rule_id: str
    sku: str
    due_at: datetime | None
    open: bool = True
    sold_before: int | None = None
    counting: bool = False  # a step waits for units to be sold
    units_at: int = 0  # how much the SKU will have sold, ever, when that step comes
    refused: str = ""
    version: int = 0

    def sold(self, ever: int) -> int:
        """Units sold since it began."""
        return max(0, ever - self.sold_before) if self.sold_before is not None else 0


def ruled(rule: PriceRule, sku: str, due_at: datetime) -> Ruled:
    """A rule's row for a SKU."""
    return Ruled(f"{rule.id}|{sku}", rule.id, sku, due_at)


@dataclass(frozen=True, slots=True)
class Offer:
    """The price a rule would have a SKU cost."""

    rule: PriceRule
    price: Money
    row: Ruled
    stands: Standing


def in_order(offers: Sequence[Offer]) -> list[Offer]:
    """The one that counts first: by priority, then the best for the customer, then the older rule."""
    return sorted(offers, key=lambda offer: (-offer.rule.priority, offer.price.minor, offer.rule.id))
