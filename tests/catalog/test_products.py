"""This is where products are written, changed and shown."""

import json
from typing import Any

import pytest
from shop.catalog.v1 import products_pb2 as pb
from shop.catalog.v1.events_pb2 import ProductChanged
from shop.catalog.v1.prices_pb2 import QuoteSkusRequest

from services.kit.errors import AlreadyExists, Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cny, reasons


def shirt(**more: Any) -> pb.Product:
    """A T-shirt in two sizes."""
    product = pb.Product(
        title="T-shirt",
        description="Soft.\nWarm.",
        tags=["cotton", "cotton", "summer"],
        attributes=[pb.Attribute(name="material", value="cotton")],
        media=[pb.Media(url="https://pictures.example/1.jpg", alt="a shirt")],
        variants=[
            pb.Variant(
                sku=f"TS-{size}", options=[pb.Attribute(name="size", value=size)], price=cny(price), cost=cny(100)
            )
            for size, price in (("M", 900), ("L", 1000))
        ],
    )
    product.MergeFrom(pb.Product(**more))
    return product


async def create(counter: Counter, product: pb.Product | None = None) -> pb.Product:
    request = pb.CreateProductRequest(product=product or shirt(), by="stf_1")
    return (await call(counter.products.CreateProduct, request)).product


async def patch(counter: Counter, product_id: str, change: object, if_version: int = 0) -> pb.Product:
    request = pb.UpdateProductRequest(
        id=product_id, if_version=if_version, patch=json.dumps(change).encode(), by="stf_1"
    )
    return (await call(counter.products.UpdateProduct, request, timeout_s=20)).product


async def step(counter: Counter, product_id: str, name: str) -> pb.Product:
    move = pb.ListingMove.Value(f"LISTING_MOVE_{name.upper()}")
    return (await call(counter.products.MoveListing, pb.MoveListingRequest(id=product_id, move=move, by="stf"))).product


async def show(counter: Counter, id_or_sku: str, *, staff: bool = False) -> pb.Product:
    return (await call(counter.products.GetProduct, pb.GetProductRequest(id=id_or_sku, staff=staff))).product


async def on_sale(counter: Counter) -> pb.Product:
    await call(counter.products.PutCategory, pb.PutCategoryRequest(category=pb.Category(title="Shirts")))
    product = await create(counter, shirt(category="shirts"))
    for name in ("submit", "approve", "publish"):
        product = await step(counter, product.id, name)
    return product


async def test_from_draft_to_sale_and_back(counter: Counter) -> None:
    product = await on_sale(counter)
    assert product.state == pb.LISTING_STATE_LIVE
    for id_or_sku in (product.id, "TS-M", "TS-L"):
        shown = await show(counter, id_or_sku)
        assert (shown.title, [each.sku for each in shown.variants]) == ("T-shirt", ["TS-M", "TS-L"])
        assert not any(each.HasField("cost") for each in shown.variants)
    assert (await show(counter, product.id, staff=True)).variants[0].cost.minor == 100
    assert list(shown.tags) == ["cotton", "summer"]
    quotes = (await call(counter.prices.QuoteSkus, QuoteSkusRequest(skus=["TS-L"]))).quotes
    assert [(q.title, q.live, q.category) for q in quotes] == [("T-shirt (L)", True, "shirts")]
    await step(counter, product.id, "delist")
    with pytest.raises(NotFound):
        await show(counter, product.id)
    with pytest.raises(WrongState):
        await counter.hold("ord_1", {"TS-M": 1})
    await step(counter, product.id, "publish")
    await counter.house.settled()
    assert [each.live for each in counter.house.told(ProductChanged)] == [False, False, False, True, False, True]


async def test_a_listing_takes_no_short_cut(counter: Counter) -> None:
    product = await create(counter)
    for name in ("approve", "publish", "delist"):
        with pytest.raises(WrongState) as refused:
            await step(counter, product.id, name)
        assert refused.value.reason == "ILLEGAL_TRANSITION"
    with pytest.raises(WrongState) as lacking:
        await step(counter, product.id, "submit")
    assert lacking.value.reason == "LISTING_REFUSED"
    assert [error.pointer for error in lacking.value.errors] == ["/category"]


async def test_what_was_changed_off_sale_is_reviewed_again(counter: Counter) -> None:
    product = await on_sale(counter)
    await step(counter, product.id, "delist")
    await patch(counter, product.id, {"title": "Another thing"})
    with pytest.raises(WrongState) as refused:
        await step(counter, product.id, "publish")
    assert refused.value.reason == "ILLEGAL_TRANSITION"
    for name in ("submit", "approve", "publish"):
        product = await step(counter, product.id, name)
    assert product.title == "Another thing"


async def test_a_sku_is_taken_once(counter: Counter) -> None:
    answers = await all_at_once(*(create(counter) for _ in range(5)))
    assert reasons(answers) == ["SKU_TAKEN"] * 4
    with pytest.raises(AlreadyExists):
        await create(counter, shirt(title=" again"))
    assert await counter.database["products"].count_documents({"_id": {"$gt": ""}}) == 1
    assert await counter.database["prices"].count_documents({"_id": {"$gt": ""}}) == 2


async def test_a_patch_changes_what_it_names(counter: Counter) -> None:
    product = await on_sale(counter)
    change = {"title": "Linen shirt", "tags": ["linen"], "attributes": {"material": "linen"}, "description": None}
    changed = await patch(counter, product.id, change, product.version)
    assert (changed.title, list(changed.tags), changed.description) == ("Linen shirt", ["linen"], "")
    assert changed.attributes[0].value == "linen"
    assert len(changed.media) == 1
    assert changed.version == product.version + 1
    assert (await show(counter, product.id)).version == changed.version
    assert [item.title for item in (await counter.search(q="linen")).items] == ["Linen shirt"]
    assert not (await counter.search(q="soft")).items


async def test_of_twenty_editors_who_saw_one_version_one_is_heard(counter: Counter) -> None:
    product = await create(counter)
    answers = await all_at_once(*(patch(counter, product.id, {"title": f"T{n}"}, product.version) for n in range(20)))
    assert reasons(answers) == ["VERSION_MISMATCH"] * 19


WRONG: list[tuple[object, str]] = [
    ([], ""),
    ("title", ""),
    ({"title": ""}, "/title"),
    ({"title": 5}, "/title"),
    ({"title": "x\x00"}, "/title"),
    ({"title": "x" * 301}, "/title"),
    ({"price": 5}, "/price"),
    ({"a/b": 5}, "/a~1b"),
    ({"tags": "x"}, "/tags"),
    ({"tags": [""]}, "/tags/0"),
    ({"tags": ["x"] * 51}, "/tags"),
    ({"attributes": [{"name": "a"}]}, "/attributes"),
    ({"media": [{"url": "javascript:alert(1)"}]}, "/media/0/url"),
    ({"category": "nowhere"}, "/category"),
]


async def test_a_patch_that_cannot_be_says_where(counter: Counter) -> None:
    product = await create(counter)
    for change, pointer in WRONG:
        with pytest.raises(Invalid) as refused:
            await patch(counter, product.id, change)
        assert [error.pointer for error in refused.value.errors] == [pointer], change


async def test_a_product_that_cannot_be_is_refused(counter: Counter) -> None:
    bad = [
        pb.Product(title="x"),
        shirt(merchant_id="a b"),
        shirt(variants=[pb.Variant(sku="TS-M", price=cny(1))]),
        shirt(variants=[pb.Variant(sku="no spaces", price=cny(1))]),
        shirt(variants=[pb.Variant(sku="X", price=cny(-1))]),
        shirt(variants=[pb.Variant(sku="X")]),
        shirt(title="x" * 301),
    ]
    for product in bad:
        with pytest.raises(Invalid) as refused:
            await create(counter, product)
        assert refused.value.reason == "INVALID_PRODUCT"
    with pytest.raises(Invalid) as unknown:
        await create(counter, shirt(category="nowhere"))
    assert unknown.value.reason == "UNKNOWN_CATEGORY"


async def test_what_is_not_there_is_not_found(counter: Counter) -> None:
    tries = [
        show(counter, "prd_x"),
        show(counter, ""),
        show(counter, "\x00"),
        patch(counter, "prd_x", {"title": "x"}),
        step(counter, "prd_x", "submit"),
    ]
    for one in tries:
        with pytest.raises(Refused) as refused:
            await one
        assert refused.value.reason == "PRODUCT_NOT_FOUND"
    with pytest.raises(Invalid):
        await step(counter, "prd_x", "unspecified")


async def test_categories_are_a_tree(counter: Counter) -> None:
    async def put(id: str, title: str, parent: str = "") -> pb.Category:
        request = pb.PutCategoryRequest(category=pb.Category(id=id, title=title, parent=parent))
        return (await call(counter.products.PutCategory, request)).category

    assert (await put("", "Home & Garden")).id == "home-garden"
    await put("vases", "Vases", "home-garden")
    await put("", "廚房 用品", "vases")
    await put("vases", "All vases", "home-garden")
    tree = (await call(counter.products.ListCategories, pb.ListCategoriesRequest())).categories
    assert [(each.id, each.title, each.parent) for each in tree] == [
        ("home-garden", "Home & Garden", ""),
        ("vases", "All vases", "home-garden"),
        ("廚房-用品", "廚房 用品", "vases"),
    ]
    for wrong in (
        put("x", "X", "nowhere"),
        put("home-garden", "H", "vases"),
        put("A B", "x"),
        put("", " "),
        put("", "&"),
    ):
        with pytest.raises(Invalid):
            await wrong


async def test_how_large_it_is_comes_back_and_every_quote_says_its_room(counter: Counter) -> None:
    box = pb.Variant(sku="BOX", price=cny(900), cost=cny(100), length_mm=400, width_mm=300, height_mm=200)
    made = await create(counter, pb.Product(title="Box", variants=[box, pb.Variant(sku="BAG", price=cny(900))]))
    shown = (await show(counter, made.id, staff=True)).variants[0]
    assert (shown.length_mm, shown.width_mm, shown.height_mm) == (400, 300, 200)
    quotes = (await call(counter.prices.QuoteSkus, QuoteSkusRequest(skus=["BOX", "BAG"]))).quotes
    assert {quote.sku: quote.volume_mm3 for quote in quotes} == {"BOX": 24_000_000, "BAG": 0}
    for length, width, height in ((1, 0, 0), (1, 1, 10**6)):
        wrong = pb.Variant(sku="X", price=cny(1), length_mm=length, width_mm=width, height_mm=height)
        with pytest.raises(Invalid):
            await create(counter, pb.Product(title="X", variants=[wrong]))
