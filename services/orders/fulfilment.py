"""This is where what logistics tells becomes part of the order: one conditional write each, whatever order it comes in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.clock import Clock, parse_time
from services.kit.errors import Invalid
from services.kit.store import Change, Store, encode

from . import limits
from .messages.events import order_delivered
from .orders import GONE, Happened, Order, Sent, Shipment, State


@dataclass(frozen=True, slots=True)
class Planned:
    """A shipment of an order, which has so many in all."""

    order_id: str
    shipment_id: str
    shipment: Shipment
    shipments: int


class Fulfilment:
    """Listens to logistics. What was heard already changes nothing: every entry has a key, and newer wins by revision."""

    def __init__(self, orders: Store[Order], clock: Clock) -> None:
        self._orders, self._clock = orders, clock
        # Told of every parcel of an order whose money is not in yet.
        self.unpaid: list[Callable[[Order], Awaitable[object]]] = []
        # Told of an order whose parcels went on before it was heard that they were planned.
        self.overtaken: list[Callable[[Order], Awaitable[object]]] = []

    async def planned(self, plans: Sequence[Planned]) -> None:
        """Warehouses are chosen and waybills made: of every order bought, so many are written at once."""
        await self._orders.change_many([self._planning(plan) for plan in plans])
        # Few have gone further than what was planned: told late, or again.
        further = {"$or": [{"events.type": {"$in": sorted(GONE)}}, {"paying": {"$ne": None}}]}
        ids = sorted({plan.order_id for plan in plans})
        for order in await self._orders.find({"_id": {"$in": ids}, **further}, limit=len(ids)):
            await self._followed(order)
            for hook in self.overtaken:
                await hook(order)

    def _planning(self, plan: Planned) -> Change:
        _check(plan.order_id, plan.shipment_id)
        shipment, at = plan.shipment, plan.shipment.planned_at or self._clock.now()
        fields: dict[str, Any] = {
            "warehouse": shipment.warehouse,
            "carrier": shipment.carrier,
            "waybill": shipment.waybill,
            "lines": encode(shipment.lines),
            "planned_at": at,
            "deliver_by": shipment.deliver_by,
        }
        text = f"A parcel leaves from {shipment.warehouse}."
        event = Happened(f"planned:{plan.shipment_id}", "allocated", at, text, plan.shipment_id)
        return _happening(plan.order_id, event, fields, {"$max": {"shipments_planned": plan.shipments}})

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
        _check(order_id, event.shipment_id)
        change = _happening(order_id, event, fields, more or {})
        order = await self._orders.change(change.where, change.update)
        # Heard already: whoever heard it may have stopped before the order's own state followed.
        order = order or await self._orders.get(order_id)
        if order is not None:
            await self._followed(order)

    async def _followed(self, order: Order) -> None:
        """Makes the order's state what its parcels say. Never back, and never out of cancelling. Its money follows."""
        state = order.state_by_parcels()
        if state is State.DELIVERED and order.state in (State.PAID, State.SHIPPED):
            at = max(s.track.at for s in order.shipments.values() if s.track)
            where = {"_id": order.id, "state": {"$in": [State.PAID.value, State.SHIPPED.value]}}
            update = {"$set": {"state": State.DELIVERED.value, "delivered_at": at, "uncounted": True}}
            await self._orders.change(where, update, order_delivered(order, at))
        elif state is State.SHIPPED and order.state is State.PAID:
            where = {"_id": order.id, "state": State.PAID.value}
            await self._orders.change(where, {"$set": {"state": State.SHIPPED.value}})
        if order.deferred:
            for hook in self.unpaid:
                await hook(order)


def _check(order_id: str, shipment_id: str) -> None:
    if not limits.is_id(order_id, "ord") or not limits.is_id(shipment_id, "shp"):
        raise Invalid("not an order's parcel")


def _happening(order_id: str, event: Happened, fields: Mapping[str, Any], more: Mapping[str, Any]) -> Change:
    """An event of a parcel, and what it says of it; told again it changes nothing."""
    update: dict[str, Any] = {"$push": {"events": encode(event)}, **more}
    if fields:
        update["$set"] = {f"shipments.{event.shipment_id}.{name}": value for name, value in fields.items()}
    return Change({"_id": order_id, "events.key": {"$ne": event.key}}, update)


def told_at(text: str, otherwise: datetime) -> datetime:
    """The moment an event names; `otherwise` when it names none."""
    return parse_time(text) or otherwise
