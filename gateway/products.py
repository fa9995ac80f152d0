"""This is where products are searched and shown."""

import zlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import Query, Request, Response
from pydantic import StringConstraints
from shop.catalog.v1 import products_pb2 as pb

from gateway.answers import Json, answer, money, money_if_any, word
from gateway.described import feature, shown
from gateway.fields import (
    ONE_LINE,
    Cursor,
    Limit,
    PathId,
    QueryWord,
    page_of,
)
from gateway.neighbours import BROWSE_S, ask_again
from gateway.permissions import asking
from gateway.productcards import CARD, card, of_cards, of_product
from gateway.promoted import PROMOTION
from gateway.roles import may

router = feature("products")
Minor = Annotated[int, Query(ge=0, le=10**12, description="Minor units.")]
Attributes = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[^:\x00-\x1f\x7f]{1,60}:[^\x00-\x1f\x7f]{1,500}$")]] | None,
    Query(max_length=10, description="`name:value`, several times for several."),
]
_SORTS = {
    "": pb.PRODUCT_SORT_UNSPECIFIED,
    "relevance": pb.PRODUCT_SORT_RELEVANCE,
    "price": pb.PRODUCT_SORT_PRICE_ASC,
    "price_asc": pb.PRODUCT_SORT_PRICE_ASC,
    "-price": pb.PRODUCT_SORT_PRICE_DESC,
    "price_desc": pb.PRODUCT_SORT_PRICE_DESC,
    "newest": pb.PRODUCT_SORT_NEWEST,
    "sales": pb.PRODUCT_SORT_SALES,
}
Sort = Literal["", "relevance", "price", "price_asc", "-price", "price_desc", "newest", "sales"]
LIST = {
    "items": [CARD],
    "facets": [{"name": "category", "values": [{"value": "kitchen", "count": 1}]}],
    "next_cursor": None,
    "total": 1,
    "did_you_mean": None,
}
VARIANT = {
    "sku": "MUG-01",
    "options": [{"name": "colour", "value": "blue"}],
    "price": {"currency": "CNY", "minor": 2900},
    "promotion": PROMOTION,
    "weight_g": 350,
    "length_mm": 120,
    "width_mm": 100,
    "height_mm": 100,
    "available": 12,
}
DETAIL = {
    "id": CARD["id"],
    "sku": "MUG-01",
    "title": "Mug, blue",
    "description": "Holds 300 ml.",
    "attributes": [{"name": "material", "value": "stoneware"}],
    "price": {"currency": "CNY", "minor": 2900},
    "promotion": PROMOTION,
    "available": 12,
    "media": [{"url": "https://cdn.example.com/mug.jpg", "alt": "A blue mug"}],
    "variants": [VARIANT],
    "tags": ["gift"],
    "trust_blocks": [
        {"kind": "qc_report", "text": "Lot 2026-11 passed", "media_url": "https://cdn.example.com/qc-2026-11.pdf"}
    ],
    "handling_notice": "Fragile: inspect on delivery.",
    "after_sales": {
        "text": "Returned within 7 days without a reason.",
        "return_days": 7,
        "freight_insurance": False,
        "own": False,
    },
    "category": "kitchen",
    "merchant_id": "self",
    "state": "live",
    "version": 4,
    "created_at": "2026-11-22T08:00:00.000Z",
    "updated_at": "2026-11-22T08:00:00.000Z",
}


def detail(product: pb.Product, *, staff: bool, promotions: Mapping[str, Json] | None = None) -> Json:
    """What a product's page shows; what it cost the shop only to staff. `promotions` by SKU."""
    first = product.variants[0] if product.variants else pb.Variant()
    cheaper = promotions or {}
    for_staff = {"taken_down": _taken_down(product), "replaced_by": product.replaced_by or None} if staff else {}
    return {
        "id": product.id,
        "sku": first.sku,
        "title": product.title,
        "description": product.description,
        "attributes": _pairs(product.attributes),
        "price": money(first.price),
        "promotion": cheaper.get(first.sku),
        "available": sum(variant.available for variant in product.variants),
        "media": [{"url": row.url, "alt": row.alt} for row in product.media],
        "variants": [
            _variant(variant, staff=staff) | {"promotion": cheaper.get(variant.sku)} for variant in product.variants
        ],
        "tags": list(product.tags),
        **_promises(product),
        "category": product.category,
        "merchant_id": product.merchant_id,
        "state": word(pb.ListingState.Name(product.state), "LISTING_STATE_"),
        "version": product.version,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
        **for_staff,
    }


def _promises(product: pb.Product) -> Json:
    return {
        "trust_blocks": [
            {
                "kind": word(pb.TrustKind.Name(block.kind), "TRUST_KIND_"),
                "text": block.text,
                "media_url": block.media_url or None,
            }
            for block in product.trust_blocks
        ],
        "handling_notice": product.handling_notice or None,
        "after_sales": after_sales(product.after_sales) | {"own": product.after_sales.own},
    }


def after_sales(policy: pb.AfterSales) -> Json:
    """What becomes of goods that do not please."""
    return {
        "text": policy.text,
        "return_days": policy.return_days,
        "freight_insurance": policy.freight_insurance,
    }


def _taken_down(product: pb.Product) -> Json | None:
    why = product.taken_down
    if not why.code:
        return None
    return {"code": why.code, "text": {"en": why.en, "zh": why.zh}, "by": why.by, "at": why.at}


def tag_of(product: pb.Product) -> str:
    """The ETag's inside: the version, and the prices, which have versions of their own."""
    prices = ",".join(f"{variant.sku}={variant.price.currency}{variant.price.minor}" for variant in product.variants)
    return f"v{product.version}.{zlib.crc32(prices.encode()):08x}"


def whole(product: pb.Product, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A product as staff see it, with its ETag."""
    return answer(detail(product, staff=True), status, {**(headers or {}), "etag": f'"{tag_of(product)}"'})


def _pairs(rows: Any) -> list[Json]:
    return [{"name": row.name, "value": row.value} for row in rows]


def _variant(variant: pb.Variant, *, staff: bool) -> Json:
    shown_to_all = {
        "sku": variant.sku,
        "options": _pairs(variant.options),
        "price": money(variant.price),
        "weight_g": variant.weight_g,
        "length_mm": variant.length_mm or None,
        "width_mm": variant.width_mm or None,
        "height_mm": variant.height_mm or None,
        "available": variant.available,
    }
    return {**shown_to_all, "cost": money_if_any(variant.cost)} if staff else shown_to_all


def found(answered: pb.SearchProductsResponse, promotions: Mapping[str, Json]) -> bytes:
    """A page of the list, as it goes over the wire."""
    facets = [
        {"name": facet.name, "values": [{"value": row.value, "count": row.count} for row in facet.values]}
        for facet in answered.facets
    ]
    items = [card(item, promotions.get(item.sku)) for item in answered.items]
    return orjson.dumps(
        {
            "items": items,
            "facets": facets,
            "next_cursor": answered.next_cursor or None,
            "total": answered.total,
            "did_you_mean": answered.did_you_mean or None,
        }
    )


class FromShelf(Response):
    """An answer the shelf keeps, given by the door."""

    def __init__(self, kept: Any, age_s: int) -> None:
        super().__init__()
        self._kept, self._age_s = kept, age_s

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Gives it."""
        await scope["shop.exchange"].give(self._kept, self._age_s)


async def shelved(request: Request, key: str, fetch: Any) -> Response:
    """The answer under `key`, fetched at most once at a time and kept for less than a second."""
    scope = request.scope
    target = scope["raw_path"] + b"?" + scope["query_string"]
    kept, age_s = await scope["app"].state.gateway.shelf.get(key, target, fetch)
    return FromShelf(kept, age_s)


@router.get(
    "/v1/products",
    summary="Search and browse",
    responses=shown(LIST, "INVALID_PARAMETER", "CURSOR_INVALID", "INDEX_BUILDING", text="What was found."),
)
async def list_products(
    request: Request,
    q: Annotated[str, Query(max_length=200, pattern=ONE_LINE, description="Words, Chinese or English.")] = "",
    category: QueryWord = "",
    tag: QueryWord = "",
    min_price: Minor = 0,
    max_price: Minor = 0,
    in_stock: bool = False,
    attribute: Attributes = None,
    sort: Sort = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Products on sale. Facets count over all that was found and come with the first page; a value of `attribute:material`
    is asked for as `attribute=material:cotton`, a band of `price` as `min_price` and `max_price`."""
    asked = pb.SearchProductsRequest(
        q=" ".join(q.split()),
        category=category,
        tag=tag,
        min_price=min_price,
        max_price=max_price,
        in_stock=in_stock,
        attributes=[
            pb.Attribute(name=pair.partition(":")[0], value=pair.partition(":")[2]) for pair in attribute or ()
        ],
        sort=_SORTS[sort],
        page=page_of(limit, cursor),
    )
    catalog = request.app.state.gateway.neighbours.products

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(catalog.SearchProducts, asked, BROWSE_S)
        return found(answered, await of_cards(request, answered.items)), ""

    key = "list?" + urlencode({"s": asked.SerializeToString(deterministic=True)})
    return await shelved(request, key, fetch)


@router.get(
    "/v1/products/{product_id}",
    summary="One product",
    responses=shown(DETAIL, "PRODUCT_NOT_FOUND", text="The product."),
)
async def get_product(request: Request, product_id: PathId) -> Response:
    """By its id or by a SKU of it. Customers see what is on sale; staff see drafts and costs as well."""
    catalog = request.app.state.gateway.neighbours.products
    who = asking(request)
    staff = who.staff and may(who.roles, "products.read")
    asked = pb.GetProductRequest(id=product_id, staff=staff, merchant_id=who.only_merchant)
    if staff:
        answered = await ask_again(catalog.GetProduct, asked, BROWSE_S)
        return whole(answered.product)

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(catalog.GetProduct, asked, BROWSE_S)
        promotions = await of_product(request, answered.product)
        body = detail(answered.product, staff=False, promotions=promotions)
        return orjson.dumps(body), tag_of(answered.product) + "."

    return await shelved(request, f"one?{product_id}", fetch)
