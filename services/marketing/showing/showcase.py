"""This is where it is worked out what an item costs now, before it is in any cart: by the function that prices carts. Pure.

Shown is what everybody gets who buys one of it alone, signed in where units are counted by customer: promotions of single
items that are for no tier, no group and not for members only. What depends on the rest of a cart (thresholds, bundles,
add-ons, gifts) is not, nor is a coupon.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.marketing.checking import FOREVER
from services.marketing.evaluation import Evaluation, evaluate
from services.marketing.offers import Counted
from services.marketing.promotions import LIMITED_TIME, PRICE_LIST, Promotion
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper

_OF_ITEMS = (LIMITED_TIME, PRICE_LIST)
_SOMEBODY = "cus_somebody"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it is listed; minor units."""

    sku: str
    category: str
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What it costs now, why, until when (None: no end), and how many are left at that (None: not counted). `promotions`
    take part in it, the first first."""

    item: Item
    minor: int
    reason: str
    promotions: list[str]
    ends_at: datetime | None
    left: int | None = None


class Showcase:
    """The promotions that can be shown, ready for any item."""

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        public = [each for each in promotions if each.kind in _OF_ITEMS and not _personal(each)]
        self._by_id = {each.id: each for each in public}
        self._rules = Rules(public)

    @property
    def quiet(self) -> bool:
        """Whether nothing can show on anything."""
        return not self._by_id

    def counting(self, items: Sequence[Item], channel: str, now: datetime) -> list[str]:
        """The promotions about these items of which only so many units may be sold."""
        found: set[str] = set()
        for currency in {each.currency for each in items}:
            goods = [_goods(each) for each in items if each.currency == currency]
            limited = self._rules.limited(goods, currency, Shopper(_SOMEBODY, channel=channel), now)
            found |= {each.id for each in limited if each.counted}
        return sorted(found)

    def show(self, items: Sequence[Item], channel: str, now: datetime, sold: Mapping[str, int]) -> list[Shown]:
        """Those of these items that cost less now; `sold` units by promotion."""
        if self.quiet:
            return []
        shopper, counted = Shopper(_SOMEBODY, channel=channel), Counted(sold)
        evaluated = (
            (each, evaluate(each.currency, [_goods(each)], self._rules, [], shopper, now, counted)) for each in items
        )
        return [self._shown(item, cart, now, sold) for item, cart in evaluated if cart.left[item.sku] < item.minor]

    def _shown(self, item: Item, cart: Evaluation, now: datetime, sold: Mapping[str, int]) -> Shown:
        ends_at = min(_changes_at(self._by_id[each.id], now) for each in cart.applied)
        left = [each.at_most - sold.get(each.promotion.id, 0) + 1 for each in cart.claims if each.at_most is not None]
        return Shown(
            item,
            cart.left[item.sku],
            " + ".join(each.reason for each in cart.applied),
            [each.id for each in cart.applied],
            None if ends_at == FOREVER else ends_at,
            min(left) if left else None,
        )


def _goods(item: Item) -> Goods:
    return Goods(item.sku, item.category, item.minor)


def _personal(promotion: Promotion) -> bool:
    return bool(promotion.tiers or promotion.groups or promotion.signed_in)


def _changes_at(promotion: Promotion, now: datetime) -> datetime:
    """When it ends, or its step does."""
    return min([promotion.ends_at, *(each.until for each in promotion.steps if each.until and each.until > now)])
