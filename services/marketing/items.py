"""This is where it is chosen which promotions of the `items` scope a cart gets. Pure.

Group after group, in the order of their names, each on what those before left. Within a group a SKU gets one promotion at
most: the highest priority, then what takes most off, then the higher percentage, then the older one. A bundle takes all its
SKUs from promotions of a lower priority, and from those of its own when it takes more off than they did; of several bundles
the one that gains most goes first. An exclusive promotion stands alone in place of all groups when its priority is higher
than their highest, or the same and it takes more off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .offers import Basket, Missed, Offer, offer
from .promotions import BUNDLE, Promotion
from .selection import Goods

Touching = tuple[Promotion, Sequence[Goods]]
_LOWEST = -(2**31)
_MOST_BUNDLES = 10


@dataclass(slots=True)
class Plan:
    """Offers that may stand together, in the order they are applied, and those that give nothing."""

    offers: list[Offer] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)

    def rank(self) -> tuple[int, int]:
        """Highest priority first, then most off."""
        return rank_of(self.offers)


class Given(Protocol):
    """What a promotion gives."""

    @property
    def promotion(self) -> Promotion:
        """Which."""
        ...

    @property
    def off(self) -> int:
        """How much, minor units."""
        ...


def rank_of(given: Sequence[Given]) -> tuple[int, int]:
    """What stands together is chosen by its highest priority, then by most off."""
    return max((each.promotion.priority for each in given), default=_LOWEST), sum(each.off for each in given)


def apart(touching: Iterable[Touching]) -> tuple[dict[str, list[Touching]], list[Touching]]:
    """Those that may stand with others, by their group; and those that stand alone."""
    groups: dict[str, list[Touching]] = {}
    alone: list[Touching] = []
    for each in touching:
        if each[0].exclusive:
            alone.append(each)
        else:
            groups.setdefault(each[0].group, []).append(each)
    return groups, alone


def chosen(touching: Iterable[Touching], basket: Basket) -> Plan:
    """The groups together, or one exclusive promotion alone: whichever ranks first, the former when they are equal."""
    groups, alone = apart(touching)
    together = Plan()
    left = dict(basket.left)
    for name in sorted(groups):
        _add_group(together, groups[name], basket, left)
    best = together
    for rule, about in sorted(alone, key=lambda each: (-each[0].priority, each[0].id)):
        if rule.priority < best.rank()[0]:
            together.missed.append(Missed(rule, "outdone"))
            continue
        plan = _alone(rule, about, basket)
        if plan.rank() > best.rank():
            plan.missed += [*best.missed, *(Missed(each.promotion, "outdone") for each in best.offers)]
            best = plan
        else:
            best.missed += plan.missed or [Missed(rule, "outdone")]
    return best


def _alone(rule: Promotion, about: Sequence[Goods], basket: Basket) -> Plan:
    found = offer(rule, about, basket)
    return Plan([found] if found.shares else [], [found.missed] if found.missed else [])


def _add_group(plan: Plan, touching: Sequence[Touching], basket: Basket, left: dict[str, int]) -> None:
    """Adds what a group gives; takes it off `left`."""
    at = Basket(basket.goods, left, basket.counted, basket.signed_in, basket.now)
    offers = [offer(rule, about, at) for rule, about in touching if rule.kind != BUNDLE]
    holding = _best_by_sku(offers)
    bundles = [each for each in touching if each[0].kind == BUNDLE]
    taken = _with_bundles(holding, bundles, at, offers) if bundles else []
    kept: dict[str, Offer] = {}
    for sku, held in holding.items():
        mine = kept.setdefault(held.promotion.id, _emptied(held))
        mine.shares[sku] = held.shares[sku]
        if sku in held.units:
            mine.units[sku] = held.units[sku]
    given = [*kept.values(), *taken]
    for each in sorted(given, key=lambda each: (-each.promotion.priority, each.promotion.id)):
        plan.offers.append(each)
        for sku, share in each.shares.items():
            left[sku] -= share
    got = {each.promotion.id for each in given}
    for each in offers:
        if each.missed:
            plan.missed.append(each.missed)
        elif each.promotion.id not in got and each.shares:
            plan.missed.append(Missed(each.promotion, "outdone"))


def _emptied(of: Offer) -> Offer:
    return Offer(of.promotion, at_most=of.at_most, step=of.step)


def _best_by_sku(offers: Iterable[Offer]) -> dict[str, Offer]:
    best: dict[str, tuple[tuple[int, int, int, str], Offer]] = {}
    for each in offers:
        rule = each.promotion
        for sku, off in each.shares.items():
            rank = (-rule.priority, -off, -rule.percent_bp, rule.id)
            if sku not in best or rank < best[sku][0]:
                best[sku] = rank, each
    return {sku: each for sku, (_, each) in best.items()}


def _with_bundles(
    holding: dict[str, Offer], bundles: Sequence[Touching], basket: Basket, offers: list[Offer]
) -> list[Offer]:
    """Bundles that take SKUs from who holds them; those leave `holding`."""
    taken: list[Offer] = []
    bundled: set[str] = set()
    for priority in sorted({rule.priority for rule, _ in bundles}, reverse=True):
        level = [each for each in bundles if each[0].priority == priority]
        for _ in range(_MOST_BUNDLES):
            gains = []
            for rule, about in level:
                free = [g for g in about if g.sku not in bundled and _may_take(holding.get(g.sku), priority)]
                found = offer(rule, free, basket)
                if gain := _gain(found, holding, priority):
                    gains.append((-gain, rule.id, found))
            if not gains:
                break
            best = min(gains, key=lambda each: each[:2])[2]
            taken.append(best)
            bundled.update(best.shares)
            for sku in best.shares:
                holding.pop(sku, None)
            level = [each for each in level if each[0].id != best.promotion.id]
    got = {each.promotion.id for each in taken}
    offers += [offer(rule, about, basket) for rule, about in bundles if rule.id not in got]
    return taken


def _may_take(held: Offer | None, priority: int) -> bool:
    return held is None or held.promotion.priority <= priority


def _gain(found: Offer, holding: Mapping[str, Offer], priority: int) -> int:
    """How much more it takes off than the promotions of its own priority that it would displace."""
    equals = {sku: each for sku, each in holding.items() if sku in found.shares and each.promotion.priority == priority}
    displaced = sum(each.shares[sku] for sku, each in equals.items())
    return max(0, found.off - displaced)
