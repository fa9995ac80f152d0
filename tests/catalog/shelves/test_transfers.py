"""This is where goods go between warehouses and none is made or lost that is not booked."""

import random
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1 import stock_pb2, transfers_pb2, transfers_pb2_grpc

from services.catalog.moves import Move, moving
from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, reasons

PLANNED, DISPATCHED, RECEIVED, CANCELLED = 1, 2, 3, 4
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Desk:
    """Who moves goods."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.stub = transfers_pb2_grpc.TransfersServiceStub(counter.started.channel)

    async def plan(
        self, lines: dict[str, int], origin: str = "main", target: str = "north", request_id: str = ""
    ) -> transfers_pb2.Transfer:
        wanted = [transfers_pb2.TransferLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()]
        request = transfers_pb2.PlanTransferRequest(
            to=target, lines=wanted, request_id=request_id, by="stf_1", **{"from": origin}
        )
        return (await call(self.stub.PlanTransfer, request)).transfer

    async def dispatch(self, transfer_id: str) -> transfers_pb2.Transfer:
        request = transfers_pb2.DispatchTransferRequest(id=transfer_id, by="stf_1")
        return (await call(self.stub.DispatchTransfer, request)).transfer

    async def receive(self, transfer_id: str, *lines: transfers_pb2.TransferLine) -> transfers_pb2.Transfer:
        request = transfers_pb2.ReceiveTransferRequest(id=transfer_id, lines=lines, by="stf_2")
        return (await call(self.stub.ReceiveTransfer, request)).transfer

    async def cancel(self, transfer_id: str) -> transfers_pb2.Transfer:
        return (await call(self.stub.CancelTransfer, transfers_pb2.CancelTransferRequest(id=transfer_id))).transfer

    async def stock(self, sku: str) -> stock_pb2.SkuStock:
        (stock,) = (await call(self.counter.stock.GetStock, stock_pb2.GetStockRequest(skus=[sku]))).stocks
        return stock

    async def total(self, sku: str) -> int:
        """All units there are: on shelves, beside them, under way."""
        stock = await self.stock(sku)
        graded = sum(each.units for row in stock.warehouses for each in row.graded)
        return sum(row.on_hand for row in stock.warehouses) + graded + stock.in_transit


@pytest.fixture
def desk(counter: Counter) -> Desk:
    return Desk(counter)


async def test_goods_leave_are_under_way_and_arrive(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", "B")
    transfer = await desk.plan({"A": 4, "B": 1})
    assert (transfer.state, await counter.there("A")) == (PLANNED, ({"main": 10}, 0, 10))
    await desk.dispatch(transfer.id)
    assert ((await desk.stock("A")).in_transit, await counter.there("A")) == (4, ({"main": 6}, 0, 6))
    done = await desk.receive(transfer.id)
    assert (done.state, [line.received for line in done.lines]) == (RECEIVED, [4, 1])
    assert ((await desk.stock("A")).in_transit, await counter.there("A")) == (0, ({"main": 6, "north": 4}, 0, 10))
    await counter.house.settled()
    ledger = (await call(counter.stock.ListMovements, stock_pb2.ListMovementsRequest(sku="A"))).movements
    moved = sorted((m.reason, m.warehouse, m.quantity) for m in ledger if m.reference == transfer.id)
    assert moved == [("transfer_in", "north", 4), ("transfer_out", "main", -4)]


async def test_what_did_not_come_well_is_booked_with_its_reason(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    transfer = await desk.plan({"A": 6})
    await desk.dispatch(transfer.id)
    line = transfers_pb2.TransferLine(sku="A", received=3, damaged=2, reason="the pallet fell")
    done = await desk.receive(transfer.id, line)
    assert [(row.received, row.damaged, row.lost) for row in done.lines] == [(3, 2, 1)]
    assert await counter.there("A") == ({"main": 4, "north": 3}, 0, 7)
    assert await desk.total("A") == 9
    await counter.house.settled()
    ledger = (await call(counter.stock.ListMovements, stock_pb2.ListMovementsRequest(sku="A"))).movements
    why = sorted((m.reason, m.grade, m.quantity, m.note) for m in ledger if m.reason in ("loss", "damage"))
    said = "the pallet fell"
    assert why == [("damage", "A", -2, said), ("damage", "C", 2, said), ("loss", "A", -1, said)]
    assert sum(m.quantity for m in ledger if m.grade == "A") == 7


async def test_each_step_happens_once_however_often_it_is_asked_for(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    plans = await all_at_once(*(desk.plan({"A": 3}, request_id="r1") for _ in range(5)))
    assert len({plan.id for plan in plans}) == 1
    for step in (desk.dispatch, desk.receive):
        answers = await all_at_once(*(step(plans[0].id) for _ in range(5)))
        assert reasons(answers) == []
    assert await counter.there("A") == ({"main": 7, "north": 3}, 0, 10)
    for step in (desk.dispatch, desk.cancel):
        with pytest.raises(WrongState) as refused:
            await step(plans[0].id)
        assert refused.value.reason == "TRANSFER_CLOSED"


async def test_a_short_shelf_lets_nothing_leave(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", "B")
    await counter.hold("ord_1", {"B": 8})
    transfer = await desk.plan({"A": 1, "B": 3})
    with pytest.raises(WrongState) as refused:
        await desk.dispatch(transfer.id)
    assert (refused.value.reason, refused.value.meta) == ("WAREHOUSE_SHORT", {"sku": "B", "warehouse": "main"})
    assert await counter.there("A") == ({"main": 10}, 0, 10)
    for _ in range(2):
        assert (await desk.cancel(transfer.id)).state == CANCELLED
    await counter.check()


async def test_nonsense_is_refused(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    for lines, origin, target in (({}, "a", "b"), ({"A": 0}, "a", "b"), ({"A": 1}, "a", "a"), ({"A": 1}, "a.b", "c")):
        with pytest.raises(Invalid):
            await desk.plan(lines, origin, target)
    with pytest.raises(NotFound):
        await desk.plan({"NOWHERE": 1})
    with pytest.raises(NotFound):
        await desk.dispatch("trf_none")
    transfer = await desk.plan({"A": 2})
    with pytest.raises(WrongState):
        await desk.receive(transfer.id)
    await desk.dispatch(transfer.id)
    for line in ({"sku": "A", "received": 3}, {"sku": "A", "received": 1}, {"sku": "B", "received": 1}):
        with pytest.raises(Invalid) as refused:
            await desk.receive(transfer.id, transfers_pb2.TransferLine(**line))  # type: ignore[arg-type]
        assert refused.value.reason == "INVALID_TRANSFER"


async def test_transfers_are_listed_newest_first_by_state(desk: Desk, counter: Counter) -> None:
    await counter.sell("A")
    made = [(await desk.plan({"A": 1})).id for _ in range(3)]
    await desk.dispatch(made[1])
    asked = transfers_pb2.ListTransfersRequest(state=transfers_pb2.TRANSFER_STATE_PLANNED)
    asked.page.limit = 1
    first = await call(desk.stub.ListTransfers, asked)
    asked.page.cursor = first.next_cursor
    second = await call(desk.stub.ListTransfers, asked)
    assert [row.id for page in (first, second) for row in page.transfers] == [made[2], made[0]]
    assert second.next_cursor == ""


async def test_a_random_walk_of_many_hands_loses_nothing(desk: Desk, counter: Counter) -> None:
    await counter.sell("A", stock=30)
    chance = random.Random(7)
    lost = 0
    for _ in range(8):
        ways = [chance.sample(["main", "north", "south"], 2) for _ in range(3)]
        made = [await desk.plan({"A": chance.randint(1, 9)}, *way) for way in ways]
        sent = await all_at_once(*(desk.dispatch(each.id) for each in made), counter.receive("A", 1))
        lost -= 1  # the receipt
        under_way = [each for each in sent if isinstance(each, transfers_pb2.Transfer)]
        assert all(isinstance(each, Refused) or each in under_way for each in sent[:-1])
        assert await desk.total("A") == 30 - lost
        for each in under_way:
            gone = chance.randint(0, each.lines[0].quantity)
            line = transfers_pb2.TransferLine(sku="A", received=each.lines[0].quantity - gone, reason="lost")
            await desk.receive(each.id, line)
            lost += gone
            assert await desk.total("A") == 30 - lost
    await counter.check()


UNITS = st.integers(1, 5)
WHERE = st.sampled_from(["main", "north"])
STEPS = st.lists(st.tuples(st.sampled_from(["out", "in", "damage", "regrade", "sale"]), WHERE, UNITS), max_size=25)


def applied(document: dict[str, Any], change: Any) -> bool:
    """What the database would do with a change; whether its condition held."""

    def at(path: str) -> int:
        value: Any = document
        for part in path.split("."):
            value = value.get(part, 0) if isinstance(value, dict) else 0
        return int(value or 0)

    if change.where["refs"]["$ne"] in document["refs"]:
        return False
    if any(at(path) < least["$gte"] for path, least in change.where.items() if path not in ("_id", "refs", "parts")):
        return False
    for path, more in change.update["$inc"].items():
        *folders, name = path.split(".")
        place = document
        for part in folders:
            place = place.setdefault(part, {})
        place[name] = place.get(name, 0) + more
    document["refs"].append(change.where["refs"]["$ne"])
    return True


@given(STEPS)
def test_whatever_moves_units_are_neither_made_nor_lost(steps: list[tuple[str, str, int]]) -> None:
    document: dict[str, Any] = {
        "_id": "A", "product_id": "p", "on_hand": {"main": 9}, "available": 9, "graded": {}, "in_transit": 0, "refs": []
    }  # fmt: skip
    told: dict[tuple[str, str], int] = defaultdict(int, {("main", "A"): 9})
    gone = 0
    for n, (what, where, units) in enumerate(steps):
        moves, transit = {
            "out": ([Move(where, -units, "transfer_out")], units),
            "in": ([Move(where, units, "transfer_in")], -units),
            "damage": ([Move(where, -units, "damage"), Move(where, units, "damage", "C")], 0),
            "regrade": ([Move(where, -units, "regrade", "C"), Move(where, units, "regrade", "A")], 0),
            "sale": ([Move(where, -units, "sample")], 0),
        }[what]
        change = moving(document, moves, ref=f"r{n}", reference="", by="t", at=NOW, transit=transit)
        if applied(document, change):
            gone += units if what == "sale" else 0
            for event in change.events:
                told[event.warehouse, event.grade] += event.quantity  # type: ignore[attr-defined]
        graded = sum(units for grades in document["graded"].values() for units in grades.values())
        on_hand = sum(document["on_hand"].values())
        assert on_hand + graded + document["in_transit"] + gone == 9
        assert on_hand == document["available"] >= 0
        assert all(units >= 0 for units in document["on_hand"].values())
    kept = {(code, "A"): units for code, units in document["on_hand"].items()}
    kept |= {(code, grade): n for code, grades in document["graded"].items() for grade, n in grades.items()}
    assert {key: units for key, units in told.items() if units} == {key: units for key, units in kept.items() if units}
