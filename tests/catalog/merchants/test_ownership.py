"""This is where two merchants are shown to meet only what is theirs, whatever they ask catalog for."""

from collections.abc import Callable
from typing import Any

import pytest
from shop.catalog.v1 import notices_pb2, notices_pb2_grpc, prices_pb2, products_pb2, stock_pb2
from shop.catalog.v1.products_pb2 import LISTING_MOVE_DELIST, LISTING_MOVE_PUBLISH, LISTING_MOVE_SUBMIT

from services.catalog.notices import Notice, Notices
from services.catalog.store import NOTICES, Table
from services.kit.errors import NotAllowed, NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter, cells, cny

ANN, BO = "mer_ann", "mer_bo"


async def _written(counter: Counter, merchant_id: str, sku: str) -> products_pb2.Product:
    """A merchant's draft of one SKU."""
    draft = products_pb2.Product(title=f"Thing {sku}", category="", merchant_id=merchant_id)
    draft.variants.add(sku=sku, price=cny(900), cost=cny(400))
    request = products_pb2.CreateProductRequest(product=draft, by="stf_1")
    answer: products_pb2.CreateProductResponse = await call(counter.products.CreateProduct, request)
    return answer.product


def _asks(counter: Counter, product: str, sku: str, who: str) -> dict[str, tuple[Callable[..., Any], Any]]:
    """Everything a merchant's people can ask of a product or a SKU."""
    move = {"submit": LISTING_MOVE_SUBMIT, "publish": LISTING_MOVE_PUBLISH, "delist": LISTING_MOVE_DELIST}
    return {
        "show": (counter.products.GetProduct, products_pb2.GetProductRequest(id=product, staff=True, merchant_id=who)),
        "show by sku": (
            counter.products.GetProduct,
            products_pb2.GetProductRequest(id=sku, staff=True, merchant_id=who),
        ),
        "change": (
            counter.products.UpdateProduct,
            products_pb2.UpdateProductRequest(id=product, patch=b'{"title":"Mine"}', by="stf_1", merchant_id=who),
        ),
        "price": (counter.prices.SetPrice, prices_pb2.SetPriceRequest(sku=sku, price=cny(1), merchant_id=who)),
        "history": (
            counter.prices.GetPriceHistory,
            prices_pb2.GetPriceHistoryRequest(sku=sku, merchant_id=who),
        ),
        "history of product": (
            counter.prices.GetPriceHistory,
            prices_pb2.GetPriceHistoryRequest(sku=product, merchant_id=who),
        ),
        "receive": (
            counter.stock.ReceiveStock,
            stock_pb2.ReceiveStockRequest(sku=sku, quantity=7, reason="receipt", request_id="r1", merchant_id=who),
        ),
        "movements": (counter.stock.ListMovements, stock_pb2.ListMovementsRequest(sku=sku, merchant_id=who)),
        **{
            name: (
                counter.products.MoveListing,
                products_pb2.MoveListingRequest(id=product, move=step, by="stf_1", merchant_id=who),
            )
            for name, step in move.items()
        },
    }


async def test_nothing_of_another_merchant_is_found_or_changed(counter: Counter) -> None:
    products = {ANN: await _written(counter, ANN, "A"), BO: await _written(counter, BO, "B")}
    before = await _everything(counter)
    tried = 0
    for owner, other, sku in ((ANN, BO, "A"), (BO, ANN, "B")):
        for name, (method, request) in _asks(counter, products[owner].id, sku, other).items():
            with pytest.raises(NotFound) as refused:
                await call(method, request)
            assert refused.value.reason in ("PRODUCT_NOT_FOUND", "SKU_NOT_FOUND"), name
            tried += 1
        there = await call(counter.stock.GetStock, stock_pb2.GetStockRequest(skus=["A", "B"], merchant_id=other))
        assert sku not in {each.sku for each in there.stocks}
    assert tried == 22
    assert await _everything(counter) == before


async def test_what_is_ones_own_is_found_and_changed(counter: Counter) -> None:
    product = await _written(counter, ANN, "A")
    for name in ("show", "show by sku", "change", "price", "history", "history of product", "receive", "movements"):
        method, request = _asks(counter, product.id, "A", ANN)[name]
        await call(method, request)
    assert (await counter.there("A"))[2] == 7
    (stock,) = (await call(counter.stock.GetStock, stock_pb2.GetStockRequest(skus=["A"], merchant_id=ANN))).stocks
    assert stock.available == 7


async def test_the_shops_own_people_meet_everything(counter: Counter) -> None:
    product = await _written(counter, ANN, "A")
    for name in ("show", "change", "price", "history", "receive", "movements"):
        method, request = _asks(counter, product.id, "A", "")[name]
        await call(method, request)


async def _import(counter: Counter, who: str, *rows: dict[str, str], publish: bool = False) -> list[Any]:
    numbered = [products_pb2.ImportRow(row=i, cells=row) for i, row in enumerate(rows, 2)]
    request = products_pb2.ImportProductsRequest(rows=numbered, publish=publish, by="stf_1", merchant_id=who)
    return list((await call(counter.products.ImportProducts, request)).rows)


async def test_rows_of_anothers_skus_are_refused_row_by_row(counter: Counter) -> None:
    await counter.sell("S")  # the shop's own; and the category is there now
    await _written(counter, BO, "B")
    before = await _everything(counter)
    rows = await _import(counter, ANN, cells("B", price_minor=1), cells("S", stock=0), cells("A"))
    assert [row.ok for row in rows] == [False, False, True]
    assert [error.column for row in rows[:2] for error in row.errors] == ["sku", "sku"]
    after = await _everything(counter)
    assert {key: after[key] for key in before} == before
    mine = await call(counter.products.GetProduct, products_pb2.GetProductRequest(id="A", staff=True, merchant_id=ANN))
    assert (mine.product.merchant_id, mine.product.state) == (ANN, products_pb2.LISTING_STATE_DRAFT)


async def test_a_merchants_rows_make_no_categories_and_put_nothing_on_sale(counter: Counter) -> None:
    (row,) = await _import(counter, ANN, cells("A", category="Contraband"))
    assert [error.column for error in row.errors] == ["category"]
    tree = await call(counter.products.ListCategories, products_pb2.ListCategoriesRequest())
    assert not tree.categories
    with pytest.raises(NotAllowed) as refused:
        await _import(counter, ANN, cells("A"), publish=True)
    assert refused.value.reason == "ONLY_AFTER_REVIEW"


async def test_notices_are_read_and_seen_to_by_those_they_are_addressed_to(counter: Counter) -> None:
    ground = counter.started.ground
    table = Table(ground.database, "notices", Notice, ground.relay, NOTICES, ground.turnstile)
    notices = Notices(table, counter.house.clock)
    await notices.raise_once("1", "licence_expiring", "lic_1", "ends", "到期")
    await notices.raise_once("1", "licence_expiring", "lic_1", "ends", "到期", ANN)
    stub = notices_pb2_grpc.NoticesServiceStub(counter.started.channel)

    async def read(who: str) -> list[str]:
        request = notices_pb2.ListNoticesRequest(open=True, merchant_id=who)
        return [notice.id for notice in (await call(stub.ListNotices, request)).notices]

    of_shop, of_ann = await read(""), await read(ANN)
    assert len(of_shop) == len(of_ann) == 1
    assert of_shop != of_ann
    assert await read(BO) == []
    for who, key in ((ANN, of_shop[0]), (BO, of_ann[0]), ("", of_ann[0])):
        with pytest.raises(NotFound):
            await call(stub.SeeNotice, notices_pb2.SeeNoticeRequest(id=key, by="stf_1", merchant_id=who))
    await call(stub.SeeNotice, notices_pb2.SeeNoticeRequest(id=of_ann[0], by="stf_1", merchant_id=ANN))
    assert await read(ANN) == []
    assert await read("") == of_shop


async def _everything(counter: Counter) -> dict[str, Any]:
    """Products and SKUs as they are kept."""
    kept: dict[str, Any] = {}
    for name in ("products", "skus"):
        async for document in counter.database[name].find({"_id": {"$gt": ""}}, {"outbox": 0}):
            kept[document["_id"]] = document
    return kept
