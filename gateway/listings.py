"""This is where products are written and moved along their life: draft, in review, approved, live, delisted, retired."""

from typing import Annotated, Literal

import orjson
from fastapi import Request, Response
from pydantic import Field, model_validator
from shop.catalog.v1 import products_pb2 as pb

from gateway.described import feature, shown
from gateway.fields import (
    Body,
    Id,
    Line,
    LineOrEmpty,
    MoneyBody,
    PathId,
    PictureUrl,
    Sku,
    Slug,
    Text,
    Word,
    money_or_none,
)
from gateway.neighbours import ask
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.products import DETAIL, VARIANT, whole

router = feature("products")
TrustKind = Literal[
    "qc_report",
    "iso9001",
    "factory_photo",
    "no_reason_return",
    "freight_insurance",
    "trial_report",
    "photo_reviews",
]
Notice = Annotated[Text, Field(max_length=500)]
_TAKEN_DOWN = {
    "code": "BANNED_WORD",
    "text": {"en": "/title: says 'best'", "zh": "/title：含“最好”"},
    "by": "rescan",
    "at": "2026-11-22T08:00:00.000Z",
}
_WHOLE = {
    **DETAIL,
    "variants": [{**VARIANT, "cost": {"currency": "CNY", "minor": 1100}}],
    "taken_down": _TAKEN_DOWN,
    "replaced_by": None,
}


class MediaBody(Body):
    """A picture or film."""

    url: PictureUrl
    alt: LineOrEmpty = ""


class AttributeBody(Body):
    """A name and its value."""

    name: Word
    value: Line


class TrustBlockBody(Body):
    """A reason to trust; reports, certificates and factory photos have to be shown."""

    kind: TrustKind
    text: LineOrEmpty = ""
    media_url: PictureUrl | None = None

    def told(self) -> pb.TrustBlock:
        """As catalog takes it."""
        kind = pb.TrustKind.Value(f"TRUST_KIND_{self.kind.upper()}")
        return pb.TrustBlock(kind=kind, text=self.text, media_url=self.media_url or "")


class AfterSalesBody(Body):
    """What becomes of goods that do not please."""

    text: Annotated[Text, Field(max_length=2_000)] = ""
    return_days: Annotated[int, Field(ge=0, le=365)] = 7
    freight_insurance: bool = False

    def told(self) -> pb.AfterSales:
        """As catalog takes it."""
        return pb.AfterSales(
            text=self.text, return_days=self.return_days, freight_insurance=self.freight_insurance, own=True
        )


Side = Annotated[int, Field(ge=0, le=100_000)]


class VariantBody(Body):
    """One sellable unit; its three sides (millimetres, packed) are given together, or none is."""

    sku: Sku
    options: list[AttributeBody] = Field(default_factory=list, max_length=10)
    price: MoneyBody
    cost: MoneyBody | None = None
    weight_g: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    length_mm: Side = 0
    width_mm: Side = 0
    height_mm: Side = 0

    def told(self) -> pb.Variant:
        """As catalog takes it."""
        options = [pb.Attribute(name=option.name, value=option.value) for option in self.options]
        cost = money_or_none(self.cost)
        return pb.Variant(
            sku=self.sku,
            options=options,
            price=self.price.told(),
            cost=cost,
            weight_g=self.weight_g,
            length_mm=self.length_mm,
            width_mm=self.width_mm,
            height_mm=self.height_mm,
        )


class ProductBody(Body):
    """A draft: with `variants`, or for a single one with `sku` and `price` right here."""

    title: Line
    description: Text = ""
    category: Slug
    tags: list[Word] = Field(default_factory=list, max_length=50)
    attributes: list[AttributeBody] = Field(default_factory=list, max_length=100)
    media: list[MediaBody] = Field(default_factory=list, max_length=50)
    variants: list[VariantBody] = Field(default_factory=list, max_length=200)
    trust_blocks: list[TrustBlockBody] = Field(default_factory=list, max_length=20)
    handling_notice: Notice = ""
    after_sales: AfterSalesBody | None = None
    sku: Sku | None = None
    price: MoneyBody | None = None
    cost: MoneyBody | None = None
    weight_g: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    length_mm: Side = 0
    width_mm: Side = 0
    height_mm: Side = 0

    @model_validator(mode="after")
    def _one_or_many(self) -> "ProductBody":
        single = self.sku is not None and self.price is not None
        if single == bool(self.variants):
            raise ValueError("give either variants, or sku and price")
        return self

    def told(self) -> pb.Product:
        """As catalog takes it."""
        variants = [variant.told() for variant in self.variants]
        if self.sku is not None and self.price is not None:
            single = VariantBody(
                sku=self.sku,
                price=self.price,
                cost=self.cost,
                weight_g=self.weight_g,
                length_mm=self.length_mm,
                width_mm=self.width_mm,
                height_mm=self.height_mm,
            )
            variants = [single.told()]
        return pb.Product(
            title=self.title,
            description=self.description,
            category=self.category,
            tags=self.tags,
            attributes=[pb.Attribute(name=row.name, value=row.value) for row in self.attributes],
            media=[pb.Media(url=row.url, alt=row.alt) for row in self.media],
            variants=variants,
            trust_blocks=[block.told() for block in self.trust_blocks],
            handling_notice=self.handling_notice,
            after_sales=self.after_sales.told() if self.after_sales else None,
        )


class ProductPatch(Body):
    """A JSON Merge Patch (RFC 7396): what is there changes, null empties."""

    title: Line | None = None
    description: Text | None = None
    category: Slug | None = None
    tags: Annotated[list[Word], Field(max_length=50)] | None = None
    attributes: Annotated[list[AttributeBody], Field(max_length=100)] | None = None
    media: Annotated[list[MediaBody], Field(max_length=50)] | None = None
    trust_blocks: Annotated[list[TrustBlockBody], Field(max_length=20)] | None = None
    handling_notice: Notice | None = None
    after_sales: AfterSalesBody | None = None


class RetireBody(Body):
    """What takes its place, if anything."""

    replaced_by: Id | None = None


@router.post(
    "/v1/products",
    status_code=201,
    summary="Write a draft",
    responses=shown(_WHOLE, "SKU_TAKEN", "UNKNOWN_CATEGORY", "INVALID_PRODUCT", status=201, body=True),
)
async def create_product(request: Request, body: ProductBody) -> Response:
    """A new product in state `draft`: nobody but staff sees it."""
    catalog = request.app.state.gateway.neighbours.products
    who, draft = asking(request), body.told()
    draft.merchant_id = who.merchant
    answered = await ask(catalog.CreateProduct, pb.CreateProductRequest(product=draft, by=who.id))
    location = {"location": f"/v1/products/{answered.product.id}"}
    return whole(answered.product, 201, location)


@router.patch(
    "/v1/products/{product_id}",
    summary="Change a product",
    responses=shown(
        _WHOLE,
        "PRODUCT_NOT_FOUND",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        "INVALID_PRODUCT",
        "LISTING_REFUSED",
        "LISTING_RETIRED",
        body=True,
    ),
)
async def update_product(request: Request, product_id: PathId, body: ProductPatch) -> Response:
    """JSON Merge Patch; If-Match with the ETag that was read is required."""
    catalog = request.app.state.gateway.neighbours.products
    patch = orjson.dumps(body.model_dump(exclude_unset=True))
    seen = if_version(request, required=True)
    who = asking(request)
    asked = pb.UpdateProductRequest(
        id=product_id, if_version=seen, patch=patch, by=who.id, merchant_id=who.only_merchant
    )
    answered = await ask(catalog.UpdateProduct, asked)
    request.app.state.gateway.shelf.drop()  # the editor sees it at once; the event tells the other replicas
    return whole(answered.product)


async def _move(request: Request, product_id: str, move: pb.ListingMove.ValueType, replaced_by: str = "") -> Response:
    catalog = request.app.state.gateway.neighbours.products
    who = asking(request)
    asked = pb.MoveListingRequest(
        id=product_id, move=move, by=who.id, merchant_id=who.only_merchant, replaced_by=replaced_by
    )
    answered = await ask(catalog.MoveListing, asked)
    request.app.state.gateway.shelf.drop()
    return whole(answered.product)


_MOVED = shown(_WHOLE, "PRODUCT_NOT_FOUND", "ILLEGAL_TRANSITION", "LISTING_REFUSED")


@router.post("/v1/products/{product_id}/submit", summary="Hand a draft in for review", responses=_MOVED)
async def submit_product(request: Request, product_id: PathId) -> Response:
    """`draft` or `delisted` → `in_review`."""
    return await _move(request, product_id, pb.LISTING_MOVE_SUBMIT)


@router.post("/v1/products/{product_id}/approve", summary="Approve a listing", responses=_MOVED)
async def approve_product(request: Request, product_id: PathId) -> Response:
    """`in_review` → `approved`."""
    return await _move(request, product_id, pb.LISTING_MOVE_APPROVE)


@router.post("/v1/products/{product_id}/publish", summary="Put it on sale", responses=_MOVED)
async def publish_product(request: Request, product_id: PathId) -> Response:
    """`approved` → `live`."""
    return await _move(request, product_id, pb.LISTING_MOVE_PUBLISH)


@router.post("/v1/products/{product_id}/delist", summary="Take it off sale", responses=_MOVED)
async def delist_product(request: Request, product_id: PathId) -> Response:
    """`live` → `delisted`."""
    return await _move(request, product_id, pb.LISTING_MOVE_DELIST)


@router.post(
    "/v1/products/{product_id}/retire",
    summary="Take it off sale for good",
    responses=shown(
        {**_WHOLE, "state": "retired"},
        "PRODUCT_NOT_FOUND",
        "ILLEGAL_TRANSITION",
        "INVALID_REPLACEMENT",
        body=True,
    ),
)
async def retire_product(request: Request, product_id: PathId, body: RetireBody) -> Response:
    """`draft` or `delisted` → `retired`: nothing leads back. `replaced_by` is what customers are pointed to instead."""
    return await _move(request, product_id, pb.LISTING_MOVE_RETIRE, body.replaced_by or "")
