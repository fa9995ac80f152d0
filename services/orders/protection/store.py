"""This is where the wing gets its indexes, and finds who bought a SKU without looking at anybody else."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import IndexModel

from services.kit.store import Store
from services.orders.leases import EPOCH
from services.orders.orders import Order

from .drops import Drop

_PAID = {"paid_at": {"$gt": EPOCH}}
ORDERS = [
    IndexModel([("lines.sku", 1), ("paid_at", 1), ("_id", 1)], name="bought", partialFilterExpression=_PAID),
    IndexModel([("protecting_at", 1)], name="protecting", partialFilterExpression={"protecting_at": {"$gt": EPOCH}}),
]
_A_LOOK = 1_000  # orders
WATCHES = [IndexModel([("due_at", 1)], name="due", partialFilterExpression={"due_at": {"$gt": EPOCH}})]
DROPS = [
    IndexModel([("sku", 1), ("at", 1)], name="of_a_sku"),
    IndexModel([("sku", 1), ("_id", -1)], name="page_of_a_sku"),
    IndexModel([("due_at", 1)], name="due", partialFilterExpression={"due_at": {"$gt": EPOCH}}),
]


class Bought:
    """Orders by what is in them."""

    def __init__(self, orders: Store[Order]) -> None:
        self._orders = orders

    async def of_these(self, skus: Sequence[str], since: datetime) -> list[str]:
        """Those that somebody has paid for since then."""
        return [sku for sku in skus if await self._orders.one({"lines.sku": sku, "paid_at": {"$gte": since}})]

    async def after(self, order_id: str, categories: frozenset[str]) -> tuple[list[str], str]:
        """What is in the next orders that were paid, of these categories (none: of all), and the last order looked at; an
        empty one: there are no more."""
        wanted = {"paid_at": 1, "lines.sku": 1, "lines.category": 1}
        found = self._orders.collection.find({"_id": {"$gt": order_id}}, wanted).sort("_id", 1).limit(_A_LOOK)
        orders = await found.to_list(_A_LOOK)
        lines = [line for order in orders if order["paid_at"] for line in order["lines"]]
        skus = {line["sku"] for line in lines if not categories or line["category"] in categories}
        return sorted(skus), orders[-1]["_id"] if len(orders) == _A_LOOK else ""

    async def behind(self, drop: Drop, limit: int) -> list[Order]:
        """The next who paid for the SKU before its price fell, in the order in which they paid."""
        where = {
            "lines.sku": drop.sku,
            "paid_at": {"$gte": drop.cursor_at, "$lte": drop.at},
            "$or": [{"paid_at": {"$gt": drop.cursor_at}}, {"_id": {"$gt": drop.cursor_id}}],
        }
        return await self._orders.find(where, sort=[("paid_at", 1), ("_id", 1)], limit=limit)
