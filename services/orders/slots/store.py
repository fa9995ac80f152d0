"""This is where it is read which slots orders have."""

from collections.abc import Awaitable, Callable, Sequence

from services.kit.store import Store
from services.orders.orders import DEAD, Order, State

SlotsOf = Callable[[Sequence[str]], Awaitable[dict[str, str]]]


def slots_of(orders: Store[Order]) -> SlotsOf:
    """The slots of those of these orders that live, in one read."""

    async def find(order_ids: Sequence[str]) -> dict[str, str]:
        wanted = {"_id": {"$in": list(order_ids)}}
        rows = await orders.collection.find(wanted, {"state": 1, "window.id": 1}).to_list(len(order_ids))
        return {row["_id"]: (row.get("window") or {}).get("id", "") for row in rows if State(row["state"]) not in DEAD}

    return find
