"""This is where Hypothesis finds promotions of every kind, coupons and carts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as some

from services.marketing.coupons import Coupon
from services.marketing.promotions import (
    ADD_ON,
    BUNDLE,
    GIFT,
    LIMITED_TIME,
    PRICE_LIST,
    SPEND_THRESHOLD,
    GiftItem,
    Promotion,
    SetPrice,
)
from services.marketing.promotions import Step as Turn

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
usual: dict[str, Any] = {
    "id": some.uuids().map(str),
    "title": some.just(""),
    "starts_at": begins,
    "ends_at": ends,
    "currency": some.just("CNY"),
    "priority": some.integers(-1, 1),
    "exclusive": flags,
    "group": some.sampled_from(["", "", "a", "b"]),
    "channels": some.sampled_from([[], [], ["app"]]),
}
about: dict[str, Any] = {"skus": chosen_skus, "categories": chosen_categories}
steps = some.builds(Turn, percent_bp=some.integers(100, 9_000), units=some.integers(1, 4)) | some.builds(
    Turn, off_minor=some.integers(1, 900), units=some.integers(1, 4)
)
flash = some.builds(
    Promotion,
    kind=some.just(LIMITED_TIME),
    steps=some.lists(steps, min_size=1, max_size=3),
    limit_per_order=some.integers(0, 6),
    **usual,
    **about,
)
off_each = some.builds(
    Promotion, kind=some.just(LIMITED_TIME), amount_off_minor=some.integers(1, 900), **usual, **about
)
repeating = some.builds(
    Promotion,
    kind=some.just(SPEND_THRESHOLD),
    threshold_minor=some.integers(1_000, 9_000),
    amount_off_minor=some.integers(1, 999),
    repeats=some.just(True),
    **usual,
    **about,
)
rising = some.builds(
    Promotion,
    kind=some.just(SPEND_THRESHOLD),
    steps=some.sampled_from(
        [
            [Turn(off_minor=200, threshold_minor=2_000), Turn(off_minor=900, threshold_minor=5_000)],
            [Turn(500, threshold_minor=1_000), Turn(2_500, threshold_minor=9_000)],
        ]
    ),
    best_deal=flags,
    **usual,
    **about,
)
gifts = some.builds(
    Promotion,
    kind=some.just(GIFT),
    threshold_minor=some.integers(1_000, 9_000),
    gifts=some.just([GiftItem("G")]),
    gift_worth_minor=some.integers(1, 999),
    repeats=flags,
    **usual,
    **about,
)
prices = some.lists(
    some.builds(SetPrice, some.sampled_from(SKUS), some.integers(40, 9_000), some.integers(1, 3)),
    min_size=1,
    max_size=4,
)
listed = prices.flatmap(
    lambda some_prices: some.builds(
        Promotion,
        kind=some.just(PRICE_LIST),
        prices=some.just(some_prices),
        skus=some.just(sorted({each.sku for each in some_prices})),
        **usual,
    )
)
add_ons = some.builds(
    Promotion,
    kind=some.just(ADD_ON),
    prices=prices,
    threshold_minor=some.integers(0, 5_000),
    limit_per_order=some.integers(1, 3),
    **usual,
    **about,
)
bundles = some.builds(
    Promotion,
    kind=some.just(BUNDLE),
    bundle_quantity=some.integers(2, 4),
    bundle_minor=some.integers(100, 9_000),
    cap_bp=some.integers(0, 6_000),
    skus=some.sampled_from([["S0"], ["S0", "S1"], ["S1", "S2", "S3"]]),
    **usual,
)
every_nth = some.builds(
    Promotion,
    kind=some.just(BUNDLE),
    bundle_quantity=some.integers(2, 4),
    percent_bp=some.integers(100, 9_000),
    skus=some.sampled_from([["S0"], ["S0", "S1"], ["S1", "S2", "S3"]]),
    **usual,
)
ITEMS = flash | off_each | listed | add_ons | bundles | every_nth
promotions = some.lists(
    limited | thresholds | ITEMS | repeating | rising | gifts, max_size=4, unique_by=lambda each: each.id
)
coupons = some.lists(percent_coupons | amount_coupons, max_size=4, unique_by=lambda each: each.id)
lines = some.tuples(some.integers(50, 12_000), some.integers(1, 5), some.sampled_from(CATEGORIES))
carts = some.dictionaries(some.sampled_from(SKUS), lines, min_size=1)
