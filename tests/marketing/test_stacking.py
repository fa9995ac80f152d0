"""This is where the worst cart is proven to be the worst: no cart of these rules pays less than was assumed."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from services.marketing.choices import Rule
from services.marketing.coupons import Coupon
from services.marketing.evaluation import Entered, Evaluation, evaluate
from services.marketing.promotions import (
    LIMITED_TIME,
    Promotion,
)
from services.marketing.reaching import spread
from services.marketing.rules import Rules
from services.marketing.selection import Goods, selection_of
from services.marketing.shoppers import Shopper
from services.marketing.stackable import rule_of_coupon, rules_of
from services.marketing.stacking import Stack, Step, Values, Way, stacks
from tests.marketing.some_rules import DAY, NOW, carts, coupons, promotions


def left_after(price: int, way: Way) -> int:
    """As catalog has it."""
    left = price
    for step in way:
        left = left * (10_000 - step.percent_bp) // 10_000
        left = left if step.fixed_minor is None else min(left, step.fixed_minor)
        off = sum(-(-each.amount_minor * left // max(left, each.over_minor, 1)) for each in step.amounts)
        left = max(0, left - off)
    return left


def admits(values: Values, value: str) -> bool:
    return (value in values.values) != values.but


def covers(stack: Stack, sku: str, category: str) -> bool:
    return admits(stack.skus, sku) and admits(stack.categories, category) and admits(stack.currencies, "CNY")


@given(carts, promotions, coupons, some.randoms(use_true_random=False))
def test_no_cart_pays_less_for_a_unit_than_was_assumed(
    cart: dict[str, tuple[int, int, str]], kept: list[Promotion], codes: list[Coupon], chance: random.Random
) -> None:
    goods = [Goods(sku, category, price * units, units) for sku, (price, units, category) in cart.items()]
    entered = [Entered(each.id, each) for each in chance.sample(codes, len(codes))]
    named = {each.id: rules_of(each) for each in kept} | {each.id: [rule_of_coupon(each)] for each in codes}
    for new_id, new_rules in named.items():
        others = [rule for other, rules in named.items() if other != new_id for rule in rules]
        found = [stack for new in new_rules for stack in stacks(new, others)]
        for at in {NOW, new_rules[0].starts_at, new_rules[0].starts_at + DAY} if new_rules else ():
            got = evaluate("CNY", goods, Rules(kept), entered, Shopper(channel=chance.choice(["app", "live"])), at)
            left, applied = borne(got, goods)
            if new_id not in applied:
                continue
            # A line bears a unit more where a split does not come out, or where half a unit was rounded up.
            rounded = 2 * len(got.applied) + len(got.gifts)
            for sku, (price, units, category) in cart.items():
                there = [stack for stack in found if covers(stack, sku, category)]
                if sku in applied[new_id]:
                    assert there
                elif new_rules[0].kind != "coupon":
                    continue
                if there:
                    assumed = min(left_after(price, way) for stack in there for way in stack.ways)
                    assert left[sku] + rounded + units >= assumed * units, (sku, new_rules)


def borne(got: Evaluation, goods: list[Goods]) -> tuple[dict[str, int], dict[str, set[str]]]:
    """What is left of each SKU once it has borne its share of the gifts; and the SKUs each rule changed."""
    left, applied = dict(got.left), {each.id: set(each.shares) for each in got.applied}
    for gift in got.gifts:
        rule = gift.promotion
        about = [each for each in goods if selection_of(rule).takes(each)]
        shares = spread(rule.gift_worth_minor * gift.quantity, about, got.left)
        applied[rule.id] = set(shares)
        for sku, share in shares.items():
            left[sku] -= share
    return left, applied


def limited_rule(name: str, percent_bp: int, **more: object) -> Rule:
    fields = {"id": name, "kind": LIMITED_TIME, "title": "", "starts_at": NOW, "ends_at": NOW + DAY}
    (rule,) = rules_of(Promotion(**(fields | {"percent_bp": percent_bp} | more)))  # type: ignore[arg-type]
    return rule


def coupon_rule(code: str, alike: int = 1, **more: object) -> Rule:
    fields = {"id": code, "title": "", "starts_at": NOW, "ends_at": NOW + DAY}
    return rule_of_coupon(Coupon(**(fields | more)), alike)  # type: ignore[arg-type]


def ways(new: Rule, *others: Rule) -> list[Way]:
    (stack,) = stacks(new, others)
    return list(stack.ways)


def test_seventy_percent_on_top_of_forty_leaves_eighteen_of_a_hundred() -> None:
    (way,) = ways(coupon_rule("SAVE", percent_bp=7_000), limited_rule("p", 4_000))
    assert way == (Step(4_000), Step(7_000))
    assert left_after(10_000, way) == 1_800


def test_what_does_not_run_at_the_same_time_does_not_stack() -> None:
    later = replace(limited_rule("p", 4_000), starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    assert ways(coupon_rule("SAVE", percent_bp=7_000), later) == [(Step(7_000),)]
    longer = replace(coupon_rule("SAVE", percent_bp=7_000), ends_at=NOW + 2 * DAY)
    assert set(ways(longer, later, limited_rule("q", 1_000))) == {
        (Step(1_000), Step(7_000)),
        (Step(4_000), Step(7_000)),
    }


def test_an_exclusive_coupon_meets_promotions_but_no_coupon() -> None:
    alone = coupon_rule("ALONE", percent_bp=7_000, exclusive=True)
    others = (limited_rule("p", 4_000), coupon_rule("B", percent_bp=5_000))
    assert ways(alone, *others) == [(Step(4_000), Step(7_000))]
    met_by_a_promotion = ways(limited_rule("q", 3_000), alone, coupon_rule("B", percent_bp=5_000))
    assert set(met_by_a_promotion) == {(Step(3_000), Step(7_000)), (Step(3_000), Step(5_000))}


def test_a_promotion_that_never_gets_its_turn_stacks_with_nothing() -> None:
    assert stacks(limited_rule("weak", 2_000), [limited_rule("strong", 1_000, priority=5)]) == []
    (way,) = ways(limited_rule("alone", 1_000, priority=9, exclusive=True), limited_rule("weak", 2_000))
    assert way == (Step(1_000),)


def test_of_a_campaign_of_many_codes_an_order_takes_as_many_as_they_say() -> None:
    (way,) = ways(limited_rule("p", 1_000), coupon_rule("C", 100_000, percent_bp=500))
    assert way == (Step(1_000), Step(500))
    (way,) = ways(limited_rule("p", 1_000), coupon_rule("C", 100_000, percent_bp=500, alike_per_order=20))
    assert way == (Step(1_000), *[Step(500)] * 20)


def test_a_coupon_on_some_goods_makes_another_take_more_of_the_others() -> None:
    site_wide = coupon_rule("SITE", amount_off_minor=3_000, threshold_minor=19_900, currency="CNY")
    found = stacks(coupon_rule("FOOD", percent_bp=7_000, categories=["food"]), [site_wide])
    others = next(stack for stack in found if covers(stack, "S0", "home"))
    (way,) = others.ways
    assert [each.over_minor for each in way[-1].amounts] == [5_970]
    assert left_after(1_000, way) == 497  # 30 off what was worth 199 and costs 59.70 by then
