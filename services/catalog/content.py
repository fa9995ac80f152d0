"""This is where a product's content is: what its page shows, what it must be, and what is derived from it. Pure."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.kit.errors import Invalid
from services.kit.money import Money
from services.kit.store import encode

from .fields import Faults
from .promises import AfterSales, TrustBlock, check_promises
from .skus import Sku
from .words import words_of

OWN_MERCHANT = "self"


class ListingState(StrEnum):
    """The life of a listing."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    LIVE = "live"
    DELISTED = "delisted"
    RETIRED = "retired"  # for good


@dataclass
class Attribute:
    """A name and its value."""

    name: str
    value: str


@dataclass
class Media:
    """A picture or film."""

    url: str
    alt: str = ""


@dataclass
class TakenDown:
    """Why a listing was taken off sale, in English and Chinese, and by whom."""

    code: str  # BANNED_WORD
    en: str
    zh: str
    by: str
    at: datetime


@dataclass
class Variant:
    """A sellable unit as its product's page shows it; the stock is in the SKU's own document."""

    sku: str
    price: Money
    cost: Money
    weight_g: int = 0
    options: list[Attribute] = field(default_factory=list)
    in_stock: bool = False
    stock_at: datetime | None = None
    sides_mm: list[int] = field(default_factory=list)  # length, width, height of one, packed; none when not measured


@dataclass
class Product:
    """A product with all that its page shows. `sales` and `in_stock` change beside its version: no editor minds them."""

    id: str
    merchant_id: str
    title: str
    description: str
    category: str
    tags: list[str]
    attributes: list[Attribute]
    media: list[Media]
    variants: list[Variant]
    price: Money  # of the first variant
    created_at: datetime
    updated_at: datetime
    by: str
    state: ListingState = ListingState.DRAFT
    changed: bool = False  # since it was last reviewed
    imported: bool = False  # came as a row of a file: in development it goes on sale without photos and spec table
    trust_blocks: list[TrustBlock] = field(default_factory=list)
    handling_notice: str = ""  # "inspect on delivery"
    after_sales: AfterSales | None = None  # None: the shop's
    taken_down: TakenDown | None = None  # until it is on sale again
    replaced_by: str = ""  # what took its place when it was retired
    sales: int = 0
    in_stock: bool = False
    words: list[str] = field(default_factory=list)
    title_words: list[str] = field(default_factory=list)
    version: int = 0


class InvalidProduct(Invalid):
    """The product is not what a product must be."""


def sku_title(product: Product, variant: Variant) -> str:
    """The product's title with the variant's options: `T-shirt (M, red)`."""
    options = ", ".join(option.value for option in variant.options)
    return f"{product.title} ({options})" if options else product.title


def find_by(product: Product) -> None:
    """Works out the words a product is found by."""
    product.title_words = words_of(product.title)
    attributes = (attribute.value for attribute in product.attributes)
    skus = (variant.sku for variant in product.variants)
    product.words = words_of(
        product.title, *product.tags, *attributes, product.category, *skus, product.description[:2_000]
    )


def sku_of(product: Product, variant: Variant) -> Sku:
    """The SKU of a variant, with nothing on the shelf."""
    return Sku(
        id=variant.sku,
        product_id=product.id,
        merchant_id=product.merchant_id,
        title=sku_title(product, variant),
        price=variant.price,
        cost=variant.cost,
        weight_g=variant.weight_g,
        volume_mm3=math.prod(variant.sides_mm) if variant.sides_mm else 0,
        category=product.category,
        tags=product.tags,
        live=product.state is ListingState.LIVE,
        return_days=product.after_sales.return_days if product.after_sales else None,
        freight_insurance=bool(product.after_sales and product.after_sales.freight_insurance),
    )


_CONTENT = (
    *("title", "description", "category", "tags", "attributes", "media", "trust_blocks", "handling_notice"),
    *("after_sales", "taken_down", "replaced_by", "changed", "words", "title_words"),
)


def content_of(product: Product) -> dict[str, Any]:
    """The part of a product's document an edit writes; counts stay out of it."""
    part = {name: encode(getattr(product, name)) for name in _CONTENT}
    return part | {"state": product.state.value, "updated_at": product.updated_at, "by": product.by}


def shared_with_skus(product: Product, variant: Variant) -> dict[str, Any]:
    """The part of a product its SKUs repeat, so that a cart is quoted in one read."""
    return {
        "title": sku_title(product, variant),
        "category": product.category,
        "tags": product.tags,
        "live": product.state is ListingState.LIVE,
        "return_days": product.after_sales.return_days if product.after_sales else None,
        "freight_insurance": bool(product.after_sales and product.after_sales.freight_insurance),
    }


def check_content(product: Product) -> None:
    """Looks at a product's texts and lists. Refuses with INVALID_PRODUCT, naming each fault."""
    faults = Faults()
    product.title = faults.text("/title", product.title, 300, least=1)
    product.description = faults.text("/description", product.description, 20_000, lines=True)
    for name, values, most in (("tags", product.tags, 50), ("attributes", product.attributes, 100)):
        if len(values) > most:
            faults.add(f"/{name}", f"must be at most {most}")
    if len(product.media) > 30:
        faults.add("/media", "must be at most 30")
    product.tags = list(dict.fromkeys(faults.text(f"/tags/{i}", t, 60, least=1) for i, t in enumerate(product.tags)))
    for i, attribute in enumerate(product.attributes):
        check_attribute(faults, f"/attributes/{i}", attribute)
    product.handling_notice = faults.text("/handling_notice", product.handling_notice, 500, lines=True)
    check_promises(faults, product.trust_blocks, product.after_sales)
    for i, media in enumerate(product.media):
        media.url = faults.url(f"/media/{i}/url", media.url)
        media.alt = faults.text(f"/media/{i}/alt", media.alt, 300)
    faults.refuse(InvalidProduct)


def check_attribute(faults: Faults, pointer: str, attribute: Attribute) -> None:
    """Looks at a name and its value."""
    attribute.name = faults.text(f"{pointer}/name", attribute.name, 60, least=1)
    attribute.value = faults.text(f"{pointer}/value", attribute.value, 500)
