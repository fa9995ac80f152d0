"""This is where two editors meet: nobody's change is lost."""

from functools import partial
from typing import Any

import pytest
from shop.catalog.v1.prices_pb2 import GetPriceHistoryResponse, PriceEntry, SetPriceResponse
from shop.catalog.v1.products_pb2 import GetProductResponse, Product, Variant
from shop.orders.v1.carts_pb2 import Cart, SetLineResponse
from shop.type.v1.money_pb2 import Money

from services.kit.errors import VersionMismatch
from tests.gateway.gate import Gate

PATCH = {"title": "Cup"}
PRICE = {"price": {"currency": "CNY", "minor": 1200}}


def product(version: int = 4, minor: int = 900) -> GetProductResponse:
    variants = [Variant(sku="A", price=Money(currency="CNY", minor=minor)), Variant(sku="B")]
    return GetProductResponse(product=Product(id="prd_1", version=version, variants=variants))


def history(version: int = 3, minor: int = 900) -> GetPriceHistoryResponse:
    return GetPriceHistoryResponse(
        entries=[PriceEntry(sku="A", version=version, price=Money(currency="CNY", minor=minor))]
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "/v1/products/prd_1", PATCH), ("PUT", "/v1/products/prd_1/price", PRICE)],
)
async def test_an_edit_without_if_match_is_refused(gate: Gate, method: str, path: str, body: Any) -> None:
    answer = await gate.call(method, path, body, token=gate.staff())
    assert (answer.status, answer.body["code"]) == (428, "PRECONDITION_REQUIRED")


async def test_the_etag_that_was_read_is_the_version_that_is_checked(gate: Gate) -> None:
    gate.fakes["catalog"].script["GetProduct"] = lambda _: product(version=4)
    for token in (gate.staff(), ""):  # staff's ETag and the storefront's
        etag = (await gate.call("GET", "/v1/products/prd_1", token=token)).headers["etag"]
        await gate.call("PATCH", "/v1/products/prd_1", PATCH, token=gate.staff(), if_match=etag)
    assert [row.if_version for row in gate.fakes["catalog"].asked["UpdateProduct"]] == [4, 4]
    assert gate.fakes["catalog"].asked["UpdateProduct"][0].patch == b'{"title":"Cup"}'


async def test_a_version_that_moved_on_is_412_for_who_sent_if_match_and_409_else(gate: Gate) -> None:
    gate.refuses("orders", "SetLine", VersionMismatch("it moved on"))
    path, body = "/v1/carts/crt_1/lines/A", {"quantity": 1}
    assert (await gate.call("PUT", path, body, if_match='"v3"')).status == 412
    assert (await gate.call("PUT", path, body)).status == 409


@pytest.mark.parametrize(
    "tag", ['"v0"', "v3", '"x3"', 'W/"v3"', '"v3", "v4"', '"v-1"', '"v99999999999999999999"', '""']
)
async def test_a_tag_that_was_never_ours_matches_nothing(gate: Gate, tag: str) -> None:
    answer = await gate.call("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 1}, if_match=tag)
    assert (answer.status, answer.body["code"]) == (412, "VERSION_MISMATCH")


async def test_a_cart_may_be_changed_without_if_match_and_honours_it(gate: Gate) -> None:
    gate.fakes["orders"].script["SetLine"] = lambda _: SetLineResponse(cart=Cart(version=8))
    plain = await gate.call("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 1})
    assert plain.headers["etag"] == '"v8"'
    await gate.call("PUT", "/v1/carts/crt_1/lines/A", {"quantity": 1}, if_match='"v7"')
    assert [row.key.if_version for row in gate.fakes["orders"].asked["SetLine"]] == [0, 7]


async def test_a_price_is_set_with_the_prices_own_etag(gate: Gate) -> None:
    gate.fakes["catalog"].script |= {
        "GetProduct": lambda _: product(),
        "GetPriceHistory": lambda _: history(version=3),
        "SetPrice": lambda _: SetPriceResponse(entry=PriceEntry(version=4)),
    }
    etag = (await gate.call("GET", "/v1/products/prd_1/price-history", token=gate.staff())).headers["etag"]
    answer = await gate.call("PUT", "/v1/products/prd_1/price", PRICE, token=gate.staff(), if_match=etag)
    assert answer.headers["etag"] == '"p4"'
    asked = gate.fakes["catalog"].asked["SetPrice"][0]
    assert (asked.sku, asked.if_version, asked.price.minor) == ("A", 3, 1200)


async def test_a_price_is_set_with_the_products_etag_too(gate: Gate) -> None:
    gate.fakes["catalog"].script |= {"GetProduct": lambda _: product(), "GetPriceHistory": lambda _: history(version=3)}
    staff = gate.staff()
    etag = (await gate.call("GET", "/v1/products/prd_1", token=staff)).headers["etag"]
    flat = {"currency": "CNY", "minor": 1200, "sku": "A"}
    assert (await gate.call("PUT", "/v1/products/prd_1/price", flat, token=staff, if_match=etag)).status == 200
    assert gate.fakes["catalog"].asked["SetPrice"][0].if_version == 3


def _given(answered: Any, _request: Any) -> Any:
    return answered


@pytest.mark.parametrize(
    "then",
    [{"GetProduct": product(minor=950)}, {"GetProduct": product(version=5)}, {"GetPriceHistory": history(4, 950)}],
)
async def test_a_price_that_moved_on_is_not_overwritten(gate: Gate, then: dict[str, Any]) -> None:
    script = gate.fakes["catalog"].script
    script |= {"GetProduct": lambda _: product(), "GetPriceHistory": lambda _: history()}
    etag = (await gate.call("GET", "/v1/products/prd_1", token=gate.staff())).headers["etag"]
    for name, answered in then.items():
        script[name] = partial(_given, answered)
    answer = await gate.call("PUT", "/v1/products/prd_1/price", PRICE, token=gate.staff(), if_match=etag)
    assert (answer.status, answer.body["code"]) == (412, "VERSION_MISMATCH")
    assert not gate.fakes["catalog"].asked["SetPrice"]


async def test_a_sku_of_another_product_is_not_priced_here(gate: Gate) -> None:
    gate.fakes["catalog"].script["GetProduct"] = lambda _: product()
    answer = await gate.call("PUT", "/v1/products/prd_1/price", PRICE | {"sku": "Z"}, token=gate.staff(), if_match="*")
    assert (answer.status, answer.body["code"]) == (404, "SKU_NOT_FOUND")
