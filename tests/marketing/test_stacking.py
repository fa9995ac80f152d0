"""This is where the worst cart is proven to be the worst: no cart of these rules pays less than was assumed."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from services.marketing.coupons import Coupon
from services.marketing.evaluation import Entered, Rules, evaluate
from services.marketing.floor import rule_of_coupon, rule_of_promotion
from services.marketing.promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper
from services.marketing.stacking import Rule, Stack, Step, Values, Way, stacks

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SKUS, CATEGORIES = ["S0", "S1", "S2", "S3"], ["food", "home"]
chosen_skus = some.sampled_from([[], [], ["S0"], ["S0", "S1"], ["S2"], ["S1", "S3"]])
chosen_categories = some.sampled_from([[], [], ["food"], ["home"]])
begins = some.sampled_from([NOW - DAY, NOW - 2 * DAY, NOW + DAY])
ends = some.sampled_from([NOW + DAY, NOW + 3 * DAY])
flags = some.sampled_from([False, False, True])
limited = some.builds(
    Promotion,
    id=some.uuids().map(str),
    kind=some.just(LIMITED_TIME),
    title=some.just(""),
    starts_at=begins,
    ends_at=ends,
    skus=chosen_skus,
    categories=chosen_categories,
    percent_bp=some.integers(1, 9_999) | some.sampled_from([1_000, 5_000]),
    priority=some.integers(-1, 1),
    exclusive=flags,
    channels=some.sampled_from([[], [], ["app"]]),
)
thresholds = some.builds(
    Promotion,
    id=some.uuids().map(str),
    kind=some.just(SPEND_THRESHOLD),
    title=some.just(""),
    starts_at=begins,
    ends_at=ends,
    skus=chosen_skus,
    categories=chosen_categories,
    currency=some.just("CNY"),
    threshold_minor=some.integers(1_000, 20_000),
    amount_off_minor=some.integers(1, 999),
    priority=some.integers(-1, 1),
    channels=some.sampled_from([[], [], ["app"]]),
)
percent_coupons = some.builds(
    Coupon,
    id=some.sampled_from(["A", "B"]),
    title=some.just(""),
    starts_at=begins,
    ends_at=ends,
    percent_bp=some.integers(1, 9_999) | some.sampled_from([1_000, 5_000]),
    skus=chosen_skus,
    categories=chosen_categories,
    exclusive=flags,
)
amount_coupons = some.builds(
    Coupon,
    id=some.sampled_from(["C", "D", "E"]),
    title=some.just(""),
    starts_at=begins,
    ends_at=ends,
    currency=some.just("CNY"),
    amount_off_minor=some.integers(1, 900),
    threshold_minor=some.sampled_from([0, 0, 1_000, 1_500, 9_000]),
    skus=chosen_skus,
    categories=chosen_categories,
    exclusive=flags,
)
promotions = some.lists(limited | thresholds, max_size=4, unique_by=lambda each: each.id)
coupons = some.lists(percent_coupons | amount_coupons, max_size=4, unique_by=lambda each: each.id)
lines = some.tuples(some.integers(50, 12_000), some.integers(1, 5), some.sampled_from(CATEGORIES))
carts = some.dictionaries(some.sampled_from(SKUS), lines, min_size=1)


def left_after(price: int, way: Way) -> int:
    """As catalog has it."""
    left = price
    for step in way:
        left = left * (10_000 - step.percent_bp) // 10_000
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
    if not kept + codes:
        return
    goods = [Goods(sku, category, price * units) for sku, (price, units, category) in cart.items()]
    entered = [Entered(each.id, each) for each in chance.sample(codes, len(codes))]
    named: list[tuple[str, Rule]] = [(each.id, rule_of_promotion(each)) for each in kept]
    named += [(each.id, rule_of_coupon(each)) for each in codes]
    for new_id, new in named:
        found = stacks(new, [each for _, each in named if each is not new])
        for at in {NOW, new.starts_at, new.starts_at + DAY}:
            got = evaluate("CNY", goods, Rules(kept), entered, Shopper(), at)
            applied = {each.id: set(each.shares) for each in got.applied}
            if new_id not in applied:
                continue
            slack = sum(
                1 for each in got.applied if each.code
            )  # a line bears a unit more when a split does not come out
            for sku, (price, units, category) in cart.items():
                there = [stack for stack in found if covers(stack, sku, category)]
                assert len(there) <= 1
                if sku in applied[new_id]:
                    assert there
                elif new.kind != "coupon":
                    continue
                for stack in there:
                    assumed = min(left_after(price, way) for way in stack.ways)
                    assert got.left[sku] + slack >= assumed * units, (sku, new, stack.ways)


def limited_rule(name: str, percent_bp: int, **more: object) -> Rule:
    fields = {"id": name, "kind": LIMITED_TIME, "title": "", "starts_at": NOW, "ends_at": NOW + DAY}
    return rule_of_promotion(Promotion(**(fields | {"percent_bp": percent_bp} | more)))  # type: ignore[arg-type]


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


def test_a_campaign_of_many_codes_may_be_entered_twenty_times() -> None:
    (way,) = ways(limited_rule("p", 1_000), coupon_rule("C", 100_000, percent_bp=500))
    assert way == (Step(1_000), *[Step(500)] * 20)


def test_a_coupon_on_some_goods_makes_another_take_more_of_the_others() -> None:
    site_wide = coupon_rule("SITE", amount_off_minor=3_000, threshold_minor=19_900, currency="CNY")
    found = stacks(coupon_rule("FOOD", percent_bp=7_000, categories=["food"]), [site_wide])
    others = next(stack for stack in found if covers(stack, "S0", "home"))
    (way,) = others.ways
    assert [each.over_minor for each in way[-1].amounts] == [5_970]
    assert left_after(1_000, way) == 497  # 30 off what was worth 199 and costs 59.70 by then
