"""This is where discounts are proven for carts and rules nobody thought of."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from services.marketing.coupons import Coupon
from services.marketing.evaluation import Entered, Evaluation, evaluate
from services.marketing.promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SKUS, CATEGORIES = [f"S{i}" for i in range(6)], ["food", "home", ""]
amounts = some.integers(1, 100_000)
skus = some.lists(some.sampled_from(SKUS), max_size=3, unique=True)
categories = some.lists(some.sampled_from(CATEGORIES[:2]), max_size=2, unique=True)
carts = some.lists(
    some.builds(Goods, some.sampled_from(SKUS), some.sampled_from(CATEGORIES), some.integers(0, 100_000)),
    unique_by=lambda goods: goods.sku,
    max_size=6,
)
promotions = some.builds(
    Promotion,
    id=some.uuids().map(str),
    kind=some.sampled_from([LIMITED_TIME, SPEND_THRESHOLD]),
    title=some.just(""),
    starts_at=some.sampled_from([NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    skus=skus,
    categories=categories,
    percent_bp=some.integers(1, 9_999),
    currency=some.sampled_from(["CNY", "USD"]),
    threshold_minor=amounts,
    amount_off_minor=amounts,
    priority=some.integers(-2, 2),
    exclusive=some.booleans(),
)
amount_coupons = some.builds(
    Coupon,
    id=some.sampled_from(["A", "B", "C"]),
    title=some.just(""),
    starts_at=some.just(NOW),
    currency=some.just("CNY"),
    amount_off_minor=amounts,
    threshold_minor=some.integers(0, 50_000),
    skus=skus,
    categories=categories,
    exclusive=some.booleans(),
)
percent_coupons = some.builds(
    Coupon,
    id=some.sampled_from(["D", "E"]),
    title=some.just(""),
    starts_at=some.just(NOW),
    percent_bp=some.integers(1, 9_999),
)
rules = some.lists(promotions, max_size=12, unique_by=lambda each: each.id)
entered = some.lists(amount_coupons | percent_coupons, max_size=4).map(lambda all: [Entered(c.id, c) for c in all])


def run(goods: list[Goods], rules: list[Promotion], entered: list[Entered]) -> Evaluation:
    return evaluate("CNY", goods, Rules(rules), entered, Shopper("cus_1"), NOW)


@given(carts, rules, entered)
def test_shares_add_up_and_no_line_falls_below_zero(
    goods: list[Goods], rules: list[Promotion], entered: list[Entered]
) -> None:
    got = run(goods, rules, entered)
    off = dict.fromkeys(got.left, 0)
    for applied in got.applied:
        assert applied.minor == sum(applied.shares.values()) > 0
        assert all(share > 0 for share in applied.shares.values())
        for sku, share in applied.shares.items():
            off[sku] += share
    for each in goods:
        assert got.left[each.sku] == each.gross - off[each.sku] >= 0


@given(carts, rules, entered)
def test_the_order_of_lines_and_of_rules_does_not_matter(
    goods: list[Goods], rules: list[Promotion], entered: list[Entered]
) -> None:
    shuffled, mixed = random.sample(goods, len(goods)), random.sample(rules, len(rules))
    first, again = run(goods, rules, entered), run(shuffled, mixed, entered)
    assert (first.applied, first.problems) == (again.applied, again.problems)


@given(carts, rules, entered)
def test_every_coupon_either_gives_something_or_says_why_not(
    goods: list[Goods], rules: list[Promotion], entered: list[Entered]
) -> None:
    got = run(goods, rules, entered)
    given_codes = [each.code for each in got.applied if each.code]
    assert sorted(given_codes + [each.code for each in got.problems]) == sorted(each.code for each in entered)
    assert len(set(given_codes)) == len(given_codes)


@given(carts, rules)
def test_scopes_hold_at_most_what_they_may(goods: list[Goods], rules: list[Promotion]) -> None:
    got = run(goods, rules, [])
    items = [each for each in got.applied if each.scope == "items"]
    covered = [sku for each in items for sku in each.shares]
    assert len(covered) == len(set(covered))
    assert len([each for each in got.applied if each.scope == "order"]) <= 1
    exclusive = {each.id for each in rules if each.exclusive}
    assert len(items) <= 1 or not any(each.id in exclusive for each in items)
    assert [each.scope for each in got.applied] == sorted(each.scope for each in got.applied)
