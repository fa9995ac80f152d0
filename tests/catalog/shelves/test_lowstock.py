"""This is where staff are told that a SKU runs low: once a fall, however often and in whatever order it is heard."""

import pytest
from shop.catalog.v1 import lowstock_pb2, lowstock_pb2_grpc
from shop.catalog.v1.events_pb2 import NoticeRaised

from services.catalog.shelves.lowstock import NO_LINE, LowLine, is_low
from services.kit.errors import Conflict, Invalid, NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, reasons


class Desk:
    """Who draws lines and reads what is below them."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.stub = lowstock_pb2_grpc.LowStockServiceStub(counter.started.channel)

    async def draw(
        self, sku: str, line: int | None, if_version: int = 0, target: int | None = None, policy: str = "", **lines: int
    ) -> lowstock_pb2.StockPolicy:
        wanted = lowstock_pb2.StockPolicy(sku=sku, low_line=line, target_cover_days=target, policy=policy)
        wanted.warehouse_lines.extend(lowstock_pb2.WarehouseLine(warehouse=w, line=n) for w, n in lines.items())
        request = lowstock_pb2.SetStockPolicyRequest(policy=wanted, if_version=if_version, by="stf_1")
        return (await call(self.stub.SetStockPolicy, request)).policy

    async def low(self, place: str = "", **page: object) -> list[tuple[str, str, int]]:
        request = lowstock_pb2.ListLowStockRequest(place=place, page=page)  # type: ignore[arg-type]
        return [(row.sku, row.warehouse, row.units) for row in (await call(self.stub.ListLowStock, request)).items]

    async def told(self, sku: str, raised: int) -> None:
        """So often staff were told, and not once more when everything has settled."""
        await self.counter.until(lambda: self._told(sku), lambda times: times >= raised)
        await self.counter.house.settled()
        assert await self._told(sku) == raised

    async def _told(self, sku: str) -> int:
        told = self.counter.house.told(NoticeRaised)
        return sum(event.subject == sku and event.kind == "low_stock" for event in told)


@pytest.fixture
def desk(counter: Counter) -> Desk:
    return Desk(counter)


def test_what_is_low_stays_low_until_it_is_a_tenth_above() -> None:
    fine, low = LowLine("A|", "A", "", 20), LowLine("A|", "A", "", 20, low=True)
    assert [is_low(fine, units) for units in (19, 20, 21)] == [True, True, False]
    assert [is_low(low, units) for units in (20, 22, 23)] == [True, True, False]
    assert [is_low(LowLine("A|", "A", "", 0, low=True), units) for units in (0, 1, 2)] == [True, True, False]
    assert not is_low(LowLine("A|", "A", "", NO_LINE), 0)


async def test_a_fall_is_told_once_and_again_after_a_rise(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", "B", stock=12)
    await desk.draw("A", 10)
    await counter.receive("A", -1, reason="damage")
    await desk.told("A", 0)
    await counter.receive("A", -1, reason="damage")
    await desk.told("A", 1)
    for quantity in (-1, 2, -1):  # about the line: no news
        await counter.receive("A", quantity, reason="count")
    await counter.until(desk.low, lambda low: low == [("A", "", 10)])
    await desk.told("A", 1)
    await counter.receive("A", 5)
    await counter.until(desk.low, lambda low: low == [])
    await counter.receive("A", -9, reason="theft")
    await desk.told("A", 2)
    assert await desk.low() == [("A", "", 6)]


async def test_a_line_of_a_warehouse_looks_at_that_warehouse(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", stock=50)
    await counter.receive("A", 3, "north")
    await desk.draw("A", None, north=5)
    await desk.told("A", 1)
    assert await desk.low("north") == await desk.low() == [("A", "north", 3)]
    assert await desk.low("shop") == []
    await desk.draw("A", 99)
    assert await desk.low() == [("A", "", 53)]  # the warehouse's line is gone


async def test_the_soonest_empty_come_first_by_page(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", "B", "C", stock=6)
    for sku, daily in (("A", 500), ("B", 2_000), ("C", 0)):
        await desk.draw(sku, 9)
        await counter.database["low_lines"].update_one({"_id": f"{sku}|"}, {"$set": {"daily_milli": daily}})
        await counter.receive(sku, -1, reason="sample")
    await counter.until(desk.low, lambda low: low == [("B", "", 5), ("A", "", 5), ("C", "", 5)])
    asked, seen = lowstock_pb2.ListLowStockRequest(), []
    asked.page.limit = 2
    while True:
        page = await call(desk.stub.ListLowStock, asked)
        seen += [(row.sku, row.cover_tenths) for row in page.items]
        if not page.next_cursor:
            break
        asked.page.cursor = page.next_cursor
    assert seen == [("B", 25), ("A", 100), ("C", -1)]


async def test_what_moved_while_nobody_looked_is_looked_at_after_a_restart(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    await desk.draw("A", 5)
    await counter.started.stop()
    await counter.house.mongo[counter.database.name]["skus"].update_one(
        {"_id": "A"}, {"$set": {"on_hand.main": 2, "available": 2}}
    )
    await counter.house.start("catalog")
    await desk.told("A", 1)


async def test_a_policy_is_kept_with_its_version(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    empty = (await call(desk.stub.GetStockPolicy, lowstock_pb2.GetStockPolicyRequest(sku="A"))).policy
    assert (empty.version, empty.HasField("low_line")) == (0, False)
    first = await desk.draw("A", 0, policy="pooled", target=45)
    assert (first.version, first.low_line, first.HasField("low_line")) == (1, 0, True)
    answers = await all_at_once(*(desk.draw("A", n, if_version=1) for n in range(5)))
    assert reasons(answers) == ["VERSION_MISMATCH"] * 4
    with pytest.raises(Conflict):
        await desk.draw("A", 3, if_version=1)
    for wrong in ({"line": -1}, {"line": 1, "policy": "whim"}, {"line": 1, "target": 0}, {"line": 1, "a.b": 3}):
        with pytest.raises(Invalid) as refused:
            await desk.draw("A", **wrong)
        assert refused.value.reason == "INVALID_STOCK_POLICY"
    with pytest.raises(NotFound):
        await desk.draw("NOWHERE", 1)
