"""This is where units are followed from lots to orders: oldest first, once a movement, nothing lost."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1 import traces_pb2
from shop.catalog.v1.events_pb2 import StockMoved

from services.catalog.baskets import Basket
from services.catalog.purchasing.lots import Lot, unknown_lot_id
from services.catalog.purchasing.traces import LotUse, Traces, taken
from services.catalog.store import keep
from services.kit.errors import NotFound
from services.kit.events import Told
from services.kit.money import Money
from services.kit.rpc import call
from tests.catalog.purchasing.buyer import Buyer

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def lot(name: str, units: int, days_ago: int, supplier: str = "sup") -> Lot:
    at = NOW - timedelta(days=days_ago)
    return Lot(name, "A", "main", supplier, "", "", "", units, 0, units, Money("CNY", 1), at)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), max_size=6), st.integers(1, 80))
def test_units_are_taken_oldest_first_and_all_of_them_are_accounted_for(
    stock: list[tuple[int, int]], quantity: int
) -> None:
    lots = [lot(f"lot{i}", units, days) for i, (units, days) in enumerate(stock)]
    use = LotUse("e", "A", "main", "sale", "ord", NOW, [])
    taken(use, quantity, lots)
    assert sum(part.units for part in use.parts) == quantity
    assert all(each.remaining >= 0 for each in lots)
    last = max((each.at for each in lots if each.remaining < each.units), default=None)
    assert all(each.remaining == 0 for each in lots if last and each.at < last)
    nobody = sum(part.units for part in use.parts if not part.lot_id)
    assert nobody == max(0, quantity - sum(each.units for each in lots))


def test_what_stood_there_before_goes_first_and_what_came_later_is_not_touched() -> None:
    lots = [lot("new", 5, -1), lot("old", 5, 2), lot("before", 5, 1, supplier="")]
    use = LotUse("e", "A", "main", "sale", "ord", NOW, [])
    taken(use, 12, lots)
    assert [(part.lot_id, part.units) for part in use.parts] == [("before", 5), ("old", 5), ("", 2)]


def replica(buyer: Buyer) -> Traces:
    """Another one who follows the same units."""
    ground = buyer.counter.started.ground
    uses, baskets = keep(ground, "lot_uses", LotUse, tells=False), keep(ground, "baskets", Basket, tells=False)
    return Traces(uses, buyer.purchasing.tables.lots, baskets)


async def two_lots(buyer: Buyer) -> tuple[str, str]:
    """Two of A from before, then five and five from a supplier."""
    await buyer.counter.sell("A", stock=2)
    await buyer.quotes(await buyer.supplier("Kiln"), "A")
    order = await buyer.sent("A", 10)
    lots = []
    for key in ("k1", "k2"):
        buyer.clock.advance(days=1)
        lots.append((await buyer.receive(order, "A", 5, 0, key)).receipt.lines[0].lot_id)
    return lots[0], lots[1]


async def test_an_order_knows_its_lots_and_a_lot_its_orders(buyer: Buyer) -> None:
    first, second = await two_lots(buyer)
    await buyer.buys("ord_1", "A", 4)
    await buyer.buys("ord_2", "A", 4)
    before = unknown_lot_id("A", "main")
    assert await buyer.origins("ord_1") == [("A", 2, first, "Kiln"), ("A", 2, before, "")]
    assert await buyer.origins("ord_2") == sorted([("A", 1, second, "Kiln"), ("A", 3, first, "Kiln")])
    traced = await call(buyer.traces.TraceLot, traces_pb2.TraceLotRequest(lot_id=first))
    assert [(row.order_id, row.units) for row in traced.orders] == [("ord_1", 2), ("ord_2", 3)]
    assert (traced.lot.units, traced.lot.remaining, traced.lot.supplier_name) == (5, 0, "Kiln")
    page = traces_pb2.TraceLotRequest(lot_id=first)
    page.page.limit = 1
    one = await call(buyer.traces.TraceLot, page)
    page.page.cursor = one.next_cursor
    two = await call(buyer.traces.TraceLot, page)
    assert [row.order_id for row in (*one.orders, *two.orders)] == ["ord_1", "ord_2"]
    assert two.next_cursor == ""
    await buyer.lots_add_up("A")


async def test_what_comes_back_or_is_lost_leaves_the_lots_as_the_shelf_is(buyer: Buyer) -> None:
    await two_lots(buyer)
    await buyer.buys("ord_1", "A", 4)
    buyer.clock.advance(seconds=1)
    await buyer.counter.receive("A", -2, reason="damage", request_id="d")
    await buyer.counter.receive("A", 3, reason="return", request_id="b")
    await buyer.lots_add_up("A")


async def test_movements_told_twice_and_shuffled_change_nothing(buyer: Buyer) -> None:
    await two_lots(buyer)
    for n in range(4):
        await buyer.buys(f"ord_{n}", "A", 2)
    await buyer.lots_add_up("A")
    traces = replica(buyer)
    told = [
        (
            StockMoved(
                sku=row["sku"],
                warehouse=row["warehouse"],
                quantity=row["quantity"],
                reason=row["reason"],
                reference=row["reference"],
                at=row["at"].isoformat(),
            ),
            Told(row["_id"], row["at"].isoformat(), 1, {}),
        )
        async for row in buyer.counter.database["movements"].find({}).sort("_id", 1)
    ]
    books = [each async for each in buyer.counter.database["lots"].find({}).sort("_id", 1)]
    random.shuffle(told)
    await traces.on_stock_moved(told * 2)
    await traces.on_stock_moved(told[:3])
    assert [each async for each in buyer.counter.database["lots"].find({}).sort("_id", 1)] == books


async def test_units_an_order_did_not_keep_are_the_lots_again(buyer: Buyer) -> None:
    first, _ = await two_lots(buyer)
    await buyer.buys("ord_1", "A", 4)
    await buyer.counter.house.settled()
    traces = replica(buyer)
    at = buyer.clock.now().isoformat()
    undone = StockMoved(sku="A", warehouse="main", quantity=4, reason="sale", reference="ord_1", at=at)
    await traces.on_stock_moved([(undone, Told("evt_undone", at, 1, {}))])
    assert (await traces.lot(first)).remaining == 5
    with pytest.raises(NotFound):
        await buyer.origins("ord_none")


async def test_a_shelf_without_lots_costs_nothing_and_its_orders_are_of_unknown_origin(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    await buyer.buys("ord_1", "A", 4)
    await buyer.counter.house.settled()
    assert await buyer.counter.database["lot_uses"].find_one({"order_id": "ord_1"}) is None
