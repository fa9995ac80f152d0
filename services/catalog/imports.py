"""This is where rows of a file become products: five hundred at a time, in a handful of round trips.

No transaction spans the rows. A SKU is written first (its id is what somebody else could take), its product last; what a
crash leaves half done, the same rows again finish. Rows of SKUs that exist go on in `recounts`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from shop.catalog.v1.events_pb2 import StockMoved

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid

from .categories import Categories, slug
from .content import OWN_MERCHANT, ListingState, Product, Variant, find_by, sku_of
from .fields import Faults
from .gates import Gates, Moment
from .messages.events import product_changed, stock_moved
from .ownership import OnlyAfterReview
from .recounts import Batch, Errors, Recounts, fill, refusal
from .rows import Answer, Row, read
from .skus import PriceEntry, Sku, price_entry
from .store import Table

MOST_ROWS = 500
_KNOWN = {"product_id": 1, "merchant_id": 1, "price": 1, "price_version": 1, "on_hand": 1, "available": 1, "parts": 1}


class Imports:
    """Takes rows in. `photos`: whether a picture is needed to go on sale."""

    def __init__(
        self,
        products: Table[Product],
        skus: Table[Sku],
        prices: Table[PriceEntry],
        categories: Categories,
        recounts: Recounts,
        gates: Gates,
        clock: Clock,
        *,
        photos: bool,
    ) -> None:
        self._products, self._skus, self._prices = products, skus, prices
        self._categories, self._recounts, self._gates = categories, recounts, gates
        self._clock, self._photos = clock, photos

    async def take_in(
        self, rows: Sequence[tuple[int, Mapping[str, str]]], *, publish: bool, by: str, merchant_id: str = ""
    ) -> list[Answer]:
        """An answer a row, in the order given; good rows go in whatever the others hold. Refuses more than 500 rows, and
        with ONLY_AFTER_REVIEW when a merchant would publish."""
        if publish and merchant_id:
            raise OnlyAfterReview("take the rows in, then hand each in for review")
        faults = Faults()
        faults.number("/rows", len(rows), 0, MOST_ROWS)
        faults.text("/by", by, 128)
        faults.refuse(Invalid)
        good: dict[str, Row] = {}
        answers: list[Answer] = []
        for number, cells in rows:
            row = read(number, cells, photos=publish and self._photos)
            if isinstance(row, Answer):
                answers.append(row)
            elif first := good.get(row.sku):
                answers.append(Answer(number, row.sku, refusal("sku", f"is in row {first.number} already")))
            else:
                good[row.sku] = row
                answers.append(Answer(number, row.sku))
        errors = await self._write(good, publish, by, merchant_id) if good else {}
        return [
            Answer(each.number, each.sku, errors[each.sku])
            if good.get(each.sku) and good[each.sku].number == each.number and each.sku in errors
            else each
            for each in answers
        ]

    async def _write(self, rows: Mapping[str, Row], publish: bool, by: str, merchant_id: str) -> Errors:
        """Writes good rows; answers what was nevertheless wrong, by SKU."""
        known = await self._skus.by_keys(list(rows), _KNOWN)
        products = await self._products.get_many(sorted({each["product_id"] for each in known.values()}))
        batch = Batch(dict(rows), known, products, publish, by, self._clock.now(), merchant_id)
        errors = self._recounts.check(batch)
        errors |= await self._look(batch)
        errors |= await self._categorise(batch)
        errors |= await self._write_new(batch)
        return errors | await self._recounts.write(batch)

    async def _look(self, batch: Batch) -> Errors:
        """Takes rows out of the batch that a gate has something against, when they would be on sale; says what it is."""
        products = {row.sku: _as_told(row, batch) for row in batch.rows.values()}
        on_sale = {sku: each for sku, each in products.items() if each.state is ListingState.LIVE}
        findings = await self._gates.look(list(on_sale.values()), Moment.IMPORT) if on_sale else []
        errors: Errors = {}
        for sku, found in zip(on_sale, findings, strict=True):
            if blocking := [finding.error for finding in found if finding.blocks]:
                errors[sku] = tuple(_of_column(error) for error in blocking)
                del batch.rows[sku]
        return errors

    async def _categorise(self, batch: Batch) -> Errors:
        """Makes the categories of the rows that are not there yet; a merchant finds theirs among those there are."""
        if not batch.merchant_id:
            await self._categories.put_titled({row.category for row in batch.rows.values()})
            return {}
        there = await self._categories.among({slug(row.category) for row in batch.rows.values()})
        errors = {
            sku: refusal("category", "is no category of the shop")
            for sku, row in batch.rows.items()
            if slug(row.category) not in there
        }
        for sku in errors:
            del batch.rows[sku]
        return errors

    async def _write_new(self, batch: Batch) -> Errors:
        """SKUs nobody has, and those whose product a crash has left unwritten."""
        new = [row for row in batch.rows.values() if row.sku not in batch.known]
        lost = [row for row in batch.rows.values() if row.sku in batch.known and batch.product_of(row.sku) is None]
        products = {row.sku: _product(row, batch) for row in (*new, *lost)}
        inserts = []
        for row in new:
            sku = _sku(row, products[row.sku], batch)
            inserts.append(self._skus.inserting(sku, *([_received(sku, row, batch)] if row.stock else [])))
        taken = await self._skus.write_each(inserts)
        written = [product for sku, product in products.items() if sku not in taken]
        firsts = [price_entry(each.variants[0].sku, 1, each.price, batch.at, "import", batch.by) for each in written]
        await self._prices.write_each([self._prices.putting(first) for first in firsts])
        await self._products.write_each(
            [self._products.inserting(each, product_changed(each, batch.at)) for each in written]
        )
        return {sku: refusal("sku", "is being written by somebody else: try again") for sku in taken}


_COLUMNS = {
    "/media": "image_url",
    "/category": "category",
    "/tags": "tags",
    "/description": "description",
    "/attributes": "attributes",
}


def _of_column(error: FieldError) -> FieldError:
    """A finding about a product, as a fault of the column that says so."""
    if error.pointer.startswith("/variants"):
        column = "cost_minor" if "/cost" in error.pointer else "price_minor"
    else:
        parts = error.pointer.split("/")
        column = _COLUMNS.get("/" + parts[1] if len(parts) > 1 else "", "title")
    return FieldError(column, error.message)


def _as_told(row: Row, batch: Batch) -> Product:
    """The product as it would be, were the row written."""
    known = batch.product_of(row.sku)
    if known is None:
        return _product(row, batch)
    product = msgspec.convert(msgspec.to_builtins(known, builtin_types=(datetime,)), Product, builtin_types=(datetime,))
    fill(product, row, batch)
    for variant in product.variants:
        if variant.sku == row.sku:
            variant.price, variant.cost, variant.weight_g = row.price, row.cost, row.weight_g
    return product


def _product(row: Row, batch: Batch) -> Product:
    """The product of a row whose SKU nobody has; of one variant."""
    variant = Variant(row.sku, row.price, row.cost, row.weight_g, [], row.stock > 0, batch.at)
    product = Product(
        id=batch.product_id(row.sku),
        merchant_id=batch.merchant_id or OWN_MERCHANT,
        title=row.title,
        description="",
        category="",
        tags=[],
        attributes=[],
        media=[],
        variants=[variant],
        price=row.price,
        created_at=batch.at,
        updated_at=batch.at,
        by=batch.by,
        in_stock=row.stock > 0,
        imported=True,
    )
    fill(product, row, batch)
    find_by(product)
    return product


def _sku(row: Row, product: Product, batch: Batch) -> Sku:
    sku = sku_of(product, product.variants[0])
    sku.available, sku.in_stock, sku.stock_at = row.stock, row.stock > 0, batch.at
    if row.stock:
        sku.on_hand = {row.warehouse: row.stock}
        sku.refs = ["import"]
    return sku


def _received(sku: Sku, row: Row, batch: Batch) -> StockMoved:
    return stock_moved(
        sku.id,
        sku.product_id,
        warehouse=row.warehouse,
        quantity=row.stock,
        reason="import",
        reference="",
        on_hand=row.stock,
        available=row.stock,
        at=batch.at,
        by=batch.by,
    )
