"""This is where it is told what rises and falls, and what is mere chance."""

import random
from datetime import timedelta
from math import comb

from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1 import trends_pb2, trends_pb2_grpc

from services.catalog.pricing.trends import FALSE_NAMED, chance, sure_of
from services.kit.rpc import call
from tests.catalog.counter import Counter


def test_chance_agrees_with_the_exact_binomial_test() -> None:
    for later, before in ((15, 5), (30, 20), (60, 40), (12, 12), (3, 9)):
        both, tail = later + before, max(later, before)
        exact = min(1.0, 2 * sum(comb(both, k) for k in range(tail, both + 1)) / 2**both)
        assert abs(chance(later, before) - exact) < 0.01
    assert chance(0, 0) == 1.0


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_chance_is_a_probability_and_takes_no_side(later: int, before: int) -> None:
    assert 0 <= chance(later, before) == chance(before, later) <= 1


def test_of_a_thousand_that_did_not_change_hardly_one_is_named() -> None:
    dice = random.Random(1)
    named = 0
    for _ in range(20):
        chances = {str(n): chance(sum(dice.random() < 0.5 for _ in range(40)), 20) for n in range(100)}
        named += bool(sure_of(chances))
    assert named <= 20 * FALSE_NAMED * 4
    assert sure_of({"a": 0.0001, "b": 0.9}) == {"a"}
    assert sure_of({}) == set()


async def test_what_rises_falls_and_is_hot(counter: Counter) -> None:
    await counter.sell("UP", "DOWN", "SAME")
    await counter.sell("TOY", category="Toys")
    today, days = counter.house.clock.now().date(), []
    orders = {"UP": (8, 2), "DOWN": (1, 6), "SAME": (5, 5), "TOY": (1, 1)}
    for sku, (later, before) in orders.items():
        for ago in range(80):
            day = (today - timedelta(days=ago)).isoformat()
            count = 1_000 if ago in (0, 57) else later if ago <= 28 else before  # today and long ago are not looked at
            row = {"_id": f"{sku}|{day}", "sku": sku, "product_id": "prd", "day": day, "currency": "CNY", "version": 1}
            money = {"orders": count, "units": 2 * count, "gross_minor": 900 * count, "paid_minor": 900 * count}
            days.append(row | money)
    await counter.database["days"].insert_many(days)
    stub = trends_pb2_grpc.TrendsServiceStub(counter.started.channel)
    trends = await call(stub.GetTrends, trends_pb2.GetTrendsRequest())
    assert [(each.id, each.orders, each.orders_before) for each in trends.rising] == [("UP", 224, 56)]
    assert [each.id for each in trends.falling] == ["DOWN"]
    assert [each.id for each in trends.hot] == ["UP", "SAME", "DOWN", "TOY"]
    assert (trends.tested, trends.days, trends.last_day) == (4, 28, (today - timedelta(days=1)).isoformat())
    by_category = await call(stub.GetTrends, trends_pb2.GetTrendsRequest(by_category=True, days=7))
    assert [(each.id, each.units) for each in by_category.hot] == [("home-garden", 196), ("toys", 14)]
    assert list(by_category.rising) == []
