"""This is where what an order took is taken from another warehouse: all or none, once, never what is promised to others."""

import pytest
from shop.catalog.v1.stock_pb2 import GetStockRequest, MoveTakenRequest, TakenLine

from services.kit.errors import Invalid, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, reasons


async def move(
    counter: Counter, found: str = "sound", to: str = "north", request: str = "shp_1.1", **lines: int
) -> str:
    asked = MoveTakenRequest(
        request_id=request,
        order_id="ord_1",
        lines=[TakenLine(sku=sku, quantity=count) for sku, count in (lines or {"A": 4}).items()],
        warehouse="main",
        found=found,
        to=to,
        by="stf_1",
    )
    return (await call(counter.stock.MoveTaken, asked)).warehouse


async def taken(counter: Counter, north: int = 5) -> None:
    """Of ten in the main warehouse an order took four; so many are in the north."""
    await counter.sell("A", "B")
    for sku in "AB":
        await counter.receive(sku, north, "north")
    await counter.hold("ord_1", {"A": 4, "B": 4})
    await counter.confirm("ord_1", ("A", "main", 4), ("B", "main", 4))


async def test_sound_goods_change_places_and_as_many_can_be_ordered(counter: Counter) -> None:
    await taken(counter)
    before = (await counter.there("A"))[2]
    answers = await all_at_once(*(move(counter, A=4, B=4) for _ in range(5)))
    assert answers == ["north"] * 5
    assert await counter.there("A") == ({"main": 10, "north": 1}, 0, before)
    assert await counter.there("B") == ({"main": 10, "north": 1}, 0, before)
    assert await move(counter, to="south") == "north"  # where it was taken from, whatever is asked now
    assert await move(counter, found="", to="") == "north"
    assert await move(counter, found="", to="", request="shp_2.1") == ""
    await counter.check()


@pytest.mark.parametrize(("found", "graded"), [("damaged", [("C", 4)]), ("lost", [])])
async def test_what_is_not_sound_is_not_sold_again(counter: Counter, found: str, graded: list[object]) -> None:
    await taken(counter)
    await move(counter, found, "", "shp_1.1.off")
    assert await counter.there("A") == ({"main": 6, "north": 5}, 0, 11)
    assert await move(counter, "", "north") == "north"
    assert await counter.there("A") == ({"main": 6, "north": 1}, 0, 7)
    (stock,) = (await call(counter.stock.GetStock, GetStockRequest(skus=["A"]))).stocks
    main = next(one for one in stock.warehouses if one.warehouse == "main")
    assert [(one.grade, one.units) for one in main.graded] == graded
    await counter.check()


async def test_one_line_short_moves_none(counter: Counter) -> None:
    await taken(counter)
    await counter.receive("B", -2, "north", reason="damage")
    with pytest.raises(WrongState) as refused:
        await move(counter, A=4, B=4)
    assert (refused.value.reason, refused.value.meta["warehouse"], refused.value.meta["sku"]) == (
        "WAREHOUSE_SHORT",
        "north",
        "B",
    )
    assert await counter.there("A") == ({"main": 6, "north": 5}, 0, 11)
    await counter.receive("B", 2, "north")
    assert await move(counter, A=4, B=4) == "north"


async def test_what_others_were_promised_is_not_taken(counter: Counter) -> None:
    await taken(counter)
    await counter.hold("ord_2", {"A": 9})  # of eleven
    with pytest.raises(WrongState):
        await move(counter, "lost")
    assert await move(counter, "sound", request="shp_1.2") == "north"
    await counter.check()


async def test_of_two_that_want_the_last_units_there_one_has_them(counter: Counter) -> None:
    await taken(counter)
    answers = await all_at_once(
        move(counter, request="shp_1.1"), move(counter, request="shp_2.1"), move(counter, "lost", request="shp_3.1")
    )
    assert sorted(answer for answer in answers if isinstance(answer, str)) == ["north"]
    assert set(reasons(answers)) == {"WAREHOUSE_SHORT"}
    assert (await counter.there("A"))[0]["north"] == 1
    await counter.check()


async def test_nonsense_is_refused(counter: Counter) -> None:
    await taken(counter)
    for wrong in ({"found": "stolen"}, {"to": "$where"}, {"request": "a b"}, {"A": 0}):
        with pytest.raises(Invalid):
            await move(counter, **wrong)
