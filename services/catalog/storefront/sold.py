"""This is where it is counted what a product sold lately: only what was paid, by the days that are kept."""

from dataclasses import dataclass
from datetime import timedelta

from services.catalog.baskets import SkuDay
from services.catalog.content import Product
from services.catalog.store import Table
from services.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Sold:
    """Units and orders paid within `days`, today included. Of several variants `orders` is of the one most ordered: an order
    may hold two of them, and no number may be too large."""

    units: int
    orders: int
    days: int


class Sales:
    """Looks at the days."""

    def __init__(self, days: Table[SkuDay], clock: Clock, window: int) -> None:
        self._days, self._clock, self._window = days, clock, window

    async def of(self, product: Product) -> Sold:
        """What a product sold lately, in one read."""
        first = (self._clock.now() - timedelta(days=self._window - 1)).date().isoformat()
        skus = [variant.sku for variant in product.variants]
        where = {"sku": {"$in": skus}, "day": {"$gte": first}}
        found = await self._days.parts(where, {"sku": 1, "units": 1, "orders": 1})
        orders = dict.fromkeys(skus, 0)
        for day in found:
            orders[day["sku"]] += day["orders"]
        return Sold(sum(day["units"] for day in found), max(orders.values(), default=0), self._window)
