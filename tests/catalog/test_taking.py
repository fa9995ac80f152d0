"""This is where what is held is taken from the shelves."""

import pytest
from shop.catalog.v1.events_pb2 import StockMoved
from shop.catalog.v1.stock_pb2 import ListMovementsRequest

from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, reasons


async def test_a_hold_is_taken_once_and_the_ledger_says_so(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 3})
    answers = await all_at_once(*(counter.confirm("ord_1", ("A", "main", 3)) for _ in range(10)))
    assert reasons(answers) == []
    assert {(a.sku, a.warehouse, a.quantity) for answer in answers for a in answer.allocations} == {("A", "main", 3)}
    assert await counter.there("A") == ({"main": 7}, 0, 7)
    await counter.house.settled()
    ledger = (await call(counter.stock.ListMovements, ListMovementsRequest(sku="A"))).movements
    assert [(m.reason, m.quantity, m.reference) for m in ledger] == [("sale", -3, "ord_1"), ("import", 10, "")]
    sale = counter.house.told(StockMoved)[-1]
    assert (sale.on_hand, sale.available) == (7, 7)


async def test_asked_again_with_another_warehouse_the_first_answer_stands(counter: Counter) -> None:
    await counter.sell("A")
    await counter.receive("A", 5, "north")
    await counter.hold("ord_1", {"A": 3})
    await counter.confirm("ord_1", ("A", "main", 3))
    again = await counter.confirm("ord_1", ("A", "north", 3))
    assert [(a.warehouse, a.quantity) for a in again.allocations] == [("main", 3)]
    assert await counter.there("A") == ({"main": 7, "north": 5}, 0, 12)


async def test_one_sku_may_come_from_two_warehouses(counter: Counter) -> None:
    await counter.sell("A", stock=2)
    await counter.receive("A", 5, "north")
    await counter.hold("ord_1", {"A": 6})
    await counter.confirm("ord_1", ("A", "main", 2), ("A", "north", 4))
    assert await counter.there("A") == ({"main": 0, "north": 1}, 0, 1)
    await counter.check()


async def test_a_short_warehouse_changes_nothing(counter: Counter) -> None:
    await counter.sell("A", "B")
    await counter.receive("B", 5, "north")
    await counter.hold("ord_1", {"A": 1, "B": 12})
    with pytest.raises(WrongState) as refused:
        await counter.confirm("ord_1", ("A", "main", 1), ("B", "main", 12))
    assert (refused.value.reason, refused.value.meta) == ("WAREHOUSE_SHORT", {"sku": "B", "warehouse": "main"})
    assert await counter.there("A") == ({"main": 10}, 1, 9)
    await counter.confirm("ord_1", ("A", "main", 1), ("B", "main", 8), ("B", "north", 4))
    await counter.check()


@pytest.mark.parametrize("runs", [3, pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_two_orders_that_race_for_one_warehouse_get_it_once(counter: Counter, runs: int) -> None:
    for run in range(runs):
        a, b = f"A{run}", f"B{run}"
        await counter.sell(a, b, stock=1)
        await counter.receive(a, 1, "north")
        await counter.receive(b, 1, "north")
        for order in (f"x{run}", f"y{run}"):
            await counter.hold(order, {a: 1, b: 1})
        answers = await all_at_once(
            counter.confirm(f"x{run}", (a, "main", 1), (b, "main", 1)),
            counter.confirm(f"y{run}", (b, "main", 1), (a, "main", 1)),
        )
        assert reasons(answers) == ["WAREHOUSE_SHORT"]
        loser = ("x", "y")[answers.index(next(each for each in answers if isinstance(each, WrongState)))]
        await counter.check()
        await counter.confirm(f"{loser}{run}", (a, "north", 1), (b, "north", 1))
        assert await counter.there(a) == ({"main": 0, "north": 0}, 0, 0)
        assert await counter.there(b) == ({"main": 0, "north": 0}, 0, 0)


async def test_released_after_it_was_taken_nothing_happens(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 3})
    await counter.confirm("ord_1", ("A", "main", 3))
    await counter.release("ord_1", "A")
    assert await counter.there("A") == ({"main": 7}, 0, 7)
    await counter.hold("ord_1", {"A": 3})  # a late repeat of the first call
    assert await counter.there("A") == ({"main": 7}, 0, 7)


async def test_taken_or_released_never_both(counter: Counter) -> None:
    for run in range(10):
        await counter.sell(f"A{run}", f"B{run}")
        await counter.hold(f"ord_{run}", {f"A{run}": 1, f"B{run}": 1})
        answers = await all_at_once(
            counter.confirm(f"ord_{run}", (f"A{run}", "main", 1), (f"B{run}", "main", 1)),
            counter.release(f"ord_{run}", f"A{run}", f"B{run}"),
            counter.release(f"ord_{run}", f"A{run}", f"B{run}"),
        )
        on_hand, _, _ = await counter.there(f"A{run}")
        assert set(reasons(answers)) <= {"HOLD_NOT_FOUND"}
        if not reasons(answers):
            assert on_hand == {"main": 9}
        await counter.check()


async def test_without_a_hold_or_with_another_sum_nothing_is_taken(counter: Counter) -> None:
    await counter.sell("A")
    with pytest.raises(NotFound) as missing:
        await counter.confirm("ord_1", ("A", "main", 1))
    assert missing.value.reason == "HOLD_NOT_FOUND"
    await counter.hold("ord_1", {"A": 2})
    with pytest.raises(Invalid) as differs:
        await counter.confirm("ord_1", ("A", "main", 1))
    assert differs.value.reason == "ALLOCATION_DIFFERS"
    for order, allocation in (("ord_1", ("A", "a.b", 2)), ("ord_1", ("A", "main", 0)), ("", ("A", "main", 2))):
        with pytest.raises(Invalid):
            await counter.confirm(order, allocation)
    assert await counter.there("A") == ({"main": 10}, 2, 8)
