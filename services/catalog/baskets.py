"""This is where it is kept what was bought together, and what each SKU sold a day: the history that forecasts, affinity and
reviews read.

A basket is written once an order. Days are counted from baskets in one transaction with the mark that says so: each basket
counts once, whoever counts, however often.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop.orders.v1.events_pb2 import OrderPaid

from services.kit.clock import parse_time
from services.kit.errors import Invalid
from services.kit.events import Told

from .store import NotAsSeen, Table, Write, together

_AT_ONCE = 300


@dataclass
class BasketLine:
    """What was bought of a SKU: units, and minor units of money before and after discounts."""

    sku: str
    product_id: str
    quantity: int
    gross_minor: int
    paid_minor: int


@dataclass
class Basket:
    """An order's goods; the id is the order's. `day` is `YYYY-MM-DD` in UTC; `customer_id` is empty for a guest."""

    id: str
    at: datetime
    day: str
    customer_id: str
    channel: str
    currency: str
    lines: list[BasketLine]
    counted: bool = False
    version: int = 0


@dataclass
class SkuDay:
    """What a SKU sold on a day. The id is `sku|day`. Money in minor units of `currency`."""

    id: str
    sku: str
    product_id: str
    day: str
    currency: str
    units: int = 0
    orders: int = 0
    gross_minor: int = 0
    paid_minor: int = 0
    version: int = 0


class Baskets:
    """Keeps baskets and counts days."""

    def __init__(self, baskets: Table[Basket], days: Table[SkuDay]) -> None:
        self._baskets, self._days = baskets, days

    async def on_orders_paid(self, events: Sequence[tuple[OrderPaid, Told]]) -> None:
        """A basket an order, once."""
        baskets = {event.order_id: _basket(event) for event, _ in events}
        await self._baskets.write_each([self._baskets.inserting(basket) for basket in baskets.values()])

    async def count(self) -> None:
        """Adds baskets that are not counted yet to their days."""
        while waiting := await self._baskets.find({"counted": False}, [("_id", 1)], _AT_ONCE):
            days = _days(waiting)
            marks = [
                self._baskets.changing({"_id": basket.id, "counted": False}, {"$set": {"counted": True}})
                for basket in waiting
            ]
            try:
                await together((self._baskets, marks), (self._days, [self._adding(day) for day in days]))
            except NotAsSeen:
                return  # another replica counts

    def _adding(self, day: SkuDay) -> Write:
        first = {"sku": day.sku, "product_id": day.product_id, "day": day.day, "currency": day.currency}
        more = {name: getattr(day, name) for name in ("units", "orders", "gross_minor", "paid_minor")}
        return self._days.adding(day.id, first, more)


def _basket(event: OrderPaid) -> Basket:
    at = parse_time(event.paid_at or event.placed_at)
    if at is None:
        raise Invalid("an order is paid at some time")
    lines = [
        BasketLine(line.sku, line.product_id, line.quantity, line.unit_price.minor * line.quantity, line.paid.minor)
        for line in event.lines
    ]
    currency = event.goods.currency or event.total.currency
    return Basket(event.order_id, at, at.date().isoformat(), event.customer_id, event.channel, currency, lines)


def _days(baskets: Sequence[Basket]) -> list[SkuDay]:
    days: dict[str, SkuDay] = {}
    for basket in baskets:
        lines: dict[str, list[BasketLine]] = defaultdict(list)
        for line in basket.lines:
            lines[line.sku].append(line)
        for sku, of_sku in lines.items():
            key = f"{sku}|{basket.day}"
            day = days.setdefault(key, SkuDay(key, sku, of_sku[0].product_id, basket.day, basket.currency))
            day.orders += 1
            day.units += sum(line.quantity for line in of_sku)
            day.gross_minor += sum(line.gross_minor for line in of_sku)
            day.paid_minor += sum(line.paid_minor for line in of_sku)
    return list(days.values())
