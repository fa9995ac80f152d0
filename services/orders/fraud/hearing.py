"""This is where the wing hears what became of orders: held ones are paid for, declined ones count against their marks."""

from collections.abc import Sequence
from typing import Protocol

from services.kit.events import Told
from services.kit.store import Store
from services.orders.orders import Order

from .reviews import Reviews
from .scoring import unpacked
from .screening import HOLD

_DECLINES = frozenset({"PAYMENT_DECLINED", "CONFIRMATION_EXPIRED"})


class Heard(Protocol):
    """An event about an order, or a checkout that came to nothing."""

    order_id: str
    reason: str
    by: str
    holds: Sequence[str]


class Marking(Protocol):
    """Where sightings are."""

    async def came_to(self, marks: Sequence[str], key: str, outcome: str) -> None:
        """Says what a sighting came to, in each of these trails; one write."""
        ...


class Hearing:
    """Hears the service's own events, told again or not."""

    def __init__(self, orders: Store[Order], marking: Marking, reviews: Reviews) -> None:
        self._orders, self._marking, self._reviews = orders, marking, reviews

    async def on_order_paid(self, events: Sequence[tuple[Heard, Told]]) -> None:
        """Somebody is to look at what is held."""
        for event, _ in events:
            order = await self._orders.get(event.order_id) if HOLD in event.holds else None
            if order and (decision := unpacked(order.risk)):
                await self._reviews.open(order, decision)

    async def on_checkout_refused(self, events: Sequence[tuple[Heard, Told]]) -> None:
        """A bank that says no says something about the card, the device and whoever holds them."""
        for event, _ in events:
            order = await self._orders.get(event.order_id) if event.reason in _DECLINES else None
            if order and (decision := unpacked(order.risk)):
                await self._marking.came_to(list(decision.marks.values()), decision.key, "declined")

    async def on_order_released(self, events: Sequence[tuple[Heard, Told]]) -> None:
        """Staff let it go elsewhere."""
        for event, _ in events:
            await self._reviews.overtaken(event.order_id, "cleared", event.by)

    async def on_order_cancelled(self, events: Sequence[tuple[Heard, Told]]) -> None:
        """Its customer did not wait."""
        for event, _ in events:
            await self._reviews.overtaken(event.order_id, "cancelled", "")
