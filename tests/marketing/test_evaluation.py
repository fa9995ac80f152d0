"""This is where the rules of discounts are proven on plain values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.marketing.checking import FOREVER
from services.marketing.coupons import Coupon
from services.marketing.evaluation import Entered, Evaluation, evaluate
from services.marketing.promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TEA, CUP, POT = Goods("TEA", "food", 10_000), Goods("CUP", "home", 3_333), Goods("POT", "home", 6_667)


def percent(name: str, basis_points: int, **more: Any) -> Promotion:
    return Promotion(f"prm_{name}", LIMITED_TIME, "", NOW - timedelta(days=1), percent_bp=basis_points, **more)


def spend(name: str, threshold: int, off: int, **more: Any) -> Promotion:
    amounts: dict[str, Any] = {"currency": "CNY", "threshold_minor": threshold, "amount_off_minor": off}
    return Promotion(f"prm_{name}", SPEND_THRESHOLD, "", NOW - timedelta(days=1), **(amounts | more))


def coupon(code: str, off: int = 0, **more: Any) -> Coupon:
    usual: dict[str, Any] = {"starts_at": NOW - timedelta(days=1), "currency": "CNY" if off else ""}
    return Coupon(code, "", amount_off_minor=off, **(usual | more))


def get(
    goods: list[Goods],
    *promotions: Promotion,
    coupons: list[Coupon] | None = None,
    customer: str = "cus_1",
    uses: int = 0,
) -> Evaluation:
    entered = [Entered(each.id, each, uses) for each in coupons or []]
    return evaluate("CNY", goods, Rules(promotions), entered, Shopper(customer), NOW)


def by_id(evaluation: Evaluation) -> dict[str, dict[str, int]]:
    return {each.id: each.shares for each in evaluation.applied}


def problems(evaluation: Evaluation) -> list[str]:
    return [each.problem.removeprefix("discount_code_") for each in evaluation.problems]


def test_a_limited_time_discount_takes_its_percentage_off_matching_goods_only() -> None:
    got = get([TEA, CUP], percent("a", 2_000, skus=["TEA"]))
    assert by_id(got) == {"prm_a": {"TEA": 2_000}}
    assert got.applied[0].scope == "items"
    assert got.applied[0].reason == "20% off for a limited time · 限時8折"


def test_a_percentage_rounds_half_up() -> None:
    assert by_id(get([Goods("X", "", 50)], percent("a", 100))) == {"prm_a": {"X": 1}}
    assert by_id(get([Goods("X", "", 49)], percent("a", 100))) == {}


@pytest.mark.parametrize(
    ("start", "end", "applies"),
    [
        (NOW, FOREVER, True),
        (NOW + timedelta(milliseconds=1), FOREVER, False),
        (NOW - timedelta(days=2), NOW, False),
        (NOW - timedelta(days=2), NOW + timedelta(milliseconds=1), True),
    ],
)
def test_a_promotion_applies_from_its_start_until_just_before_its_end(
    start: datetime, end: datetime, applies: bool
) -> None:
    rule = Promotion("prm_a", LIMITED_TIME, "", start, end, percent_bp=1_000)
    assert bool(get([TEA], rule).applied) is applies


def test_each_item_gets_the_one_promotion_that_is_best_for_it() -> None:
    got = get(
        [TEA, CUP], percent("all", 1_000), percent("tea", 2_000, skus=["TEA"]), percent("less", 500, skus=["CUP"])
    )
    assert by_id(got) == {"prm_all": {"CUP": 333}, "prm_tea": {"TEA": 2_000}}


def test_a_higher_priority_goes_before_a_better_percentage() -> None:
    got = get([TEA], percent("much", 5_000), percent("first", 1_000, priority=1))
    assert by_id(got) == {"prm_first": {"TEA": 1_000}}


def test_an_exclusive_promotion_stands_alone_or_not_at_all() -> None:
    tea, cup = percent("tea", 1_000, skus=["TEA"]), percent("cup", 1_000, skus=["CUP"])
    small, large = percent("x", 1_000, skus=["TEA"], exclusive=True), percent("x", 2_000, skus=["TEA"], exclusive=True)
    assert set(by_id(get([TEA, CUP], tea, cup, small))) == {"prm_tea", "prm_cup"}
    assert by_id(get([TEA, CUP], tea, cup, large)) == {"prm_x": {"TEA": 2_000}}
    first = percent("x", 1, skus=["TEA"], exclusive=True, priority=1)
    assert by_id(get([TEA, CUP], tea, cup, first)) == {"prm_x": {"TEA": 1}}


def test_a_selection_by_sku_and_category_asks_for_both() -> None:
    got = get([TEA, CUP, POT], percent("a", 1_000, skus=["TEA", "CUP"], categories=["home"]))
    assert by_id(got) == {"prm_a": {"CUP": 333}}


def test_a_spend_threshold_is_measured_after_item_discounts_and_spread_exactly() -> None:
    rule = spend("s", 19_900, 3_000)
    got = get([TEA, CUP, POT], rule)
    assert by_id(got) == {"prm_s": {"TEA": 1_500, "CUP": 500, "POT": 1_000}}
    assert (got.applied[0].scope, got.applied[0].reason) == ("order", "Spend ¥199.00, save ¥30.00 · 滿199減30")
    assert "prm_s" not in by_id(get([TEA, CUP, POT], rule, percent("a", 100)))


def test_only_the_best_threshold_reached_applies() -> None:
    rules = [spend("low", 10_000, 1_000), spend("high", 20_000, 3_000), spend("far", 20_001, 9_000)]
    assert list(by_id(get([TEA, CUP, POT], *rules))) == ["prm_high"]
    assert list(by_id(get([TEA], *rules))) == ["prm_low"]
    assert list(by_id(get([TEA, CUP, POT], *rules, spend("first", 100, 1, priority=1)))) == ["prm_first"]


def test_a_threshold_counts_only_goods_it_is_about_and_only_its_currency() -> None:
    assert by_id(get([TEA, CUP, POT], spend("s", 10_001, 100, categories=["home"]))) == {}
    got = get([TEA, CUP, POT], spend("s", 10_000, 100, categories=["home"]))
    assert by_id(got) == {"prm_s": {"CUP": 33, "POT": 67}}
    assert by_id(get([TEA], spend("s", 100, 10, currency="USD"))) == {}


def test_coupons_take_from_what_promotions_left_and_never_more() -> None:
    got = get([TEA], percent("a", 9_000), coupons=[coupon("BIG", 5_000)])
    assert by_id(got) == {"prm_a": {"TEA": 9_000}, "BIG": {"TEA": 1_000}}
    assert got.left == {"TEA": 0}
    assert got.applied[1].code == "BIG"
    assert got.applied[1].reason == "Coupon BIG: ¥50.00 off · 優惠券減50"


def test_coupons_stack_in_the_order_entered_unless_one_is_exclusive() -> None:
    five, ten, alone = coupon("FIVE", 500), coupon("TEN", percent_bp=1_000), coupon("ALONE", 100, exclusive=True)
    assert by_id(get([TEA], coupons=[five, ten])) == {"FIVE": {"TEA": 500}, "TEN": {"TEA": 950}}
    assert by_id(get([TEA], coupons=[ten, five])) == {"TEN": {"TEA": 1_000}, "FIVE": {"TEA": 500}}
    for pair in ([five, alone], [alone, five]):
        got = get([TEA], coupons=pair)
        assert list(by_id(got)) == [pair[0].id]
        assert problems(got) == ["combination_disallowed"]


def test_one_coupon_does_not_disqualify_the_next() -> None:
    got = get([TEA], coupons=[coupon("A", 5_000), coupon("B", 3_000, threshold_minor=10_000)])
    assert list(by_id(got)) == ["A", "B"]


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (coupon("C", 1, starts_at=NOW + timedelta(days=1)), "invalid"),
        (coupon("C", 1, ends_at=NOW), "expired"),
        (coupon("C", 1, limit=5, uses=5), "expired"),
        (coupon("C", 1, limit_per_customer=2), "user_ineligible"),
        (coupon("C", 1, currency="USD"), "user_ineligible"),
        (coupon("C", 1, skus=["POT"]), "user_ineligible"),
        (coupon("C", 1, threshold_minor=10_002), "user_ineligible"),
        (coupon("C", percent_bp=1, skus=["CENT"]), "user_ineligible"),
    ],
)
def test_a_coupon_that_gives_nothing_says_why(wanted: Coupon, problem: str) -> None:
    got = get([TEA, Goods("CENT", "", 1)], coupons=[wanted], uses=2)
    assert problems(got) == [problem]
    assert got.applied == []
    assert " · " in got.problems[0].text


def test_a_guest_is_asked_to_sign_in_and_a_code_entered_twice_counts_once() -> None:
    assert problems(get([TEA], coupons=[coupon("C", 1, limit_per_customer=1)], customer="")) == ["not_signed_in"]
    assert problems(get([TEA], coupons=[coupon("C", 1), coupon("C", 1)])) == ["already_applied"]
    unknown = evaluate("CNY", [TEA], Rules([]), [Entered("nope", None)], Shopper(), NOW)
    assert [(each.code, each.problem) for each in unknown.problems] == [("nope", "discount_code_invalid")]


def test_an_empty_cart_gets_nothing_and_still_says_why() -> None:
    got = evaluate("", [], Rules([percent("a", 1)]), [Entered("C", coupon("C", percent_bp=1))], Shopper(), NOW)
    assert (got.applied, problems(got)) == ([], ["user_ineligible"])


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ({"tiers": ["gold"]}, True),
        ({"tiers": ["silver"]}, False),
        ({"tiers": ["silver"], "groups": ["tea-lovers"]}, True),
        ({"groups": ["others"]}, False),
        ({"signed_in": True}, True),
        ({"channels": ["app", "live"]}, True),
        ({"channels": ["store"], "tiers": ["gold"]}, False),
    ],
)
def test_a_promotion_is_given_to_those_it_is_for(rule: dict[str, Any], given: bool) -> None:
    shopper = Shopper("cus_1", "gold", frozenset(["tea-lovers"]), "live")
    got = evaluate("CNY", [TEA], Rules([percent("a", 2_000, **rule)]), [], shopper, NOW)
    assert bool(got.applied) is given


def test_a_guest_gets_nothing_that_is_for_those_who_are_signed_in() -> None:
    assert not evaluate("CNY", [TEA], Rules([percent("a", 2_000, signed_in=True)]), [], Shopper(), NOW).applied
