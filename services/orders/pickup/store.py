"""This is where what waits in stores is found: a store's own, by how far each has come."""

from services.kit.store import Store
from services.orders import limits
from services.orders.orders import Order

from .pickups import PickupState


class Waiting:
    """The orders of stores."""

    def __init__(self, orders: Store[Order]) -> None:
        self._orders = orders

    async def page(self, store: str, state: str, limit: int, cursor: str) -> tuple[list[Order], str]:
        """A page, oldest first."""
        states = [each.value for each in PickupState if state in ("", each.value)]
        where: dict[str, object] = {"pickup.state": {"$in": states}}
        if store:
            where["store"] = limits.text(store, "/store", 64)
        return await self._orders.page(where, limit, cursor, newest_first=False)
