"""This is where it is said which units an order must take because its promotions count them. Pure."""

from dataclasses import dataclass

from .offers import Offer
from .promotions import Promotion


@dataclass(frozen=True, slots=True)
class Claim:
    """Units a promotion counts: they hold if at most `at_most` were taken before (None: not counted in all)."""

    promotion: Promotion
    units: int
    at_most: int | None


def claims_of(given: Offer) -> list[Claim]:
    """The units to take when it is ordered."""
    rule, units = given.promotion, sum(given.units.values())
    return [Claim(rule, units, given.at_most)] if units and (rule.counted or rule.limit_per_customer) else []
