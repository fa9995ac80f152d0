"""This is where the wing gets its indexes, and finds who bought a SKU without looking at anybody else."""

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
DROPS = [
    IndexModel([("sku", 1), ("at", 1)], name="of_a_sku"),
    IndexModel([("sku", 1), ("_id", -1)], name="page_of_a_sku"),
    IndexModel([("due_at", 1)], name="due", partialFilterExpression={"due_at": {"$gt": EPOCH}}),
]


class Bought:
    """Orders by what is in them."""

    def __init__(self, orders: Store[Order]) -> None:
        self._orders = orders

    async def behind(self, drop: Drop, limit: int) -> list[Order]:
        """The next who paid for the SKU before its price fell, in the order in which they paid."""
        where = {
            "lines.sku": drop.sku,
            "paid_at": {"$gte": drop.cursor_at, "$lte": drop.at},
            "$or": [{"paid_at": {"$gt": drop.cursor_at}}, {"_id": {"$gt": drop.cursor_id}}],
        }
        return await self._orders.find(where, sort=[("paid_at", 1), ("_id", 1)], limit=limit)
