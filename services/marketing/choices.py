"""This is where it is worked out which of some rules a cart may get, as far as its worst price goes: what is never chosen
because another always comes before it is left out, and so is what takes less than another. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from .coupons import MOST_ENTERED
from .selection import Selection

ITEM, ORDER, COUPON, GIFT = "item", "order", "coupon", "gift"
_SURE_BP = 100  # a smaller percentage may round to nothing on a cheap unit, and then another takes its place


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion, or coupons that are alike (`alike` of them), as far as stacking goes."""

    kind: str
    name: str  # for people
    starts_at: datetime
    ends_at: datetime
    selection: Selection
    percent_bp: int = 0
    currency: str = ""
    amount_minor: int = 0
    threshold_minor: int = 0
    priority: int = 0
    exclusive: bool = False
    sure: bool = True  # every cart gets it that may have it: so it takes the place of others
    fixed_minor: int | None = None  # what one unit costs at most
    group: str = ""
    best_deal: bool = False
    alike: int = 1
    alike_per_order: int = MOST_ENTERED

    def runs(self, at: datetime) -> bool:
        """Whether it applies then."""
        return self.starts_at <= at < self.ends_at

    def meets(self, other: "Rule") -> bool:
        """Whether there is a time at which both run."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


Choice = tuple[Rule, ...]


def of_items(new: Rule, rules: Sequence[Rule]) -> list[Choice]:
    """The item promotions that a cart may get together on a SKU all these are about; with the new one, if it is of these."""
    shared = [each for each in rules if not each.exclusive]
    sure = [each for each in rules if _sure_item(each)]
    winners = [each for each in shared if not any(_displaces(one, each) for one in sure)]
    # Beside other goods that share a higher promotion the shared one may come before an exclusive one.
    alone = [each for each in rules if each.exclusive and not any(one.priority > each.priority for one in sure)]
    return _choices(new, ITEM, winners, alone)


def _sure_item(rule: Rule) -> bool:
    return rule.sure and rule.percent_bp >= _SURE_BP


def _displaces(one: Rule, other: Rule) -> bool:
    """Whether a SKU with both never gets the other."""
    if one.exclusive or one.group != other.group or one.priority < other.priority:
        return False
    if one.priority > other.priority:
        return True
    return _sure_item(other) and (-one.percent_bp, one.name) < (-other.percent_bp, other.name)


def of_reached(new: Rule, rules: Sequence[Rule], kind: str) -> list[Choice]:
    """The spend thresholds, or gifts, that a cart may get together; with the new one, if it is of this kind."""
    left = [each for each in rules if not any(_comes_first(one, each) for one in rules)]
    shared, alone = [each for each in left if not each.exclusive], [each for each in left if each.exclusive]
    return _choices(new, kind, shared, alone)


def _comes_first(one: Rule, other: Rule) -> bool:
    """Whether the one is always chosen where both are reached, and reached where the other is."""
    reached = one.threshold_minor <= other.threshold_minor and _within(other.selection, one.selection)
    alike = one.exclusive == other.exclusive and (one.exclusive or one.group == other.group)
    if not (one.sure and reached and alike):
        return False
    if one.priority != other.priority:
        return one.priority > other.priority and not one.exclusive
    plain = bool(one.amount_minor and other.amount_minor)
    return plain and (-one.amount_minor, one.name) < (-other.amount_minor, other.name)


def _choices(new: Rule, kind: str, shared: Sequence[Rule], alone: Sequence[Rule]) -> list[Choice]:
    """One of each group, in the order of their names; or one that stands alone."""
    if new.kind == kind and new.exclusive:
        return [(new,)] if new in alone else []
    if new.kind == kind and new not in shared:
        return []  # another takes its place
    groups: dict[str, list[Rule]] = {}
    for each in shared:
        groups.setdefault(each.group, []).append(each)
    options = [[new] if new.kind == kind and name == new.group else deepest(groups[name]) for name in sorted(groups)]
    together = [tuple(each) for each in product(*options)]
    return together if new.kind == kind else [*together, *((each,) for each in deepest(alone))]


def deepest(rules: Sequence[Rule]) -> list[Rule]:
    """Those that may take most: the highest percentage, the lowest price, and amounts no other outdoes."""
    percents = [each for each in rules if each.percent_bp]
    prices = [each for each in rules if each.fixed_minor is not None]
    amounts = [each for each in rules if each.amount_minor]
    found = [max(percents, key=lambda each: each.percent_bp)] if percents else []
    found += [min(prices, key=lambda each: each.fixed_minor or 0)] if prices else []
    return found + [each for each in amounts if not any(_outdoes(one, each) for one in amounts)]


def _outdoes(one: Rule, other: Rule) -> bool:
    ranked = (-one.amount_minor, one.threshold_minor, one.name) < (
        -other.amount_minor,
        other.threshold_minor,
        other.name,
    )
    return ranked and one.amount_minor >= other.amount_minor and one.threshold_minor <= other.threshold_minor


def _within(one: Selection, other: Selection) -> bool:
    """Whether all goods of the one are in the other."""
    return _narrower(one.skus, other.skus) and _narrower(one.categories, other.categories)


def _narrower(one: frozenset[str], other: frozenset[str]) -> bool:
    return not other or (bool(one) and one <= other)
