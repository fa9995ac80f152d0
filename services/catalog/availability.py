"""This is where it is told that the last unit of a SKU is spoken for, or the first one back.

Nothing is told while holds come and go on the way to an order: after stock has moved or holds were given back, somebody
looks. Each look follows the change it is for, and turns the flag only under the condition it turns it for; so the last
look is right, however many there are at once.
"""

from collections.abc import Sequence
from datetime import timedelta

from services.kit.clock import Clock
from services.kit.store import Change

from .messages.events import availability_changed
from .skus import Sku
from .store import Table


class Availability:
    """Tells when a SKU can be ordered no more, or again."""

    def __init__(self, skus: Table[Sku], clock: Clock) -> None:
        self._skus, self._clock = skus, clock

    async def look(self, skus: Sequence[str]) -> None:
        """Turns and tells what is no longer so."""
        fields = {"product_id": 1, "available": 1, "in_stock": 1, "stock_at": 1}
        found = await self._skus.by_keys(skus, fields) if skus else {}
        turns = []
        for sku, seen in found.items():
            now_in_stock = seen["available"] > 0
            if now_in_stock == seen["in_stock"]:
                continue
            at = self._clock.now()
            if seen["stock_at"]:
                at = max(at, seen["stock_at"] + timedelta(milliseconds=1))  # rises, whatever the replicas' clocks say
            where = {
                "_id": sku,
                "in_stock": seen["in_stock"],
                "stock_at": seen["stock_at"],
                "available": {"$gt": 0} if now_in_stock else {"$lte": 0},
            }
            told = availability_changed(sku, seen["product_id"], now_in_stock, at)
            turns.append(Change(where, {"$set": {"in_stock": now_in_stock, "stock_at": at}}, [told]))
        if turns:
            await self._skus.change_many(turns)
