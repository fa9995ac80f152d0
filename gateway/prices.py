"""This is where prices are set, and where it is told what they were."""

import re
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import model_validator
from shop.catalog.v1 import prices_pb2 as pb
from shop.catalog.v1 import products_pb2
from shop.type.v1.money_pb2 import Money

from gateway.answers import Json, answer, money, money_if_any, paged
from gateway.described import feature, shown
from gateway.fields import Body, Currency, Cursor, LineOrEmpty, Minor, MoneyBody, PathId, Sku, page_of
from gateway.identity import Caller
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import PreconditionRequired
from gateway.products import tag_of
from gateway.stock import SkuNotFound
from services.kit.errors import VersionMismatch

router = feature("prices")
_PRICE_TAG = re.compile(r'^"p([1-9]\d{0,17})"$')
ENTRY = {
    "sku": "MUG-01",
    "price": {"currency": "CNY", "minor": 2900},
    "at": "2026-11-22T08:00:00.000Z",
    "reason": "spring prices",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "version": 3,
}
_LOWEST = {"price": {"currency": "CNY", "minor": 2700}, "before": "2026-11-22T08:00:00.000Z", "days": 30}


class PriceBody(Body):
    """What it costs from now on: `price`, or `currency` and `minor` right here. `sku` says which variant, else the first."""

    price: MoneyBody | None = None
    currency: Currency | None = None
    minor: Minor | None = None
    sku: Sku | None = None
    reason: LineOrEmpty = ""

    @model_validator(mode="after")
    def _one_price(self) -> "PriceBody":
        flat = self.currency is not None and self.minor is not None
        if flat == (self.price is not None):
            raise ValueError("give either price, or currency and minor")
        return self

    def told(self) -> Money:
        """As catalog takes it."""
        return self.price.told() if self.price else Money(currency=self.currency or "", minor=self.minor or 0)


def entry(of: pb.PriceEntry) -> Json:
    """One entry of the history."""
    return {
        "sku": of.sku,
        "price": money(of.price),
        "at": of.at,
        "reason": of.reason,
        "by": of.by,
        "version": of.version,
    }


def tagged_price(body: object, of: pb.PriceEntry) -> Response:
    """Prices have versions of their own: `"p3"`."""
    return answer(body, headers={"etag": f'"p{of.version}"'})


@router.put(
    "/v1/products/{product_id}/price",
    summary="Set a price",
    responses=shown(
        ENTRY,
        "PRODUCT_NOT_FOUND",
        "SKU_NOT_FOUND",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        "INVALID_PRICE",
        "LISTING_REFUSED",
        body=True,
    ),
)
async def set_price(request: Request, product_id: PathId, body: PriceBody) -> Response:
    """If-Match is required: the ETag of the product, or of its price history. Everybody sees the new price in a second."""
    gateway, who = request.app.state.gateway, asking(request)
    tag = request.headers.get("if-match", "").strip()
    if not tag:
        raise PreconditionRequired("send the ETag you read in If-Match")
    if own := _PRICE_TAG.fullmatch(tag):
        sku, version = body.sku or product_id, int(own[1])
        if sku.startswith("prd_"):
            sku = _sku_of(await _product(gateway, product_id, who), None)
    else:
        sku, version = await _seen(gateway, product_id, body.sku, tag, who)
    asked = pb.SetPriceRequest(
        sku=sku,
        price=body.told(),
        if_version=version,
        reason=body.reason,
        by=who.id,
        merchant_id=who.only_merchant,
    )
    answered = await ask(gateway.neighbours.prices.SetPrice, asked)
    gateway.shelf.drop()  # the editor sees it at once; the event tells the other replicas
    return tagged_price(entry(answered.entry), answered.entry)


async def _product(gateway: Any, product_id: str, who: Caller) -> products_pb2.Product:
    asked = products_pb2.GetProductRequest(id=product_id, staff=True, merchant_id=who.only_merchant)
    answered = await ask_again(gateway.neighbours.products.GetProduct, asked)
    product: products_pb2.Product = answered.product
    return product


def _sku_of(product: products_pb2.Product, wanted: str | None) -> str:
    skus = [variant.sku for variant in product.variants]
    if wanted is None and skus:
        return skus[0]
    if wanted not in skus or wanted is None:
        raise SkuNotFound("the product has no such SKU")
    return wanted


async def _seen(gateway: Any, product_id: str, wanted: str | None, tag: str, who: Caller) -> tuple[str, int]:
    """The SKU, and the price version that belongs to the product's ETag. Refuses when the product or the price moved on."""
    product = await _product(gateway, product_id, who)
    sku = _sku_of(product, wanted)
    if tag != "*" and ".".join(tag.strip('"').split(".")[:2]) != tag_of(product):
        raise VersionMismatch("the product has changed since it was read")
    newest = pb.GetPriceHistoryRequest(sku=sku, merchant_id=who.only_merchant, page=page_of(1, ""))
    history = await ask_again(gateway.neighbours.prices.GetPriceHistory, newest)
    if not history.entries or tag == "*":
        return sku, 0
    shown_price = next(variant.price for variant in product.variants if variant.sku == sku)
    if history.entries[0].price != shown_price:
        raise VersionMismatch("the price has changed since it was read")
    return sku, history.entries[0].version


@router.get(
    "/v1/products/{product_id}/price-history",
    summary="What it cost before",
    responses=shown(
        {"items": [ENTRY], "lowest_before": _LOWEST, "next_cursor": None},
        "SKU_NOT_FOUND",
        "INVALID_PARAMETER",
        "CURSOR_INVALID",
        "INVALID_PRICE",
    ),
)
async def get_price_history(
    request: Request,
    product_id: PathId,
    before: Annotated[str, Query(max_length=40, pattern=r"^[0-9T:.Zz+-]*$", description="RFC 3339.")] = "",
    days: Annotated[int, Query(ge=1, le=3_650)] = 30,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
    cursor: Cursor = "",
) -> Response:
    """Newest first, of a SKU or of a product's first variant. The ETag is the newest entry's version, for PUT …/price.
    `lowest_before` is the lowest price in force within so many days before a moment: `before`, else the start of the
    reduction in force, else now; on the first page."""
    theirs = asking(request).only_merchant
    asked = pb.GetPriceHistoryRequest(sku=product_id, merchant_id=theirs, page=page_of(limit, cursor))
    if not cursor:
        asked.lowest.CopyFrom(pb.LowestAsked(before=before, days=days))
    answered = await ask_again(request.app.state.gateway.neighbours.prices.GetPriceHistory, asked)
    items = [entry(row) for row in answered.entries]
    lowest = _lowest(answered.lowest) if answered.HasField("lowest") else None
    page = paged(request, "items", items, answered.next_cursor, {"lowest_before": lowest})
    if answered.entries and not cursor:
        page.headers["etag"] = f'"p{answered.entries[0].version}"'
    return page


def _lowest(of: pb.LowestPrice) -> Json:
    return {"price": money_if_any(of.price), "before": of.before, "days": of.days}
