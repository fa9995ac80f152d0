"""This is where products learn what lists sort and filter them by: how many were sold, and whether any is left."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from .content import Product
from .skus import Sku
from .store import Table

_AT_ONCE = 100  # products looked at together
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Popularity:
    """Counts beside the content: no version rises, no cache drops anything."""

    def __init__(self, products: Table[Product], skus: Table[Sku]) -> None:
        self._products, self._skus = products, skus
        self._sold: set[str] = set()

    def noticed(self, product_ids: Iterable[str]) -> None:
        """These sold something; `count` will look how much."""
        self._sold.update(product_ids)

    async def count(self) -> None:
        """Brings `sales` of what sold since the last time up to what its SKUs say; doing it again changes nothing."""
        while self._sold:
            some = [self._sold.pop() for _ in range(min(_AT_ONCE, len(self._sold)))]
            sales = dict.fromkeys(some, 0)
            for sku in await self._skus.parts({"product_id": {"$in": some}}, {"product_id": 1, "sold": 1}):
                sales[sku["product_id"]] += sku["sold"]
            await self._products.touch([({"_id": key}, {"$set": {"sales": units}}) for key, units in sales.items()])

    async def turned(self, turns: Iterable[tuple[str, str, bool, datetime]]) -> None:
        """Notes (product, SKU, in stock, when); what is older than what is known changes nothing."""
        turned = list(turns)
        await self._products.touch([_turn(*turn) for turn in turned])
        for product_id, *_ in turned:
            self._products.note(product_id)


def _turn(product_id: str, sku: str, in_stock: bool, at: datetime) -> tuple[dict[str, Any], Any]:
    older = {"$lt": [{"$ifNull": ["$$this.stock_at", _NEVER]}, at]}
    turned = {
        "$cond": [
            {"$and": [{"$eq": ["$$this.sku", sku]}, older]},
            {"$mergeObjects": ["$$this", {"in_stock": in_stock, "stock_at": at}]},
            "$$this",
        ]
    }
    return (
        {"_id": product_id},
        [
            {"$set": {"variants": {"$map": {"input": "$variants", "as": "this", "in": turned}}}},
            {"$set": {"in_stock": {"$anyElementTrue": ["$variants.in_stock"]}}},
        ],
    )
