"""This is where carts prove that they are evaluated fast, and never fail on bad input."""

import time
from typing import Any

import pytest
from shop.marketing.v1 import promotions_pb2 as pp

from services.kit.errors import Invalid
from services.kit.rpc import call
from services.marketing.evaluation import evaluate
from services.marketing.promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper
from tests.house import House
from tests.marketing.shop import cny, open_marketing
from tests.marketing.test_evaluation import NOW


async def test_an_evaluation_without_coupons_reads_nothing_once_the_rules_are_held(house: House) -> None:
    shop = await open_marketing(house)
    await shop.promotion(kind=pp.PROMOTION_KIND_LIMITED_TIME, percent_bp=1_000)
    await house.settled()
    await shop.evaluate()
    database = shop.started.ground.database
    await database["promotions"].delete_many({"ends_at": {"$gt": house.clock.now()}})
    assert (await shop.evaluate()).applied
    house.clock.advance(seconds=1)
    assert not (await shop.evaluate()).applied


def test_a_thousand_promotions_cost_a_cart_no_more_than_those_that_touch_it() -> None:
    rules = Rules(
        Promotion(f"prm_{i:04}", kind, "", NOW, percent_bp=1_000, skus=[f"S{i}"], currency="CNY", threshold_minor=1)
        for i in range(500)
        for kind in (LIMITED_TIME, SPEND_THRESHOLD)
    )
    goods = [Goods(f"S{i}", "food", 1_000) for i in range(5)]
    started = time.process_time()
    for _ in range(200):
        assert evaluate("CNY", goods, rules, [], Shopper(), NOW).applied
    assert (time.process_time() - started) / 200 < 0.002


LINE: dict[str, Any] = {"sku": "TEA", "category": "food", "quantity": 1, "unit_price": cny(100)}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"sku": ""}, "/lines/1/sku"),
        ({"sku": "a\x00"}, "/lines/1/sku"),
        ({"category": "\x07"}, "/lines/1/category"),
        ({"category": "other"}, "/lines/1/category"),
        ({"quantity": 0}, "/lines/1/quantity"),
        ({"quantity": 2**62}, "/lines/1/quantity"),
        ({"unit_price": cny(-1)}, "/lines/1/unit_price/minor"),
        ({"unit_price": cny(2**62)}, "/lines/1/unit_price/minor"),
        ({"unit_price": None}, "/lines/1/unit_price/currency"),
    ],
)
async def test_a_line_that_makes_no_sense_is_refused_by_name(
    house: House, changes: dict[str, Any], pointer: str
) -> None:
    shop = await open_marketing(house)
    lines = [pp.CartLine(**LINE), pp.CartLine(**(LINE | changes))]
    with pytest.raises(Invalid) as refused:
        await call(shop.promotions.EvaluateCart, pp.EvaluateCartRequest(lines=lines))
    assert (refused.value.reason, refused.value.errors[0].pointer) == ("INVALID_CART", pointer)


async def test_the_same_sku_on_two_lines_is_one(house: House) -> None:
    shop = await open_marketing(house)
    await shop.promotion(kind=pp.PROMOTION_KIND_LIMITED_TIME, percent_bp=1_000)
    answer = await call(shop.promotions.EvaluateCart, pp.EvaluateCartRequest(lines=[pp.CartLine(**LINE)] * 2))
    assert list(answer.applied[0].shares_minor) == [20]
