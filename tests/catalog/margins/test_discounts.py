"""This is where discounts prove that what they would sell too cheaply is found, and counted, whatever the terms of a SKU."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from shop.catalog.v1 import margins_pb2

from services.catalog.margins.costs import Rates
from services.catalog.margins.discounts import AmountOff, Step, left_after
from services.catalog.margins.store import stages
from services.kit.errors import Invalid
from tests.catalog.counter import Counter, cny
from tests.catalog.margins.desk import Desk, way

amounts = some.lists(some.builds(AmountOff, some.integers(0, 50_000), some.integers(0, 90_000)), max_size=3)
steps = some.builds(Step, some.integers(0, 9_999), amounts.map(tuple), some.none() | some.integers(0, 90_000))


@given(some.integers(0, 10**6), some.integers(1, 50), some.lists(steps, max_size=4))
def test_what_is_left_is_never_below_nothing_and_rises_with_the_price(price: int, more: int, way: list[Step]) -> None:
    assert 0 <= left_after(price, way) <= price
    rounded_each = sum(len(step.amounts) for step in way)
    assert left_after(price, way) <= left_after(price + more, way) + rounded_each


def test_an_amount_is_spread_over_the_threshold_or_taken_off_one_unit() -> None:
    assert left_after(1_000, [Step(amounts=(AmountOff(300, 3_000),))]) == 900
    assert left_after(6_000, [Step(amounts=(AmountOff(300, 3_000),))]) == 5_700
    assert left_after(200, [Step(amounts=(AmountOff(300, 0),))]) == 0
    assert left_after(10_000, [Step(4_000), Step(7_000)]) == 1_800


def test_a_set_price_is_what_it_costs_at_most_before_amounts_come_off() -> None:
    assert left_after(1_000, [Step(fixed_minor=700)]) == 700
    assert left_after(600, [Step(fixed_minor=700)]) == 600
    assert left_after(1_000, [Step(5_000, (AmountOff(100, 0),), 700), Step(1_000)]) == 360


@pytest.fixture
async def desk(counter: Counter) -> Desk:
    """Six SKUs of ¥100.00, at 3,000, 4,200, 4,201, 0 and (others' categories) 3,000."""
    for sku, cost in (("A", 3_000), ("B", 4_200), ("C", 4_201), ("D", 0)):
        await counter.sell(sku, price_minor=10_000, cost_minor=cost, category="Kitchen")
    await counter.sell("E", price_minor=10_000, cost_minor=3_000, category="Toys")
    await counter.take_in(
        {
            "sku": "F",
            "title": "x",
            "category": "Toys",
            "price_minor": "9",
            "cost_minor": "8",
            "currency": "CNY",
            "weight_g": "1",
            "stock": "1",
        },
        publish=False,
    )
    return Desk(counter)


def discount(*ways: margins_pb2.DiscountWay, **chosen: list[str]) -> margins_pb2.Discount:
    return margins_pb2.Discount(selection=margins_pb2.DiscountSelection(**chosen), ways=ways)


def named(answer: margins_pb2.CheckDiscountsResponse) -> list[tuple[str, int, int, int]]:
    return [(each.sku, each.left_minor, each.lowest_price_minor, each.shortfall_minor) for each in answer.worst]


async def test_forty_percent_is_fine_and_seventy_on_top_is_not(desk: Desk) -> None:
    assert named(await desk.check(discount(way(4_000)))) == [("C", 6_000, 6_002, 2)]
    answer = await desk.check(discount(way(4_000, 7_000), way(1_000), skus=["A"]))
    assert (answer.below, named(answer)) == (1, [("A", 1_800, 4_286, 2_486)])
    assert answer.worst[0].price == cny(10_000) and answer.worst[0].way == 0


async def test_only_what_is_selected_and_on_sale_counts(desk: Desk) -> None:
    half = way(9_000)
    for chosen, skus in (
        ({}, "CBAE"),
        ({"categories": ["toys"]}, "E"),
        ({"but_categories": ["toys"]}, "CBA"),
        ({"categories": ["kitchen"], "skus": ["A", "E"]}, "A"),
        ({"but_skus": ["B", "C"]}, "AE"),
        ({"currencies": ["CNY"]}, "CBAE"),
        ({"but_currencies": ["CNY"]}, ""),
        ({"currencies": ["USD"]}, ""),
        ({"categories": ["nowhere"]}, ""),
    ):
        answer = await desk.check(discount(half, **chosen))
        assert [each.sku for each in answer.worst] == list(skus), chosen
        assert answer.below == len(skus)


async def test_every_sku_is_held_to_its_own_terms(desk: Desk) -> None:
    await desk.model("category:toys", commission_bp=1_000, freight_per_kg_minor=2_000)
    await desk.model("sku:B", marketing_bp=500)
    await desk.give("A", until_price=cny(900))
    answer = await desk.check(discount(way(9_000)))
    # E: (3,000 + 500 freight) / 60 %; B: 4,200 / 65 %; A may go down to 900.
    assert named(answer) == [("B", 1_000, 6_462, 5_462), ("C", 1_000, 6_002, 5_002), ("E", 1_000, 5_834, 4_834)]
    assert answer.below == 3
    assert [each.sku for each in (await desk.check(discount(way(9_200), skus=["A", "D"]))).worst] == ["A"]


async def test_mongodb_and_the_pure_rule_agree_on_what_is_left(desk: Desk) -> None:
    ways = (
        way(3_333, (1_700, 9_900), 1_250),
        way((900, 0), 777),
        margins_pb2.DiscountWay(steps=[margins_pb2.DiscountStep(percent_bp=100, fixed_minor=5_001), *way(77).steps]),
        way(100, (500, 500), (40, 7)),
    )
    for each in ways:
        pure = [
            Step(
                step.percent_bp,
                tuple(AmountOff(a.amount_minor, a.over_minor) for a in step.amounts),
                step.fixed_minor if step.HasField("fixed_minor") else None,
            )
            for step in each.steps
        ]
        await desk.floor(9_990)  # whatever is left is too little: everything is named
        answer = await desk.check(discount(each, skus=["A"]))
        assert [row.left_minor for row in answer.worst] == [left_after(10_000, pure)]
        lowest = left_after(10_000, pure)
        await desk.floor(0)
        await desk.give("B", until_price=cny(lowest))
        assert (await desk.check(discount(each, skus=["B"]))).below == 0
        await desk.give("B", until_price=cny(lowest + 1))
        assert (await desk.check(discount(each, skus=["B"]))).below == (lowest + 1 <= 4_200)


async def test_what_everybody_buys_from_is_not_read_to_find_what_is_too_cheap(desk: Desk) -> None:
    pipeline = stages({"live": True}, [[Step(500), Step(amounts=(AmountOff(5, 900),))]], Rates(), 20)
    asked = {"aggregate": "skus", "pipeline": pipeline, "hint": "margins", "cursor": {}}
    explained = str(await desk.counter.database.command({"explain": asked}))
    assert "'IXSCAN'" in explained and "'FETCH'" not in explained


async def test_more_than_can_be_looked_at_is_refused(desk: Desk) -> None:
    for wrong in ([discount(way(1))] * 201, [discount()], [discount(*[way(1)] * 51)], [discount(way(*[1] * 51))]):
        with pytest.raises(Invalid) as refused:
            await desk.check(*wrong)
        assert refused.value.reason == "INVALID_DISCOUNT"
