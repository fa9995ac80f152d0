"""This is where it is read what SKUs have sold: own days, the history that was brought, and when the shelf was empty."""

from array import array
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.catalog.baskets import SkuDay
from services.catalog.content import Product
from services.catalog.shelves.stockouts import DAY_S, StockoutDay
from services.catalog.store import Table
from services.kit.store import Document

from .history import SalesDay
from .sums import Cells, Past

DAYS = 784  # two years for the season, eight weeks to begin with
_AT_ONCE = 50  # SKUs a read: what is decoded at a time stays small


class Pasts:
    """Reads the past."""

    def __init__(
        self, days: Table[SkuDay], history: Table[SalesDay], empty: Table[StockoutDay], products: Table[Product]
    ) -> None:
        self._days, self._history, self._empty, self._products = days, history, empty, products

    async def of(self, skus: Sequence[Document], until: date) -> Past:
        """What these SKUs (`_id`, `product_id`, `category`) sold on the days before `until`."""
        begin = until - timedelta(days=DAYS)
        rows = {sku["_id"]: i for i, sku in enumerate(skus)}
        past = Past(DAYS, array("i"), _numbered(skus))
        for at in range(0, len(skus), _AT_ONCE):
            some = [sku["_id"] for sku in skus[at : at + _AT_ONCE]]
            where = {"sku": {"$in": some}, "day": {"$gte": begin.isoformat(), "$lt": until.isoformat()}}
            for table in (self._history, self._days):  # where both know a day, the shop's own count stands
                _fill(past.units, await _read(table, where, "units"), rows, begin, 1)
            _fill(past.shut, await _read(self._empty, where, "seconds"), rows, begin, DAY_S)
        past.since = await self._since(skus, past.units, begin)
        return past

    async def _since(self, skus: Sequence[Document], units: Cells, begin: date) -> "array[int]":
        """The day each was first on sale: when its product was made, or its first sale elsewhere before."""
        ids = sorted({sku["product_id"] for sku in skus})
        made = await self._products.by_keys(ids, {"created_at": 1})
        since = array("i", (_day_of(made.get(sku["product_id"]), begin) for sku in skus))
        for row, column, sold in zip(units.rows, units.columns, units.values, strict=True):
            if sold and column < since[row]:
                since[row] = column
        return since


async def _read(table: Table[Any], where: Document, value: str) -> list[Document]:
    return await table.parts(where, {"_id": 0, "sku": 1, "day": 1, value: 1}, [("sku", 1), ("day", 1)])


def _fill(cells: Cells, found: Sequence[Document], rows: dict[str, int], begin: date, divisor: int) -> None:
    first, value = begin.toordinal(), next((name for row in found for name in row if name not in ("sku", "day")), "")
    for row in found:
        cells.put(rows[row["sku"]], date.fromisoformat(row["day"]).toordinal() - first, row[value] / divisor)


def _day_of(product: Document | None, begin: date) -> int:
    made: datetime | None = product["created_at"] if product else None
    return min(max(0, (made.date() - begin).days), DAYS) if made else 0


def _numbered(skus: Sequence[Document]) -> "array[int]":
    numbers: dict[str, int] = {}
    return array("i", (numbers.setdefault(sku["category"], len(numbers)) for sku in skus))
