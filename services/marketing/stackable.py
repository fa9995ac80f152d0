"""This is where promotions and coupons are told as what they do to one unit at worst: rules, as they stack. Pure."""

from collections.abc import Iterator
from typing import Any

from .choices import COUPON, GIFT, ITEM, ORDER, Rule
from .coupons import Coupon
from .offers import WHOLE_BP
from .promotions import ADD_ON, BUNDLE, LIMITED_TIME, PRICE_LIST, SPEND_THRESHOLD, Promotion, Step
from .promotions import GIFT as GIFTS
from .selection import Selection, selection_of


def rules_of(promotion: Promotion) -> list[Rule]:
    """A promotion, as it stacks: a rule for each of its steps or prices, of which a cart gets one. Freight is no good."""
    return [_rule(promotion, **does) for does in _does(promotion)]


def _does(promotion: Promotion) -> Iterator[dict[str, Any]]:
    plain = not promotion.limited and len(promotion.turns) == 1
    if promotion.kind == LIMITED_TIME:
        if percent := max(each.percent_bp for each in promotion.turns):
            yield {"kind": ITEM, "percent_bp": percent, "sure": plain}
        if off := max(each.off_minor for each in promotion.turns):
            yield {"kind": ITEM, "amount_minor": off, "sure": False}
    elif promotion.kind == SPEND_THRESHOLD:
        for step in promotion.turns:
            yield {"kind": ORDER, "percent_bp": step.percent_bp, **_over(promotion, step)}
    elif promotion.kind == GIFTS and promotion.gift_worth_minor:
        yield {"kind": GIFT, **_over(promotion, Step(0, promotion.gift_worth_minor, promotion.threshold_minor))}
    elif promotion.kind in (PRICE_LIST, ADD_ON):
        yield from _prices(promotion)
    elif promotion.kind == BUNDLE:
        # Of so many units the cheapest bears a discount, spread over all of them: a share of it at most falls on each.
        each_bp = -(-promotion.percent_bp // promotion.bundle_quantity)
        yield {"kind": ITEM, "percent_bp": each_bp or promotion.cap_bp, "sure": False}


def _over(promotion: Promotion, step: Step) -> dict[str, Any]:
    """An amount off goods that reach a threshold: so much once, or for each time they reach it, which is a share of them."""
    minor, threshold = step.off_minor, step.threshold_minor
    if promotion.repeats and threshold:
        return {"percent_bp": min(WHOLE_BP, -(-minor * WHOLE_BP // threshold)), "threshold_minor": threshold}
    return {"amount_minor": minor, "threshold_minor": threshold}


def _prices(promotion: Promotion) -> Iterator[dict[str, Any]]:
    """The lowest price of each SKU; those of one price together."""
    lowest: dict[str, int] = {}
    for each in promotion.prices:
        lowest[each.sku] = min(each.minor, lowest.get(each.sku, each.minor))
    for minor in sorted(set(lowest.values())):
        skus = frozenset(sku for sku, price in lowest.items() if price == minor)
        yield {"kind": ITEM, "fixed_minor": minor, "selection": Selection(skus, frozenset()), "sure": False}


def _rule(promotion: Promotion, *, sure: bool = True, **does: Any) -> Rule:
    usual = {"selection": selection_of(promotion)}
    return Rule(
        name=f"promotion {promotion.id}",
        starts_at=promotion.starts_at,
        ends_at=promotion.ends_at,
        currency=promotion.currency,
        priority=promotion.priority,
        exclusive=promotion.exclusive,
        sure=sure and not promotion.for_some and not promotion.paused,
        group=promotion.group,
        best_deal=promotion.best_deal,
        **(usual | does),
    )


def rule_of_coupon(coupon: Coupon, alike: int = 1) -> Rule:
    """Coupons that are alike, as they stack."""
    return Rule(
        kind=COUPON,
        name=f"coupon {coupon.id}",
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        selection=selection_of(coupon),
        percent_bp=coupon.percent_bp,
        currency=coupon.currency,
        amount_minor=coupon.amount_off_minor,
        threshold_minor=coupon.threshold_minor,
        exclusive=coupon.exclusive,
        alike=alike,
        alike_per_order=coupon.alike_per_order,
    )
