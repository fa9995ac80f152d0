"""This is where it is known from which shelf an order is promised: from what is in stock, or from what is still to come."""

from collections.abc import Awaitable, Callable

from .orders import PICKUP, Order
from .undoing import Shelf


class Shelves:
    """The shelf of stock, and beside it the one of what is sold ahead (set by the wing of pre-orders)."""

    def __init__(self, stock: Shelf) -> None:
        self._stock = stock
        self.ahead: Shelf = stock
        # Puts back what lies aside in a store (set by the wing of picking up).
        self.put_back: Callable[[Order], Awaitable[None]] | None = None

    async def hold(self, order: Order) -> None:
        """Holds all lines or none. Refuses with OUT_OF_STOCK, PRICE_CHANGED, NOT_ON_SALE, PREORDER_SOLD_OUT."""
        await (self.ahead if order.preorder else self._stock).hold(order)

    async def take(self, order: Order) -> None:
        """Takes what is held from a store's shelf; again changes nothing."""
        await self._stock.take(order)

    async def release(self, order: Order) -> None:
        """Gives back; of a pre-order what it holds of both, for its goods may have come meanwhile."""
        if order.preorder:
            await self.ahead.release(order)
        if order.fulfilment == PICKUP and order.paid_at and self.put_back:
            await self.put_back(order)
        await self._stock.release(order)
