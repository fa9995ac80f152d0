"""This is where each kind of promotion is proven on plain values, and totals against a plain reimplementation."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from services.marketing import promotions as kinds
from services.marketing.evaluation import Evaluation, evaluate
from services.marketing.offers import Counted
from services.marketing.promotions import GiftItem, Promotion, SetPrice, Step
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper
from tests.marketing.some_rules import NOW, carts, limited, listed, rising

TEA, CUP = Goods("TEA", "food", 30_000, 3), Goods("CUP", "home", 4_000, 2)


def rule(name: str, kind: str, **says: Any) -> Promotion:
    return Promotion(f"prm_{name}", kind, "", NOW - timedelta(days=1), **({"currency": "CNY"} | says))


def get(goods: list[Goods], *rules: Promotion, counted: Counted | None = None, customer: str = "cus_1") -> Evaluation:
    return evaluate("CNY", goods, Rules(rules), [], Shopper(customer), NOW, counted or Counted())


def off(got: Evaluation) -> dict[str, int]:
    return {each.id: each.minor for each in got.applied}


def missed(got: Evaluation) -> set[tuple[str, str, int]]:
    return {(each.promotion.id, each.code, each.missing_minor + each.missing_units) for each in got.missed}


def test_the_first_units_are_cheaper_and_the_claim_says_how_many_may_have_been_sold() -> None:
    flash = rule("f", kinds.LIMITED_TIME, steps=[Step(5_000, units=100), Step(3_000, units=50)])
    got = get([TEA], flash, counted=Counted({"prm_f": 90}))
    assert off(got) == {"prm_f": 15_000}
    assert [(each.units, each.at_most) for each in got.claims] == [(3, 97)]
    got = get([TEA], flash, counted=Counted({"prm_f": 98}))
    assert off(got) == {"prm_f": 5_000 * 2 + 3_000}
    assert [(each.units, each.at_most) for each in got.claims] == [(3, 98)]
    got = get([TEA], flash, counted=Counted({"prm_f": 149}))
    assert off(got) == {"prm_f": 3_000}
    assert missed(got) == {("prm_f", "sold_out", 2)}
    assert missed(get([TEA], flash, counted=Counted({"prm_f": 150}))) == {("prm_f", "sold_out", 3)}


def test_steps_by_time_follow_each_other() -> None:
    hour = timedelta(hours=1)
    steps = [Step(5_000, until=NOW), Step(3_000, until=NOW + hour), Step(1_000)]
    assert off(get([TEA], rule("f", kinds.LIMITED_TIME, steps=steps))) == {"prm_f": 9_000}


def test_limits_are_said_and_the_rest_costs_what_it_costs() -> None:
    flash = rule("f", kinds.LIMITED_TIME, percent_bp=5_000, limit_per_customer=2)
    got = get([TEA], flash, counted=Counted({}, {"prm_f": 1}))
    assert (off(got), missed(got)) == ({"prm_f": 5_000}, {("prm_f", "purchase_limit", 2)})
    assert missed(get([TEA], flash, customer="")) == {("prm_f", "sign_in", 3)}


def test_a_threshold_is_met_again_and_again_or_in_steps() -> None:
    assert off(
        get([TEA], rule("s", kinds.SPEND_THRESHOLD, threshold_minor=9_000, amount_off_minor=500, repeats=True))
    ) == {"prm_s": 1_500}
    steps = [Step(off_minor=100, threshold_minor=20_000), Step(off_minor=900, threshold_minor=34_100)]
    got = get([TEA, CUP], rule("s", kinds.SPEND_THRESHOLD, steps=steps))
    assert (off(got), missed(got)) == ({"prm_s": 100}, {("prm_s", "not_reached", 100)})


def test_the_dearest_make_a_bundle_and_the_cheapest_of_it_is_cheaper() -> None:
    goods = [TEA, CUP]
    fixed = rule("b", kinds.BUNDLE, skus=["TEA", "CUP"], bundle_quantity=2, bundle_minor=11_000)
    assert off(get(goods, fixed)) == {"prm_b": 9_000 + 1_000}
    assert off(get(goods, rule("b", kinds.BUNDLE, skus=["TEA", "CUP"], bundle_quantity=2, percent_bp=5_000))) == {
        "prm_b": 5_000 + 1_000
    }
    assert off(get(goods, rule("b", kinds.BUNDLE, skus=["TEA"], bundle_quantity=3, bundle_minor=1, cap_bp=1_000))) == {
        "prm_b": 3_000
    }


def test_an_add_on_waits_for_other_goods() -> None:
    deal = rule(
        "a", kinds.ADD_ON, threshold_minor=20_000, prices=[SetPrice("CUP", 500)], limit_per_order=1, skus=["TEA", "CUP"]
    )
    assert off(get([TEA, CUP], deal)) == {"prm_a": 1_500}
    assert missed(get([CUP, Goods("TEA", "food", 10_000)], deal)) == {("prm_a", "not_reached", 10_000)}
    assert missed(get([TEA], deal)) == {("prm_a", "add_on_available", 0)}


def test_gifts_and_freight_are_for_what_is_left_to_pay() -> None:
    gift = rule("g", kinds.GIFT, threshold_minor=10_000, gifts=[GiftItem("G", 2)], repeats=True)
    free = rule("x", kinds.FREE_SHIPPING, threshold_minor=30_001, amount_off_minor=800)
    got = get([TEA], gift, free)
    assert [(each.sku, each.quantity) for each in got.gifts] == [("G", 6)]
    assert (got.freight, missed(got)) == (None, {("prm_x", "not_reached", 1)})
    got = get([TEA, CUP], free)
    assert got.freight is not None
    assert got.freight.most_minor == 800


def test_groups_stand_together_and_the_best_deal_is_chosen() -> None:
    first = rule("a", kinds.LIMITED_TIME, percent_bp=1_000, group="a")
    second = rule("b", kinds.LIMITED_TIME, percent_bp=1_000, group="b")
    assert off(get([TEA], first, second)) == {"prm_a": 3_000, "prm_b": 2_700}
    deal = rule("d", kinds.SPEND_THRESHOLD, threshold_minor=1, percent_bp=1_950, group="d", best_deal=True)
    assert off(get([TEA], first, second, deal)) == {"prm_d": 5_850}
    assert {code for _, code, _ in missed(get([TEA], first, second, deal))} == {"other_deal"}
    deal.percent_bp = 1_850
    assert off(get([TEA], first, second, deal)) == {"prm_a": 3_000, "prm_b": 2_700}


plain = some.lists(limited | listed | rising, max_size=6, unique_by=lambda each: each.id)


@given(carts, plain)
def test_totals_are_those_of_a_plain_reimplementation(
    cart: dict[str, tuple[int, int, str]], kept: list[Promotion]
) -> None:
    for each in kept:
        each.exclusive, each.group, each.best_deal = False, "", False
    goods = [Goods(sku, category, price * units, units) for sku, (price, units, category) in cart.items()]
    running = [each for each in kept if each.starts_at <= NOW < each.ends_at and not each.channels]
    left = {sku: price * units for sku, (price, units, _) in cart.items()}
    for sku, (price, units, category) in cart.items():
        ranked = []
        for each in running:
            fits = (not each.skus or sku in each.skus) and (not each.categories or category in each.categories)
            if fits and each.kind == kinds.LIMITED_TIME:
                ranked.append((each.priority, (price * units * each.percent_bp + 5_000) // 10_000))
            elif fits and each.kind == kinds.PRICE_LIST:
                prices = [(p.from_quantity, p.minor) for p in each.prices if p.sku == sku and p.from_quantity <= units]
                highest = max((quantity for quantity, _ in prices), default=0)
                asked = next((minor for quantity, minor in prices if quantity == highest), price)
                ranked.append((each.priority, max(0, price - asked) * units))
        left[sku] -= max([each for each in ranked if each[1]], default=(0, 0))[1]
    reached = []
    for each in running:
        about = [
            sku
            for sku, (_, _, category) in cart.items()
            if (not each.skus or sku in each.skus) and (not each.categories or category in each.categories)
        ]
        spent = sum(left[sku] for sku in about)
        steps = [step for step in each.steps if step.threshold_minor <= spent and about]
        if each.kind == kinds.SPEND_THRESHOLD and steps:
            reached.append((each.priority, steps[-1].off_minor or (spent * steps[-1].percent_bp + 5_000) // 10_000))
    got = evaluate("CNY", goods, Rules(kept), [], Shopper(), NOW)
    assert got.to_pay == sum(left.values()) - max(reached, default=(0, 0))[1]
