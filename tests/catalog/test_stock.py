"""This is where goods come in, are counted, and come back."""

import pytest
from shop.catalog.v1.stock_pb2 import GetStockRequest, ListMovementsRequest
from shop.logistics.v1.events_pb2 import ParcelRestocked, ShipmentCancelled
from shop.logistics.v1.returns_pb2 import FoundUnits
from shop.logistics.v1.shipments_pb2 import ShipmentLine
from shop.orders.v1.events_pb2 import OrderedLine, ReturnReceived

from services.kit.errors import Invalid, NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cells, reasons


async def test_a_receipt_is_booked_once_a_request(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    answers = await all_at_once(*(counter.receive("A", 7, "north", request_id="r1") for _ in range(10)))
    assert [answer.available for answer in answers] == [7] * 10
    await counter.receive("A", 1, request_id="r2")
    assert await counter.there("A") == ({"main": 1, "north": 7}, 0, 8)


async def test_a_correction_takes_what_is_there_but_not_what_is_promised(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 4})
    await counter.receive("A", -6, reason="damage")
    for quantity, warehouse in ((-1, "main"), (-1, "north")):
        with pytest.raises(Invalid) as refused:
            await counter.receive("A", quantity, warehouse, reason="count")
        assert refused.value.reason == "INVALID_QUANTITY"
    assert await counter.there("A") == ({"main": 4}, 4, 0)
    await counter.check()


async def test_twenty_corrections_at_once_never_fall_below_zero(counter: Counter) -> None:
    await counter.sell("A")
    answers = await all_at_once(*(counter.receive("A", -1, reason="damage", request_id=f"r{n}") for n in range(20)))
    assert set(reasons(answers)) <= {"INVALID_QUANTITY"}
    assert len(reasons(answers)) == 10
    assert await counter.there("A") == ({"main": 0}, 0, 0)


async def test_nonsense_is_refused(counter: Counter) -> None:
    await counter.sell("A")
    for sku, quantity, warehouse, reason in (
        ("A", 0, "main", "receipt"),
        ("A", 10**9, "main", "receipt"),
        ("A", 1, "a.b", "receipt"),
        ("A", 1, "$where", "receipt"),
        ("A", 1, "main", "theft"),
        ("", 1, "main", "receipt"),
    ):
        with pytest.raises(Invalid):
            await counter.receive(sku, quantity, warehouse, reason)
    with pytest.raises(NotFound) as missing:
        await counter.receive("NOWHERE", 1)
    assert missing.value.reason == "SKU_NOT_FOUND"
    with pytest.raises(NotFound):
        await call(counter.stock.ListMovements, ListMovementsRequest(sku="NOWHERE"))
    with pytest.raises(Invalid):
        await call(counter.stock.GetStock, GetStockRequest(skus=["A"] * 1001))
    assert not (await call(counter.stock.GetStock, GetStockRequest(skus=["NOWHERE", "\u6f22", ""]))).stocks


async def test_goods_of_a_cancelled_shipment_go_back_once(counter: Counter) -> None:
    await counter.sell("A", "B")
    lines = [ShipmentLine(sku="A", quantity=1), ShipmentLine(sku="A", quantity=1), ShipmentLine(sku="GONE", quantity=1)]
    event = ShipmentCancelled(shipment_id="shp_1", order_id="ord_1", warehouse="north", lines=lines)
    for _ in range(3):
        await counter.house.tell(event)
    await counter.house.settled()
    assert await counter.there("A") == ({"main": 10, "north": 2}, 0, 12)
    ledger = (await call(counter.stock.ListMovements, ListMovementsRequest(sku="A"))).movements
    assert [(m.reason, m.quantity, m.reference) for m in ledger if m.reason == "return"] == [("return", 2, "shp_1")]


async def test_goods_that_nobody_took_go_back_once_by_how_good_they_are(counter: Counter) -> None:
    await counter.sell("A", "B")
    found = [FoundUnits(sku="A", grade=grade, units=units) for grade, units in (("A", 2), ("C", 1), ("scrap", 1))]
    events = [
        ParcelRestocked(shipment_id="shp_1", order_id="ord_1", warehouse="north", found=found),
        ParcelRestocked(shipment_id="shp_2", warehouse="main", found=[FoundUnits(sku="A", grade="A", units=1)]),
    ]
    for event in (*events, *events):
        await counter.house.tell(event)
    await counter.house.settled()
    assert await counter.there("A") == ({"main": 11, "north": 2}, 0, 13)
    ledger = (await call(counter.stock.ListMovements, ListMovementsRequest(sku="A"))).movements
    moved = sorted((m.reference, m.quantity, m.grade) for m in ledger if m.reference.startswith("shp_"))
    assert moved == [("shp_1", -1, "C"), ("shp_1", 1, "C"), ("shp_1", 1, "C"), ("shp_1", 2, "A"), ("shp_2", 1, "A")]


async def test_sound_returns_go_back_once_and_others_not(counter: Counter) -> None:
    await counter.sell("A", stock=0)
    lines = [OrderedLine(sku="A", quantity=2)]
    for sound, return_id in ((True, "ret_1"), (True, "ret_1"), (False, "ret_2"), (True, "ret_3")):
        await counter.house.tell(ReturnReceived(return_id=return_id, lines=lines, sound=sound))
    await counter.house.settled()
    assert await counter.there("A") == ({"main": 4}, 0, 4)
    assert [item.sku for item in (await counter.search(in_stock=True)).items] == ["A"]


async def test_the_ledger_adds_up_to_the_shelf(counter: Counter) -> None:
    await counter.sell("A", stock=20)
    for n in range(5):
        await counter.hold(f"ord_{n}", {"A": 2})
        await counter.confirm(f"ord_{n}", ("A", "main", 2))
    await counter.receive("A", 3, "north")
    await counter.receive("A", -1, reason="damage")
    await counter.take_in(cells("A", stock=12))
    await counter.house.settled()
    ledger = (await call(counter.stock.ListMovements, ListMovementsRequest(sku="A"))).movements
    on_hand, _, available = await counter.there("A")
    assert on_hand == {"main": 12, "north": 3}
    assert sum(entry.quantity for entry in ledger) == available == 15
    assert ledger[0].at >= ledger[-1].at
