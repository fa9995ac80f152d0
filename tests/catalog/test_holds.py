"""This is where holding stock is tried by everybody at once."""

import asyncio

import pytest
from shop.catalog.v1 import prices_pb2
from shop.catalog.v1.events_pb2 import AvailabilityChanged

from services.kit.errors import Invalid, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cells, cny, reasons

LONG = pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(900)])


@pytest.mark.parametrize("runs", [3, LONG])
async def test_two_hundred_buyers_of_fifty_units_get_exactly_fifty(counter: Counter, runs: int) -> None:
    for run in range(runs):
        sku = f"HOT-{run}"
        await counter.sell(sku, stock=50)
        answers = await all_at_once(*(counter.hold(f"ord_{run}_{n}", {sku: 1}) for n in range(200)))
        assert reasons(answers) == ["OUT_OF_STOCK"] * 150
        assert await counter.there(sku) == ({"main": 50}, 50, 0)
        await counter.check()


@pytest.mark.parametrize("runs", [3, LONG])
async def test_the_same_order_at_once_is_held_once_and_every_answer_is_true(counter: Counter, runs: int) -> None:
    for run in range(runs):
        skus = [f"S{run}-{n}" for n in range(5)]
        await counter.sell(*skus, stock=3)
        answers = await all_at_once(*(counter.hold(f"ord_{run}", dict.fromkeys(skus, 2)) for _ in range(8)))
        assert reasons(answers) == []
        for sku in skus:
            assert await counter.there(sku) == ({"main": 3}, 2, 1)
        await counter.check()


@pytest.mark.parametrize("runs", [3, LONG])
async def test_a_refused_twin_takes_nothing_from_one_that_was_told_it_holds(counter: Counter, runs: int) -> None:
    """The last SKU comes back in the middle: whoever is told "held" holds everything, whoever is refused leaves nothing."""
    for run in range(runs):
        few, many = f"B{run}", f"A{run}"
        await counter.sell(many, stock=5)
        await counter.sell(few, stock=0)
        tries = [counter.hold(f"ord_{run}", {many: 1, few: 1}) for _ in range(6)]
        *answers, _ = await all_at_once(*tries, counter.receive(few, 1))
        held = len(reasons(answers)) < len(answers)
        if held:
            assert await counter.there(many) == ({"main": 5}, 1, 4)
            assert await counter.there(few) == ({"main": 1}, 1, 0)
        else:
            assert await counter.there(many) == ({"main": 5}, 0, 5)
        assert set(reasons(answers)) <= {"OUT_OF_STOCK", "CONFLICT"}
        await counter.check()


async def test_orders_that_want_the_same_skus_the_other_way_round_block_nobody(counter: Counter) -> None:
    await counter.sell("A", "B", stock=30)
    answers = await all_at_once(
        *(counter.hold(f"ord_{n}", {"A": 1, "B": 1} if n % 2 else {"B": 1, "A": 1}) for n in range(100))
    )
    assert reasons(answers) == ["OUT_OF_STOCK"] * 70
    assert await counter.there("A") == await counter.there("B") == ({"main": 30}, 30, 0)
    await counter.check()


async def test_all_or_nothing(counter: Counter) -> None:
    await counter.sell("A", "C")
    await counter.sell("B", stock=1)
    with pytest.raises(WrongState) as refused:
        await counter.hold("ord_1", {"A": 1, "B": 2, "C": 1})
    assert refused.value.reason == "OUT_OF_STOCK"
    assert refused.value.meta == {"sku": "B", "available": "1"}
    assert await counter.there("A") == await counter.there("C") == ({"main": 10}, 0, 10)


async def test_an_unfinished_hold_of_a_dead_call_is_adopted(counter: Counter) -> None:
    await counter.sell("A", "B", "C")
    await counter.hold("ord_1", {"A": 1, "B": 1})  # what a crash in the middle leaves behind
    await counter.hold("ord_1", {"A": 1, "B": 1, "C": 1})
    holds = [sku["holds"][0]["token"] async for sku in counter.database["skus"].find({}).sort("_id", 1)]
    assert len(holds) == 3
    assert len(set(holds)) == 1
    await counter.check()


async def test_a_price_that_changed_since_the_quote_is_told(counter: Counter) -> None:
    await counter.sell("A")
    await call(counter.prices.SetPrice, prices_pb2.SetPriceRequest(sku="A", price=cny(950), by="staff"))
    with pytest.raises(WrongState) as refused:
        await counter.hold("ord_1", {"A": 1})
    assert (refused.value.reason, refused.value.meta["price"]) == ("PRICE_CHANGED", "950")
    await counter.hold("ord_1", {"A": 1}, price=950)


async def test_what_is_not_on_sale_cannot_be_held(counter: Counter) -> None:
    await counter.take_in(cells("D"), publish=False)
    for sku in ("D", "NOWHERE"):
        with pytest.raises(WrongState) as refused:
            await counter.hold("ord_1", {sku: 1})
        assert (refused.value.reason, refused.value.meta) == ("NOT_ON_SALE", {"sku": sku})


async def test_a_released_hold_is_released_once(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 4})
    await all_at_once(*(counter.release("ord_1", "A", "NOWHERE") for _ in range(10)))
    assert await counter.there("A") == ({"main": 10}, 0, 10)
    await counter.release("ord_unknown", "A")
    await counter.check()


async def test_another_quantity_for_the_same_order_is_refused(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 4})
    with pytest.raises(Invalid) as refused:
        await counter.hold("ord_1", {"A": 5})
    assert refused.value.reason == "HOLD_DIFFERS"


async def test_nonsense_is_invalid(counter: Counter) -> None:
    for order, wants in (
        ("", {"A": 1}),
        ("ord_1", {}),
        ("ord_1", {"A": 0}),
        ("ord_1", {"a b": 1}),
        ("o\x00", {"A": 1}),
    ):
        with pytest.raises(Invalid):
            await counter.hold(order, wants)


async def test_the_last_unit_is_told_when_it_is_taken_and_when_it_is_back(counter: Counter) -> None:
    await counter.sell("A", stock=2)
    await counter.hold("ord_1", {"A": 1})
    await counter.hold("ord_2", {"A": 1})
    await counter.confirm("ord_1", ("A", "main", 1))
    await counter.house.settled()
    assert [each.in_stock for each in counter.house.told(AvailabilityChanged)] == [False]
    async with asyncio.timeout(5):
        while (await counter.search(in_stock=True)).items:
            await asyncio.sleep(0.01)
    await counter.release("ord_2", "A")
    await counter.house.settled()
    assert [each.in_stock for each in counter.house.told(AvailabilityChanged)] == [False, True]
    async with asyncio.timeout(5):  # the index hears of it a moment later
        while [item.available for item in (await counter.search(in_stock=True)).items] != [1]:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("runs", [3, LONG])
async def test_of_two_orders_that_want_the_last_of_two_skus_one_gets_them(counter: Counter, runs: int) -> None:
    for run in range(runs):
        a, b = f"A{run}", f"B{run}"
        await counter.sell(a, b, stock=1)
        answers = await all_at_once(counter.hold(f"x{run}", {a: 1, b: 1}), counter.hold(f"y{run}", {b: 1, a: 1}))
        assert reasons(answers) == ["OUT_OF_STOCK"]
        assert await counter.there(a) == await counter.there(b) == ({"main": 1}, 1, 0)
    await counter.check()
