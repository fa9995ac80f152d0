"""This is where products learn what lists sort and filter them by: how many were sold, and whether any is left."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from .content import Product
from .store import Table

_ORDERS_KEPT = 200
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Popularity:
    """Counts beside the content: no version rises, no cache drops anything."""

    def __init__(self, products: Table[Product]) -> None:
        self._products = products

    async def sold(self, sales: Iterable[tuple[str, str, int]]) -> None:
        """Adds (order, product, units) to what was sold, once an order and product."""
        units: dict[tuple[str, str], int] = defaultdict(int)
        for order_id, product_id, quantity in sales:
            units[order_id, product_id] += quantity
        updates: list[tuple[dict[str, Any], Any]] = [
            (
                {"_id": product_id, "sold_to": {"$ne": order_id}},
                {"$inc": {"sales": quantity}, "$push": {"sold_to": {"$each": [order_id], "$slice": -_ORDERS_KEPT}}},
            )
            for (order_id, product_id), quantity in units.items()
        ]
        await self._products.touch(updates)

    async def turned(self, turns: Iterable[tuple[str, str, bool, datetime]]) -> None:
        """Notes (product, SKU, in stock, when); what is older than what is known changes nothing."""
        await self._products.touch([_turn(*turn) for turn in turns])


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
