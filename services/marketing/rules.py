"""This is where promotions stand on their shelves, and a cart finds those that touch it. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from .promotions import FREE_SHIPPING, GIFT, LIMITED_TIME, SPEND_THRESHOLD, Promotion
from .selection import Goods, Shelves
from .shoppers import Shopper

_SHELF = {SPEND_THRESHOLD: SPEND_THRESHOLD, GIFT: GIFT, FREE_SHIPPING: FREE_SHIPPING}
Touching = tuple[Promotion, Sequence[Goods]]


class Rules:
    """Promotions on their shelves, ready for any cart; some may not have begun, or be over."""

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        kept: dict[str, list[Promotion]] = {"items": [], SPEND_THRESHOLD: [], GIFT: [], FREE_SHIPPING: []}
        self.by_standing = False  # whether some are for some tiers or groups only
        for each in promotions:
            self.by_standing |= bool(each.tiers or each.groups)
            kept[_SHELF.get(each.kind, "items")].append(each)
        self._shelves = {name: Shelves(rules) for name, rules in kept.items()}
        self._limited = Shelves(each for each in kept["items"] if each.counted or each.limit_per_customer)

    def touching(
        self, goods: Sequence[Goods], currency: str, shopper: Shopper, now: datetime
    ) -> dict[str, list[Touching]]:
        """By scope, those that give something to this shopper now and are about some of these goods, and which."""
        found: dict[str, list[Touching]] = {}
        for name, shelves in self._shelves.items():
            here = found[name] = []
            for rules, about in shelves.touching(goods):
                giving = [each for each in rules if each.gives(shopper, now) and each.currency in ("", currency)]
                here += [(each, about) for each in (_best_alike(giving) if name == "items" else giving)]
        return found

    def limited(self, goods: Sequence[Goods], currency: str, shopper: Shopper, now: datetime) -> list[Promotion]:
        """Of the promotions that touch these goods, those that count units."""
        return [
            each
            for rules, _ in self._limited.touching(goods)
            for each in rules
            if each.gives(shopper, now) and each.currency in ("", currency)
        ]


def _best_alike(rules: Sequence[Promotion]) -> Iterable[Promotion]:
    """Of plain percentages off the same goods in the same group only the best can come first."""
    best: dict[tuple[str, bool, bool, bool], Promotion] = {}
    others: list[Promotion] = []
    for each in rules:
        if each.kind != LIMITED_TIME or each.steps or each.limited:
            others.append(each)
            continue
        key = (each.group, each.exclusive, each.best_deal, bool(each.percent_bp))
        if key not in best or _rank(each) < _rank(best[key]):
            best[key] = each
    return [*best.values(), *others]


def _rank(rule: Promotion) -> tuple[int, int, int, str]:
    return -rule.priority, -rule.percent_bp, -rule.amount_off_minor, rule.id
