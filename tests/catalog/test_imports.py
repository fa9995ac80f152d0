"""This is where files of goods come in."""

import pytest
from shop.catalog.v1 import products_pb2 as pb
from shop.catalog.v1.events_pb2 import PriceChanged, ProductChanged, StockMoved
from shop.catalog.v1.prices_pb2 import GetPriceHistoryRequest

from services.catalog.rows import Answer, Row, read
from services.kit.errors import Invalid
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cells, reasons


def faults(row: dict[str, str], *, photos: bool = False) -> list[str]:
    answer = read(2, row, photos=photos)
    return sorted(error.pointer for error in answer.errors) if isinstance(answer, Answer) else []


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({}, []),
        ({"price_minor": "0"}, []),
        ({"description": "two\nlines", "tags": "a;b，c", "warehouse": "north", "image_url": "https://x.example/a"}, []),
        ({"title": "=1+1"}, []),
        ({"sku": ""}, ["sku"]),
        ({"sku": "a b"}, ["sku"]),
        ({"title": "  "}, ["title"]),
        ({"title": "x\x00"}, ["title"]),
        ({"price_minor": "9.99"}, ["price_minor"]),
        ({"price_minor": "-1", "stock": "many", "weight_g": ""}, ["price_minor", "stock", "weight_g"]),
        ({"currency": "yuan"}, ["currency"]),
        ({"colour": "red"}, ["colour"]),
        ({"warehouse": "a.b"}, ["warehouse"]),
        ({"image_url": "file:///etc/passwd"}, ["image_url"]),
        ({"category": "&&"}, ["category"]),
        ({"stock": "99999999999"}, ["stock"]),
        ({"stock": "٣"}, ["stock"]),
    ],
)
def test_each_fault_of_a_row_is_said_by_its_column(change: dict[str, str], columns: list[str]) -> None:
    assert faults(cells("A") | change) == columns


def test_a_missing_column_and_a_missing_picture_are_faults() -> None:
    row = cells("A")
    del row["cost_minor"]
    assert faults(row) == ["cost_minor"]
    assert faults(cells("A"), photos=True) == ["image_url"]
    assert isinstance(read(2, cells("A", image_url="https://x.example/a.png"), photos=True), Row)


async def test_good_rows_go_in_and_bad_ones_say_why(counter: Counter) -> None:
    answers = await counter.take_in(
        cells("A"), cells("B", price_minor="cheap"), cells("A", title="twice"), cells("C", stock=0), {"sku": "D"}
    )
    assert [(each.row, each.sku, each.ok) for each in answers] == [
        (2, "A", True),
        (3, "B", False),
        (4, "A", False),
        (5, "C", True),
        (6, "D", False),
    ]
    assert [error.column for error in answers[1].errors] == ["price_minor"]
    assert answers[2].errors[0].message == "is in row 2 already"
    assert len(answers[4].errors) == 7
    assert {item.sku for item in (await counter.search(category="home-garden")).items} == {"A", "C"}
    assert (await call(counter.products.ListCategories, pb.ListCategoriesRequest())).categories[
        0
    ].title == "Home & Garden"
    await counter.house.settled()
    assert [(each.sku, each.quantity, each.reason) for each in counter.house.told(StockMoved)] == [("A", 10, "import")]
    assert len(counter.house.told(ProductChanged)) == 2


async def test_the_same_rows_again_change_nothing(counter: Counter) -> None:
    rows = [cells(f"S{n}", tags="a,b") for n in range(20)]
    await counter.take_in(*rows)
    await counter.house.settled()
    told = len(counter.house.told(ProductChanged)), len(counter.house.told(StockMoved))
    assert all(answer.ok for answer in await counter.take_in(*rows))
    await counter.house.settled()
    assert (len(counter.house.told(ProductChanged)), len(counter.house.told(StockMoved))) == told


async def test_a_row_of_a_sku_that_exists_is_the_truth_and_its_stock_a_count(counter: Counter) -> None:
    await counter.take_in(cells("A", description="old", tags="x"), publish=False)
    row = cells("A", title="New", category="Else", price_minor=800, stock=7, weight_g=99)
    (answer,) = await counter.take_in(row, publish=True)
    assert answer.ok
    product = (await call(counter.products.GetProduct, pb.GetProductRequest(id="A"))).product
    assert (product.title, product.category, product.description) == ("New", "else", "old")
    assert (product.variants[0].price.minor, product.variants[0].weight_g) == (800, 99)
    assert await counter.there("A") == ({"main": 7}, 0, 7)
    history = (await call(counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku="A"))).entries
    assert [(each.price.minor, each.reason) for each in history] == [(800, "import"), (900, "import")]
    await counter.house.settled()
    assert [(each.quantity, each.reason) for each in counter.house.told(StockMoved)] == [(10, "import"), (-3, "count")]
    assert [each.new_price.minor for each in counter.house.told(PriceChanged)] == [800]
    await counter.hold("ord_1", {"A": 7}, price=800)
    (low,) = await counter.take_in(cells("A", price_minor=800, stock=6))
    assert [error.column for error in low.errors] == ["stock"]
    assert low.errors[0].message == "must be at least 7: orders hold the others"
    (foreign,) = await counter.take_in(cells("A", currency="EUR", stock=7))
    assert [error.column for error in foreign.errors] == ["currency"]


async def test_one_file_taken_in_by_five_at_once_is_taken_in_once(counter: Counter) -> None:
    rows = [cells(f"S{n}") for n in range(30)]
    answers = await all_at_once(*(counter.take_in(*rows) for _ in range(5)))
    assert reasons(answers) == []
    for sku in ("S0", "S29"):
        assert await counter.there(sku) == ({"main": 10}, 0, 10)
    assert await counter.database["products"].count_documents({"_id": {"$gt": ""}}) == 30
    await counter.house.settled()
    assert sum(each.quantity for each in counter.house.told(StockMoved)) == 300
    await counter.check()


async def test_what_a_crash_left_half_done_the_same_rows_finish(counter: Counter) -> None:
    await counter.take_in(cells("A"))
    await counter.database["products"].delete_many({"_id": {"$gt": ""}})
    await counter.database["prices"].delete_many({"_id": {"$gt": ""}})
    assert (await counter.take_in(cells("A")))[0].ok
    product = (await call(counter.products.GetProduct, pb.GetProductRequest(id="A"))).product
    history = (await call(counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku=product.id))).entries
    assert [each.price.minor for each in history] == [900]
    assert await counter.there("A") == ({"main": 10}, 0, 10)


async def test_five_hundred_rows_and_no_more(counter: Counter) -> None:
    rows = [cells(f"S{n}", title=f"玻璃杯 number {n}") for n in range(500)]
    assert all(answer.ok for answer in await counter.take_in(*rows))
    with pytest.raises(Invalid):
        await counter.take_in(*rows, cells("ONE-MORE"))
    assert (await counter.search(q="玻璃")).next_cursor


async def test_outside_development_nothing_goes_on_sale_without_a_picture_and_a_spec_table(counter: Counter) -> None:
    await counter.started.stop()
    await counter.house.start(
        "catalog", shop_env="production", seal_key="cHJvZHVjdGlvbi1zZWFsLWtleS0wMDAwMDAwMDAwMDA=", device_key="d"
    )
    restarted = Counter(counter.house, counter.house.started["catalog"])
    picture = {"image_url": "https://x.example/b.png"}
    bare, no_table, elsewhere = await restarted.take_in(
        cells("A"), cells("B", **picture), cells("C", **picture, attributes="material=cotton; 尺码：M")
    )
    assert [error.column for error in bare.errors] == ["image_url"]
    assert {error.column for error in no_table.errors} == {"attributes", "image_url"}
    # Nobody has looked at that one, nor said by what right it is shown.
    assert {error.column for error in elsewhere.errors} == {"image_url"}
