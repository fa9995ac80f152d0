"""This is where products are written, changed and shown."""

from collections.abc import Mapping, Sequence
from typing import Any, get_origin

import msgspec

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, NotFound, VersionMismatch, WrongState
from services.kit.ids import new_id

from .categories import Categories
from .content import (
    Attribute,
    InvalidProduct,
    ListingState,
    Media,
    Product,
    check_content,
    content_of,
    find_by,
    shared_with_skus,
    sku_of,
)
from .fields import Faults, is_sku
from .gates import Gates, Moment
from .messages.events import product_changed
from .ownership import theirs
from .parts import told_by_parts
from .promises import AfterSales, TrustBlock
from .skus import PriceEntry, Sku, price_entry
from .store import NotAsSeen, Table, Write, together

_MOST_VARIANTS = 100
_TRIES = 5
_PATCH_BYTES = 256 * 1024


class ProductNotFound(NotFound):
    """No such product, or it is not on sale."""


class ListingRetired(WrongState):
    """It is off sale for good; nothing of it changes any more."""


class SkuTaken(AlreadyExists):
    """A variant's SKU exists already."""


class Products:
    """Writes, changes and shows products."""

    def __init__(
        self,
        products: Table[Product],
        skus: Table[Sku],
        prices: Table[PriceEntry],
        categories: Categories,
        gates: Gates,
        clock: Clock,
    ) -> None:
        self._products, self._skus, self._prices = products, skus, prices
        self._categories, self._gates, self._clock = categories, gates, clock

    async def create(self, draft: Product) -> tuple[Product, dict[str, int]]:
        """Writes a draft with its SKUs and first prices. Refuses with SKU_TAKEN, UNKNOWN_CATEGORY, INVALID_PRODUCT."""
        check_content(draft)
        if not 1 <= len(draft.variants) <= _MOST_VARIANTS:
            message = f"must be 1 to {_MOST_VARIANTS}"
            raise InvalidProduct("a product has variants", errors=[FieldError("/variants", message)])
        if draft.category:
            await self._categories.must_exist(draft.category)
        now = self._clock.now()
        draft.id, draft.state, draft.created_at, draft.updated_at = new_id("prd"), ListingState.DRAFT, now, now
        find_by(draft)
        skus = [sku_of(draft, variant) for variant in draft.variants]
        entries = [price_entry(sku.id, 1, sku.price, now, "created", draft.by) for sku in skus]
        try:
            await together(
                (self._skus, [self._skus.inserting(sku) for sku in skus]),
                (self._products, [self._products.inserting(draft, product_changed(draft, now))]),
                (self._prices, [self._prices.inserting(entry) for entry in entries]),
            )
        except AlreadyExists as taken:
            sku = taken.meta.get("key", "")
            raise SkuTaken(f"there is a SKU {sku!r} already", sku=sku) from taken
        return draft, dict.fromkeys((sku.id for sku in skus), 0)

    async def update(
        self, product_id: str, if_version: int, patch: bytes, by: str, merchant_id: str = ""
    ) -> tuple[Product, dict[str, int]]:
        """Changes what the JSON Merge Patch names. Refuses with PRODUCT_NOT_FOUND, VERSION_MISMATCH, INVALID_PRODUCT,
        LISTING_RETIRED; and while it is on sale with LISTING_REFUSED."""
        changes = _read(patch)
        for _ in range(_TRIES):
            product = await self.get(product_id, merchant_id)
            if if_version and product.version != if_version:
                break
            if product.state is ListingState.RETIRED:
                raise ListingRetired("it is off sale for good")
            _merge(product, changes)
            check_content(product)
            if "category" in changes and product.category:
                await self._categories.must_exist(product.category)
            product.changed, product.by, product.updated_at = True, by, self._clock.now()
            find_by(product)
            if product.state is ListingState.LIVE:
                await self._gates.demand(product, Moment.EDIT)
            try:
                return product, await self.write(product)
            except NotAsSeen:
                continue
        raise VersionMismatch(f"{product_id} has changed since version {if_version or product.version}")

    async def write(self, product: Product) -> dict[str, int]:
        """Keeps an edited product and what its SKUs repeat of it, if it is as it was read; answers the stock of its SKUs."""
        seen = {"_id": product.id, "version": product.version}
        change = self._products.changing(
            seen, {"$set": content_of(product)}, product_changed(product, product.updated_at)
        )
        await together((self._products, [change]), (self._skus, self._repeated(product)))
        product.version += 1
        return await self.stock_of(product)

    def _repeated(self, product: Product) -> Sequence[Write]:
        return [
            self._skus.changing({"_id": variant.sku}, {"$set": shared_with_skus(product, variant)})
            for variant in product.variants
        ]

    async def get(self, product_id: str, merchant_id: str = "") -> Product:
        """The product of this id, if it is this merchant's (of any, when empty). Refuses with PRODUCT_NOT_FOUND."""
        product = await self._products.one({"_id": product_id, **theirs(merchant_id)}) if product_id else None
        if product is None:
            raise ProductNotFound("there is no such product")
        return product

    async def show(self, id_or_sku: str, *, staff: bool, merchant_id: str = "") -> tuple[Product, dict[str, int]]:
        """A product by its id or one of its SKUs, with the stock of each SKU. Only staff see what is not on sale, and a
        merchant's people only what is theirs."""
        owned = theirs(merchant_id)
        product = await self._products.one({"_id": id_or_sku, **owned}) if id_or_sku.startswith("prd_") else None
        if product is None and is_sku(id_or_sku):
            sku = (await self._skus.by_keys([id_or_sku], {"product_id": 1}, owned)).get(id_or_sku)
            product = await self._products.get(sku["product_id"]) if sku else None
        if product is None or not (staff or product.state is ListingState.LIVE):
            raise _not_there(product)
        return product, await self.stock_of(product)

    async def stock_of(self, product: Product) -> dict[str, int]:
        """Units that can be ordered, by SKU."""
        found = await self._skus.by_keys([variant.sku for variant in product.variants], {"available": 1, "parts": 1})
        await told_by_parts(self._skus, found.values())
        return {sku: document["available"] for sku, document in found.items()}


_PATCHABLE: Mapping[str, type[Any]] = {
    "title": str,
    "description": str,
    "category": str,
    "tags": list[str],
    "attributes": list[Attribute],
    "media": list[Media],
    "trust_blocks": list[TrustBlock],
    "handling_notice": str,
    "after_sales": dict[str, Any],
}


def _read(patch: bytes) -> dict[str, Any]:
    """A JSON Merge Patch over the fields staff may change; null empties one."""
    if len(patch) > _PATCH_BYTES:
        raise InvalidProduct("the patch is too large")
    try:
        raw = msgspec.json.decode(patch, type=dict[str, Any])
    except msgspec.DecodeError as wrong:
        raise InvalidProduct("the patch is not a JSON object", errors=[FieldError("", str(wrong))]) from wrong
    faults, changes = Faults(), {}
    for name, value in raw.items():
        if name not in _PATCHABLE:
            faults.add("/" + name[:60].replace("~", "~0").replace("/", "~1"), "cannot be changed")
            continue
        if name == "attributes" and isinstance(value, dict):
            value = [{"name": key, "value": text} for key, text in value.items() if text is not None]
        try:
            wanted = _PATCHABLE[name]
            changes[name] = _emptied(wanted) if value is None else msgspec.convert(value, wanted)
        except msgspec.ValidationError as wrong:
            faults.add(f"/{name}", str(wrong))
    faults.refuse(InvalidProduct)
    return changes


def _not_there(product: Product | None) -> ProductNotFound:
    """Who still asks for what is retired is told what took its place."""
    if product and product.replaced_by:
        return ProductNotFound("it is not sold any more", replaced_by=product.replaced_by)
    return ProductNotFound("there is no such product")


def _emptied(kind: type[Any]) -> Any:
    return "" if kind is str else [] if get_origin(kind) is list else None


def _merge(product: Product, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(product, name, value if not isinstance(value, dict) else _merged(product.after_sales, value))


def _merged(policy: AfterSales | None, change: Mapping[str, Any]) -> AfterSales:
    """What the patch leaves out of an object stays; what it says null to is as it was at first."""
    members = {**(msgspec.to_builtins(policy) if policy else {}), **change}
    try:
        kept = {name: value for name, value in members.items() if value is not None}
        return msgspec.convert(kept, AfterSales)
    except msgspec.ValidationError as wrong:
        raise InvalidProduct(str(wrong), errors=[FieldError("/after_sales", str(wrong))]) from wrong
