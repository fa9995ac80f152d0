"""This is where the indexes of purchasing are, and the reads and writes that get, find and change do not cover."""

from typing import Any

from pymongo import IndexModel

from services.catalog.store import Table
from services.kit.store import encode

from .orders import OrderState, PurchaseOrder

SUPPLIERS = [
    IndexModel([("state", 1), ("_id", -1)]),
    IndexModel([("score", -1), ("_id", -1)]),
    IndexModel([("scored_at", 1)]),
]
ITEMS = [IndexModel([("sku", 1), ("preferred", 1)]), IndexModel([("supplier_id", 1), ("sku", 1)])]
ORDERS = [
    IndexModel([("part", 1)], unique=True),
    IndexModel([("only", 1)], unique=True),
    IndexModel([("asked_by", 1)]),
    IndexModel([("state", 1), ("_id", -1)]),
    IndexModel([("supplier_id", 1), ("_id", -1)]),
    IndexModel([("lines.sku", 1), ("state", 1)]),
    IndexModel([("state", 1), ("pool_until", 1)]),
    IndexModel([("unbooked", 1)], partialFilterExpression={"unbooked": True}),
]
LOTS = [
    # Only what is left: it is looked through with each sale.
    IndexModel([("sku", 1), ("warehouse", 1), ("at", 1)], partialFilterExpression={"remaining": {"$gt": 0}}),
    IndexModel([("supplier_id", 1), ("at", -1)]),
    IndexModel([("sku", 1), ("at", -1)]),
]
USES = [IndexModel([("order_id", 1), ("_id", 1)]), IndexModel([("parts.lot_id", 1), ("order_id", 1)])]
_ON_ORDER = (OrderState.APPROVED, OrderState.SENT, OrderState.CONFIRMED, OrderState.PARTLY_RECEIVED)


def content_of(order: PurchaseOrder) -> dict[str, Any]:
    """An order's document without its id and version."""
    content: dict[str, Any] = encode(order)
    del content["id"], content["version"]
    return content


async def open_units(orders: Table[PurchaseOrder], supplier_id: str) -> int:
    """Units a supplier still owes."""
    groups = await orders.aggregate(
        [
            {"$match": {"supplier_id": supplier_id, "state": {"$in": [state.value for state in _ON_ORDER]}}},
            {"$unwind": "$lines"},
            {
                "$group": {
                    "_id": None,
                    "units": {"$sum": {"$max": [0, {"$subtract": ["$lines.ordered", "$lines.received"]}]}},
                }
            },
        ]
    )
    return int(groups[0]["units"]) if groups else 0
