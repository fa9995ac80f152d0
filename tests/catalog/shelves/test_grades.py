"""This is where units of other grades lie beside those that are sold, and never are until somebody says so."""

from datetime import timedelta

import pytest
from shop.catalog.v1 import grades_pb2, grades_pb2_grpc, stock_pb2
from shop.orders.v1.events_pb2 import OrderedLine, ReturnReceived
from shop.orders.v1.returns_pb2 import ReturnGrade

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, reasons


async def regrade(
    counter: Counter, quantity: int, before: str, after: str, request_id: str = "", sku: str = "A"
) -> stock_pb2.SkuStock:
    stub = grades_pb2_grpc.GradesServiceStub(counter.started.channel)
    request = grades_pb2.RegradeStockRequest(
        sku=sku, to=after, quantity=quantity, reason="fell", request_id=request_id, by="stf_1", **{"from": before}
    )
    return (await call(stub.RegradeStock, request)).stock


async def graded(counter: Counter, sku: str = "A") -> dict[tuple[str, str], int]:
    (stock,) = (await call(counter.stock.GetStock, stock_pb2.GetStockRequest(skus=[sku]))).stocks
    return {(row.warehouse, each.grade): each.units for row in stock.warehouses for each in row.graded}


async def ledger(counter: Counter, **asked: object) -> list[stock_pb2.Movement]:
    request = stock_pb2.ListMovementsRequest(sku="A", **asked)  # type: ignore[arg-type]
    return list((await call(counter.stock.ListMovements, request)).movements)


async def test_units_change_their_grade_once_a_request_and_both_sides_are_in_the_ledger(counter: Counter) -> None:
    await counter.sell("A")
    answers = await all_at_once(*(regrade(counter, 3, "A", "C", "r1") for _ in range(10)))
    assert reasons(answers) == []
    assert await counter.there("A") == ({"main": 7}, 0, 7)
    assert await graded(counter) == {("main", "C"): 3}
    await regrade(counter, 1, "C", "B")
    await regrade(counter, 1, "B", "A")
    await counter.house.settled()
    assert await counter.there("A") == ({"main": 8}, 0, 8)
    entries = await ledger(counter, reason="regrade")
    assert {("A", -3, "fell"), ("C", 3, "fell")} < {(e.grade, e.quantity, e.note) for e in entries}
    for grade, units in (("A", 8), ("B", 0), ("C", 2)):
        assert sum(entry.quantity for entry in await ledger(counter, grade=grade)) == units
    await counter.check()


async def test_other_grades_are_not_sold_and_what_orders_hold_stays(counter: Counter) -> None:
    await counter.sell("A", stock=5)
    await counter.hold("ord_1", {"A": 4})
    for quantity, before, after in ((2, "A", "B"), (1, "C", "A"), (0, "A", "B"), (1, "A", "A"), (1, "A", "D")):
        with pytest.raises(Invalid):
            await regrade(counter, quantity, before, after)
    await regrade(counter, 1, "A", "quarantine")
    assert await counter.there("A") == ({"main": 4}, 4, 0)
    with pytest.raises(NotFound):
        await regrade(counter, 1, "A", "B", sku="NOWHERE")
    await counter.check()


async def test_a_receipt_names_a_grade(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    request = stock_pb2.ReceiveStockRequest(sku="A", quantity=4, reason="receipt", grade="B", by="stf_1")
    await call(counter.stock.ReceiveStock, request)
    request.quantity, request.reason = -5, "expiry"
    with pytest.raises(Invalid) as refused:
        await call(counter.stock.ReceiveStock, request)
    assert refused.value.reason == "INVALID_QUANTITY"
    request.quantity, request.grade = 1, "Z"
    with pytest.raises(Invalid):
        await call(counter.stock.ReceiveStock, request)
    assert await counter.there("A") == ({"main": 0}, 0, 0)
    assert await graded(counter) == {("main", "B"): 4}
    assert not (await counter.search(in_stock=True)).items


async def test_damaged_returns_lie_beside_the_shelf(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    lines = [OrderedLine(sku="A", quantity=2)]
    for sound, return_id in ((True, "ret_1"), (False, "ret_2"), (False, "ret_2")):
        await counter.house.tell(ReturnReceived(return_id=return_id, lines=lines, sound=sound, warehouse="north"))
    await counter.house.settled()
    assert await counter.there("A") == ({"north": 2}, 0, 2)
    assert await graded(counter) == {("north", "C"): 2}


async def test_a_return_lies_where_each_unit_belongs_by_how_good_it_was_found(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    lines = [OrderedLine(sku="A", quantity=10)]
    units = {"A": 4, "B": 3, "C": 1, "scrap": 2}
    grades = [ReturnGrade(sku="A", grade=grade, units=count) for grade, count in units.items()]
    event = ReturnReceived(return_id="ret_1", lines=lines, sound=False, warehouse="north", grades=grades)
    for _ in range(2):
        await counter.house.tell(event)
    await counter.house.settled()
    assert await counter.there("A") == ({"north": 4}, 0, 4)
    assert await graded(counter) == {("north", "B"): 3, ("north", "C"): 1}
    told = [(entry.reason, entry.quantity) for entry in await ledger(counter, warehouse="north")]
    assert sorted(told) == [("damage", -2), ("return", 1), ("return", 2), ("return", 3), ("return", 4)]


async def test_the_ledger_is_read_by_page_warehouse_reason_and_time(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    began = counter.house.clock.now()
    for n in range(1, 8):
        counter.house.clock.at = began + timedelta(hours=n)
        await counter.receive("A", n, "north" if n % 2 else "main", reason="return" if n == 4 else "receipt")
    await counter.house.settled()
    asked, seen = stock_pb2.ListMovementsRequest(sku="A"), list[int]()
    asked.page.limit = 2
    while True:
        page = await call(counter.stock.ListMovements, asked)
        seen += [entry.quantity for entry in page.movements]
        if not page.next_cursor:
            break
        asked.page.cursor = page.next_cursor
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert [e.quantity for e in await ledger(counter, warehouse="north")] == [7, 5, 3, 1]
    assert [e.quantity for e in await ledger(counter, warehouse="main", reason="receipt")] == [6, 2]
    span = {"from": rfc3339(began + timedelta(hours=2)), "to": rfc3339(began + timedelta(hours=4))}
    assert [e.quantity for e in await ledger(counter, **span)] == [3, 2]
    for wrong in ({"from": "yesterday"}, {"page": {"cursor": "5b226e6f222c2278225d"}}):
        with pytest.raises(Invalid):
            await ledger(counter, **wrong)
