"""This is where shelves are counted while people go on buying."""

import asyncio

import pytest
from shop.catalog.v1 import counts_pb2, counts_pb2_grpc, stock_pb2
from shop.catalog.v1.events_pb2 import NoticeRaised

from services.kit.errors import Conflict, Invalid, NotFound, Unavailable, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, reasons

OPEN, BOOKED, CANCELLED = 1, 3, 4


class Desk:
    """Who counts."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.stub = counts_pb2_grpc.CountsServiceStub(counter.started.channel)

    async def open(self, *skus: str, warehouse: str = "main", **more: object) -> counts_pb2.Count:
        request = counts_pb2.OpenCountRequest(warehouse=warehouse, skus=skus, by="stf_1", **more)  # type: ignore[arg-type]
        return (await call(self.stub.OpenCount, request)).count

    async def put(self, count_id: str, found: dict[str, int], by: str = "stf_1") -> counts_pb2.Count:
        lines = [counts_pb2.FoundUnits(sku=sku, units=units) for sku, units in found.items()]
        request = counts_pb2.PutCountLinesRequest(id=count_id, lines=lines, by=by)
        return (await call(self.stub.PutCountLines, request)).count

    async def approve(self, count_id: str, by: str = "stf_2") -> counts_pb2.Count:
        return (await call(self.stub.ApproveCount, counts_pb2.ApproveCountRequest(id=count_id, by=by))).count

    async def lines(self, count_id: str) -> dict[str, counts_pb2.CountLine]:
        answer = await call(self.stub.ListCountLines, counts_pb2.ListCountLinesRequest(id=count_id))
        return {line.sku: line for line in answer.lines}


@pytest.fixture
def desk(counter: Counter) -> Desk:
    return Desk(counter)


async def buy(counter: Counter, order: str, sku: str, quantity: int) -> None:
    await counter.hold(order, {sku: quantity})
    await counter.confirm(order, (sku, "main", quantity))


async def test_sales_before_between_and_after_falsify_nothing(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", "B", stock=20)
    sheet = await desk.open("A", "B")
    await buy(counter, "ord_1", "A", 2)
    await desk.put(sheet.id, {"A": 17, "B": 20})  # one of the eighteen is missing
    await buy(counter, "ord_2", "A", 5)
    done = await desk.approve(sheet.id)
    assert (done.state, list(done.counters), done.closed_by) == (BOOKED, ["stf_1"], "stf_2")
    assert await counter.there("A") == ({"main": 12}, 0, 12)
    lines = await desk.lines(sheet.id)
    assert (lines["A"].frozen, lines["A"].expected, lines["A"].difference) == (20, 18, -1)
    assert (lines["A"].difference_minor, lines["A"].outcome, lines["B"].outcome) == (-400, "booked", "equal")
    await counter.house.settled()
    ledger = (await call(counter.stock.ListMovements, stock_pb2.ListMovementsRequest(sku="A"))).movements
    assert [(m.quantity, m.reference) for m in ledger if m.reason == "count"] == [(-1, sheet.id)]
    await counter.check()


async def test_a_sheet_is_booked_once_and_then_closed(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    sheet = await desk.open("A")
    await desk.put(sheet.id, {"A": 3})
    await desk.put(sheet.id, {"A": 12}, by="stf_3")  # counted again: the last word
    answers = await all_at_once(*(desk.approve(sheet.id) for _ in range(6)))
    assert reasons(answers) == []
    assert await counter.there("A") == ({"main": 12}, 0, 12)
    for late in (desk.put(sheet.id, {"A": 1}), call(desk.stub.CancelCount, counts_pb2.CancelCountRequest(id=sheet.id))):
        with pytest.raises(WrongState) as refused:
            await late
        assert refused.value.reason == "COUNT_CLOSED"


async def test_much_money_needs_a_second_person(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", stock=1000)
    sheet = await desk.open("A")
    await desk.put(sheet.id, {"A": 700})  # 300 at ¥4.00
    with pytest.raises(WrongState) as refused:
        await desk.approve(sheet.id, by="stf_1")
    assert (refused.value.reason, refused.value.meta) == (
        "SECOND_PERSON_NEEDED",
        {"currency": "CNY", "minor": "120000"},
    )
    await desk.put(sheet.id, {"A": 750})
    assert (await desk.approve(sheet.id, by="stf_1")).state == BOOKED
    assert await counter.there("A") == ({"main": 750}, 0, 750)


async def test_fewer_than_orders_hold_is_told_and_not_booked(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 8})
    sheet = await desk.open("A")
    await desk.put(sheet.id, {"A": 5})
    await desk.approve(sheet.id)
    assert (await desk.lines(sheet.id))["A"].outcome == "held"
    assert await counter.there("A") == ({"main": 10}, 8, 2)
    await counter.house.settled()
    assert [(told.kind, told.subject) for told in counter.house.told(NoticeRaised)] == [("count_held", "A")]


async def test_what_is_on_a_sheet_is_named_or_found(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", "B")
    await counter.sell("C", category="Toys", stock=0)
    await counter.receive("B", 4, "north")
    assert set(await desk.lines((await desk.open()).id)) == {"A", "B"}
    assert set(await desk.lines((await desk.open(warehouse="north")).id)) == {"B"}
    assert set(await desk.lines((await desk.open(category="toys")).id)) == {"C"}
    for nothing in (
        desk.open("NOWHERE"),
        desk.open(category="nothing"),
        desk.open(warehouse="empty"),
        desk.open(proposed=5),
    ):
        with pytest.raises(Invalid) as refused:
            await nothing
        assert refused.value.reason == "INVALID_COUNT"
    sheet = await desk.open("A")
    for found in ({"B": 1}, {"A": -1}, {}):
        with pytest.raises(Invalid):
            await desk.put(sheet.id, found)
    with pytest.raises(NotFound):
        await desk.put("cnt_none", {"A": 1})
    for _ in range(2):
        ended = await call(desk.stub.CancelCount, counts_pb2.CancelCountRequest(id=sheet.id, by="stf_1"))
        assert ended.count.state == CANCELLED
    with pytest.raises(WrongState):
        await desk.approve(sheet.id)


async def test_people_count_side_by_side(desk: Desk, counter: Counter) -> None:
    skus = [f"S{n}" for n in range(12)]
    await counter.sell(*skus)
    sheet = await desk.open(*skus)

    async def count(n: int) -> None:
        while True:
            try:
                await desk.put(sheet.id, {skus[n]: n}, by=f"stf_{n % 3}")
                return
            except (Conflict, Unavailable):
                await asyncio.sleep(0.01)

    await asyncio.gather(*(count(n) for n in range(12)))
    assert {sku: line.counted for sku, line in (await desk.lines(sheet.id)).items()} == {f"S{n}": n for n in range(12)}
    assert (await desk.approve(sheet.id, by="stf_9")).state == BOOKED
    assert [await counter.there(sku) for sku in skus] == [({"main": n}, 0, n) for n in range(12)]
