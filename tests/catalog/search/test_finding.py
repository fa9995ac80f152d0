"""This is where customers look for things."""

import asyncio
import itertools

import pytest
from shop.catalog.v1 import products_pb2 as pb
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Invalid
from services.kit.rpc import call
from tests.catalog.counter import Counter, cells

GOODS = [
    cells("MUG", title="Red mug", category="Kitchen", price_minor=900, description="for tea", tags="red,ceramic"),
    cells("TEA", title="Green tea", category="Food", price_minor=500, tags="green"),
    cells(
        "POT", title="Teapots of glass", category="Kitchen", price_minor=3000, description="holds tea for six", stock=0
    ),
    cells("BEI", title="圣诞玻璃杯", category="厨房", price_minor=1500, tags="红,玻璃"),
    cells("VAS", title="Red vase", category="Home", price_minor=900),
]


def skus(found: pb.SearchProductsResponse) -> list[str]:
    return [item.sku for item in found.items]


@pytest.fixture
async def filled(counter: Counter) -> Counter:
    assert all(answer.ok for answer in await counter.take_in(*GOODS))
    await counter.take_in(cells("DRAFT", title="Red draft"), publish=False)
    return counter


async def test_words_find_titles_first_in_both_languages(filled: Counter) -> None:
    *titles, elsewhere = skus(await filled.search(q="tea"))
    assert (sorted(titles), elsewhere) == (["POT", "TEA"], "MUG")  # teapots begin with it; the mug is `for tea`
    assert skus(await filled.search(q="green teas")) == ["TEA"]
    assert skus(await filled.search(q="圣诞")) == ["BEI"]
    assert skus(await filled.search(q="玻璃杯")) == ["BEI"]
    assert skus(await filled.search(q="RED MU")) == ["MUG"]
    assert skus(await filled.search(q="blue")) == []
    assert skus(await filled.search(q="MUG")) == ["MUG"]


async def test_filters_hold_together(filled: Counter) -> None:
    assert sorted(skus(await filled.search(category="kitchen"))) == ["MUG", "POT"]
    assert skus(await filled.search(category="kitchen", in_stock=True)) == ["MUG"]
    assert skus(await filled.search(tag="红")) == ["BEI"]
    priced = await filled.search(min_price=900, max_price=1500, sort=pb.PRODUCT_SORT_PRICE_DESC)
    assert (skus(priced)[0], sorted(skus(priced)[1:])) == ("BEI", ["MUG", "VAS"])
    assert skus(await filled.search(q="red", category="home")) == ["VAS"]
    assert skus(await filled.search(category="nowhere")) == []


async def test_a_category_holds_what_is_below_it(filled: Counter) -> None:
    for id, title, parent in (("all", "All", ""), ("kitchen", "Kitchen", "all"), ("厨房", "厨房", "kitchen")):
        request = pb.PutCategoryRequest(category=pb.Category(id=id, title=title, parent=parent))
        await call(filled.products.PutCategory, request)
    assert sorted(skus(await filled.search(category="all"))) == ["BEI", "MUG", "POT"]


async def test_facets_count_what_was_found_on_the_first_page(filled: Counter) -> None:
    found = await filled.search(q="red", page=Page(limit=1))
    counts = {facet.name: {value.value: value.count for value in facet.values} for facet in found.facets}
    assert counts == {"category": {"kitchen": 1, "home": 1}, "tag": {"red": 1, "ceramic": 1}, "price": {"0-1000": 2}}
    assert found.total == 2
    after = await filled.search(q="red", page=Page(limit=1, cursor=found.next_cursor))
    assert not after.facets
    assert sorted([*skus(found), *skus(after)]) == ["MUG", "VAS"]


async def test_pages_in_every_order_show_each_product_once(counter: Counter) -> None:
    for n in range(23):
        titled = {"title": "Thing" if n % 2 else "Other", "description": "thing", "price_minor": n % 5}
        await counter.take_in(cells(f"S{n:02}", **titled))
    for sort, q in itertools.product(pb.ProductSort.keys(), ("", "thing")):
        shown = await _every_page(counter, q, pb.ProductSort.Value(sort))
        assert sorted(item.sku for item in shown) == [f"S{n:02}" for n in range(23)], (sort, q)
        prices = [item.price.minor for item in shown]
        if "PRICE" in sort:
            assert prices == sorted(prices, reverse="DESC" in sort)
        elif q and sort in ("PRODUCT_SORT_RELEVANCE", "PRODUCT_SORT_UNSPECIFIED"):
            assert [item.title for item in shown] == ["Thing"] * 11 + ["Other"] * 12
        elif sort != "PRODUCT_SORT_SALES":
            assert shown[0].sku == "S22"


async def _every_page(counter: Counter, q: str, sort: int) -> list[pb.ProductCard]:
    shown, cursor = list[pb.ProductCard](), ""
    for _ in range(6):
        found = await counter.search(q=q, sort=sort, page=Page(limit=4, cursor=cursor))
        shown, cursor = [*shown, *found.items], found.next_cursor
    assert not cursor
    return shown


async def test_what_sells_best_comes_first_and_a_repeated_word_of_it_counts_once(filled: Counter) -> None:
    ids = {item.sku: item.id for item in (await filled.search()).items}
    sold = (("ord_1", "TEA", 5, 500), ("ord_1", "TEA", 5, 500), ("ord_2", "MUG", 9, 900), ("ord_3", "TEA", 1, 500))
    for order, sku, quantity, price in sold:
        await filled.hold(order, {sku: quantity}, price=price)
        await filled.confirm(order, (sku, "main", quantity))

    async def counted() -> bool:
        document = await filled.database["products"].find_one({"_id": ids["TEA"]})
        return document is not None and document["sales"] == 6

    async with asyncio.timeout(10):
        while not await counted() or skus(await filled.search(sort=pb.PRODUCT_SORT_SALES))[:2] != ["MUG", "TEA"]:
            await asyncio.sleep(0.05)
    assert skus(await filled.search(sort=pb.PRODUCT_SORT_SALES))[:2] == ["MUG", "TEA"]


async def test_what_cannot_be_searched_for_is_refused(counter: Counter) -> None:
    for asked in (
        {"page": Page(limit=101)},
        {"page": Page(limit=-1)},
        {"page": Page(cursor="zz")},
        {"page": Page(cursor="5b302c315d")},
        {"page": Page(cursor="5b302c2278222c2279225d")},
        {"q": "x" * 201},
        {"q": "\x00"},
        {"min_price": -1},
        {"max_price": 2**62},
    ):
        with pytest.raises(Invalid) as refused:
            await counter.search(**asked)
        assert refused.value.reason == "INVALID_PAGE"
    for odd in ("$where", ".*", "\\", "[", "a" * 200, "'; drop", "🫖"):
        assert not (await counter.search(q=odd)).items
