"""This is where what logistics tells becomes part of the order: one conditional write each, whatever order it comes in."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from services.kit.clock import Clock, parse_time
from services.kit.errors import Invalid
from services.kit.store import Store, encode

from . import limits
from .messages.events import order_delivered
from .orders import Happened, Order, Sent, Shipment, State


class Fulfilment:
    """Listens to logistics. What was heard already changes nothing: every entry has a key, and newer wins by revision."""

    def __init__(self, orders: Store[Order], clock: Clock) -> None:
        self._orders, self._clock = orders, clock
        # Told of every parcel of an order whose money is not in yet.
        self.unpaid: list[Callable[[Order], Awaitable[object]]] = []

    async def planned(self, order_id: str, shipment_id: str, plan: Shipment, shipments: int) -> None:
        """A warehouse is chosen and a waybill made; `shipments` are how many the order has in all."""
        at = plan.planned_at or self._clock.now()
        fields: dict[str, Any] = {
            "warehouse": plan.warehouse,
            "carrier": plan.carrier,
            "waybill": plan.waybill,
            "lines": encode(plan.lines),
            "planned_at": at,
            "deliver_by": plan.deliver_by,
        }
        event = Happened(
            f"planned:{shipment_id}", "allocated", at, f"A parcel leaves from {plan.warehouse}.", shipment_id
        )
        await self._heard(order_id, event, fields, {"$max": {"shipments_planned": shipments}})

    async def packed(self, order_id: str, shipment_id: str, at: datetime) -> None:
        """The goods are in the box."""
        await self._heard(order_id, Happened(f"packed:{shipment_id}", "packed", at, "Packed.", shipment_id), {})

    async def shipped(
        self,
        order_id: str,
        shipment_id: str,
        lines: Sequence[Sent],
        at: datetime,
        expected: tuple[datetime | None, datetime | None] = (None, None),
    ) -> None:
        """Handed to the carrier; `expected` at the door from when until when."""
        fields: dict[str, Any] = {"shipped_at": at, "lines": encode(lines)}
        if all(expected):
            fields |= {"expected_from": expected[0], "expected_to": expected[1]}
        event = Happened(f"shipped:{shipment_id}", "shipped", at, "With the carrier.", shipment_id)
        await self._heard(order_id, event, fields)

    async def moved(self, order_id: str, shipment_id: str, revision: int, event: Happened) -> None:
        """A parcel's canonical state changed."""
        # Documents compare field by field, so the highest revision wins, in whatever order they are heard.
        track = {"revision": revision, "state": event.type, "at": event.at}
        await self._heard(order_id, event, {}, {"$max": {f"shipments.{shipment_id}.track": track}})

    async def _heard(
        self, order_id: str, event: Happened, fields: dict[str, Any], more: dict[str, Any] | None = None
    ) -> None:
        if not limits.is_id(order_id, "ord") or not limits.is_id(event.shipment_id, "shp"):
            raise Invalid("not an order's parcel")
        where = {"_id": order_id, "events.key": {"$ne": event.key}}
        update: dict[str, Any] = {"$push": {"events": encode(event)}, **(more or {})}
        if fields:
            update["$set"] = {f"shipments.{event.shipment_id}.{name}": value for name, value in fields.items()}
        order = await self._orders.change(where, update)
        # Heard already: whoever heard it may have stopped before the order's own state followed.
        order = order or await self._orders.get(order_id)
        if order is not None:
            await self._followed(order)
            if order.deferred:
                for hook in self.unpaid:
                    await hook(order)

    async def _followed(self, order: Order) -> None:
        """Makes the order's state what its parcels say. Never back, and never out of cancelling."""
        state = order.state_by_parcels()
        if state is State.DELIVERED and order.state in (State.PAID, State.SHIPPED):
            at = max(s.track.at for s in order.shipments.values() if s.track)
            where = {"_id": order.id, "state": {"$in": [State.PAID.value, State.SHIPPED.value]}}
            update = {"$set": {"state": State.DELIVERED.value, "delivered_at": at, "uncounted": True}}
            await self._orders.change(where, update, order_delivered(order, at))
        elif state is State.SHIPPED and order.state is State.PAID:
            where = {"_id": order.id, "state": State.PAID.value}
            await self._orders.change(where, {"$set": {"state": State.SHIPPED.value}})


def told_at(text: str, otherwise: datetime) -> datetime:
    """The moment an event names; `otherwise` when it names none."""
    return parse_time(text) or otherwise
