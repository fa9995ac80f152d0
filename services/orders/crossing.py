"""This is where an order that crosses a border is looked at before it is charged: what may not go there is refused, what may
only go with a permit is held for staff (L18). An order at home costs one comparison."""

from dataclasses import dataclass
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import WrongState

from .checkout import Purchase
from .orders import IN_STORE, Order
from .screens import Hold

PROHIBITED, RESTRICTED = "prohibited", "restricted"
CUSTOMS = "customs"  # why it is held


class GoodsProhibited(WrongState):
    """Something in it may not go to that country (metadata: sku, restriction)."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands against a SKU's going."""

    sku: str
    kind: str
    reason: str
    text: str


class Customs(Protocol):
    """Who knows what may cross a border: logistics."""

    async def obstacles(self, order: Order) -> list[Obstacle]:
        """What stands against an order's goods going where they are to."""
        ...


class Crossing:
    """The screen of customs."""

    def __init__(self, home: str, customs: Customs, clock: Clock) -> None:
        self._home, self._customs, self._clock = home, customs, clock

    async def look(self, order: Order, _purchase: Purchase) -> None:
        """Refuses with GOODS_PROHIBITED, and with `Unavailable` while nobody can say."""
        if order.region.country in ("", self._home) or order.fulfilment == IN_STORE:
            return
        for one in await self._customs.obstacles(order):
            if one.kind == PROHIBITED:
                raise GoodsProhibited(f"{one.sku}: {one.text}", sku=one.sku, restriction=one.reason)
            if one.kind == RESTRICTED and all(hold.reason != CUSTOMS for hold in order.holds):
                order.holds.append(Hold(CUSTOMS, f"{one.sku}: {one.text}", self._clock.now()))
