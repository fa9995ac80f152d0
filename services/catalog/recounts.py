"""This is where rows of SKUs that exist are taken in: the row is the truth from now on, and its stock a count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError
from services.kit.ids import new_id
from services.kit.money import Money
from services.kit.store import Change, Document

from .categories import slug
from .content import Attribute, ListingState, Media, Product, Variant, content_of, find_by, shared_with_skus
from .messages.events import price_changed, product_changed
from .rows import Row
from .skus import PriceEntry, Sku, price_entry
from .stock import booking
from .store import Table, Write, together

Errors = dict[str, tuple[FieldError, ...]]  # by SKU
_TRIES = 4


def refusal(column: str, message: str) -> tuple[FieldError, ...]:
    """What is wrong with a row."""
    return (FieldError(column, message),)


@dataclass
class Batch:
    """The good rows of one call by SKU, and what is known of their SKUs and products."""

    rows: dict[str, Row]
    known: Mapping[str, Document]
    products: Mapping[str, Product]
    publish: bool
    by: str
    at: datetime
    merchant_id: str = ""  # whose the rows are; empty: the shop's own people bring them

    def product_id(self, sku: str) -> str:
        """The id of a SKU's product; a fresh one for a new SKU."""
        return str(self.known[sku]["product_id"]) if sku in self.known else new_id("prd")

    def product_of(self, sku: str) -> Product | None:
        """The product of a SKU that exists."""
        return self.products.get(self.known[sku]["product_id"]) if sku in self.known else None


def fill(product: Product, row: Row, batch: Batch) -> None:
    """Makes a product what its row says; columns that are not in the file leave it as it is."""
    product.title, product.category = row.title, slug(row.category)
    if row.description is not None:
        product.description = row.description
    if row.tags is not None:
        product.tags = row.tags
    if row.attributes is not None:
        product.attributes = [Attribute(*pair) for pair in row.attributes]
    if row.image_url:
        product.media = [Media(row.image_url), *(each for each in product.media if each.url != row.image_url)]
    if batch.publish:
        product.state, product.changed, product.taken_down = ListingState.LIVE, False, None


class Recounts:
    """Takes in rows of SKUs that exist."""

    def __init__(self, products: Table[Product], skus: Table[Sku], prices: Table[PriceEntry], clock: Clock) -> None:
        self._products, self._skus, self._prices, self._clock = products, skus, prices, clock

    def check(self, batch: Batch) -> Errors:
        """Takes rows out of the batch that cannot be: another's SKU, another currency, a count below what orders hold."""
        errors: Errors = {}
        for sku, known in batch.known.items():
            row = batch.rows[sku]
            if batch.merchant_id not in ("", known["merchant_id"]):
                errors[sku] = refusal("sku", "belongs to somebody else: use another one")
            elif row.price.currency != known["price"]["currency"]:
                errors[sku] = refusal("currency", f"must be {known['price']['currency']}, as the SKU's price is")
            elif (product := batch.product_of(sku)) and product.state is ListingState.RETIRED:
                errors[sku] = refusal("sku", "is retired: give what takes its place a SKU of its own")
            elif row.stock and "parts" in known:
                errors[sku] = refusal("stock", "must be 0: a bundle has none of its own, its parts have")
            elif fault := _too_low(row, known):
                errors[sku] = fault
        for sku in errors:
            del batch.rows[sku]
        return errors

    async def write(self, batch: Batch) -> Errors:
        """Writes what a row changes; answers what was nevertheless wrong."""
        errors = await self._reprice(batch)
        contents: list[Write] = []
        repeated: dict[str, Write] = {}
        for sku, row in batch.rows.items():
            product = None if sku in errors else batch.product_of(sku)
            if product is None or not (change := _changed(product, row, batch)):
                continue
            # Whoever retires it meanwhile is heard: it is for good.
            where = {"_id": product.id, "variants.sku": sku, "state": {"$ne": ListingState.RETIRED.value}}
            contents.append(self._products.changing(where, {"$set": change}, product_changed(product, batch.at)))
            for variant in product.variants:
                own = {"cost": msgspec.to_builtins(variant.cost), "weight_g": variant.weight_g}
                repeat = shared_with_skus(product, variant) | own
                repeated[variant.sku] = self._skus.changing({"_id": variant.sku}, {"$set": repeat})
        await self._skus.write_each(list(repeated.values()))
        await self._products.write_each(contents)
        return errors | await self._recount(batch)

    async def _reprice(self, batch: Batch) -> Errors:
        """New prices and their history, together."""
        changes, entries, skus = [], [], []
        for sku, known in batch.known.items():
            row, before = batch.rows.get(sku), Money(**known["price"])
            if row is None or row.price == before:
                continue
            entry = price_entry(sku, known["price_version"] + 1, row.price, batch.at, "import", batch.by)
            update = {"price": msgspec.to_builtins(row.price), "price_version": entry.number}
            told = price_changed(sku, known["product_id"], before, row.price, batch.at, "import")
            where = {"_id": sku, "price_version": known["price_version"]}
            changes.append(self._skus.changing(where, {"$set": update}, told))
            entries.append(self._prices.inserting(entry))
            skus.append(sku)
        if not skus:
            return {}
        try:
            await together((self._skus, changes), (self._prices, entries))
        except (AlreadyExists, Conflict):
            return {sku: refusal("price_minor", "is being changed by somebody else: try again") for sku in skus}
        return {}

    async def _recount(self, batch: Batch) -> Errors:
        """Books the difference between a count and what is on the shelf, if the shelf is still as it was read."""
        ref, errors, known = f"import:{new_id('imp')}", Errors(), batch.known
        wanted = {sku: row for sku, row in batch.rows.items() if sku in known}
        for _ in range(_TRIES):
            wanted = {sku: row for sku, row in wanted.items() if _difference(row, known[sku])}
            errors |= {sku: fault for sku, row in wanted.items() if (fault := _too_low(row, known[sku]))}
            changes = [self._count(row, known[sku], ref, batch.by) for sku, row in wanted.items() if sku not in errors]
            if not changes or await self._skus.change_many(changes):
                return errors
            booked = await self._skus.parts({"_id": {"$in": sorted(wanted)}, "refs": ref}, {"_id": 1})
            for each in booked:
                del wanted[each["_id"]]
            fields = {"product_id": 1, "on_hand": 1, "available": 1}
            known = await self._skus.by_keys(sorted(wanted), fields)
        return errors | {sku: refusal("stock", "is being sold right now: try again") for sku in wanted}

    def _count(self, row: Row, seen: Document, ref: str, by: str) -> Change:
        change = booking(
            seen,
            row.warehouse,
            _difference(row, seen),
            reason="count",
            ref=ref,
            reference="import",
            by=by,
            clock=self._clock,
        )
        as_seen = {f"on_hand.{row.warehouse}": seen["on_hand"].get(row.warehouse)}
        enough = {"available": {"$gte": -_difference(row, seen)}}
        return Change({**change.where, **enough, **as_seen}, change.update, change.events)


def _difference(row: Row, seen: Document) -> int:
    return row.stock - int(seen["on_hand"].get(row.warehouse, 0))


def _too_low(row: Row, seen: Document) -> tuple[FieldError, ...]:
    missing = -_difference(row, seen) - int(seen["available"])
    return refusal("stock", f"must be at least {row.stock + missing}: orders hold the others") if missing > 0 else ()


def _changed(product: Product, row: Row, batch: Batch) -> dict[str, Any]:
    """Makes the product and its variant what the row says; answers what that changes in the product's document."""
    variant = next(each for each in product.variants if each.sku == row.sku)
    before, own_before = content_of(product), _own(variant)
    fill(product, row, batch)
    variant.price, variant.cost, variant.weight_g = row.price, row.cost, row.weight_g
    if content_of(product) == before and _own(variant) == own_before:
        return {}
    product.by, product.updated_at = batch.by, batch.at
    product.changed = not batch.publish
    find_by(product)
    change = content_of(product)
    if not batch.publish:
        del change["state"]  # somebody may be moving the listing
    if variant is product.variants[0]:
        change["price"] = msgspec.to_builtins(row.price)
    return change | {f"variants.$.{name}": value for name, value in _own(variant).items()}


def _own(variant: Variant) -> dict[str, Any]:
    return {
        "price": msgspec.to_builtins(variant.price),
        "cost": msgspec.to_builtins(variant.cost),
        "weight_g": variant.weight_g,
    }
