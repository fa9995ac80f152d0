"""This is where what logistics tells becomes words of this service."""

from collections.abc import Sequence
from datetime import datetime

from shop.logistics.v1 import events_pb2

from services.kit.clock import Clock, parse_time
from services.kit.events import Told
from services.orders.fulfilment import Fulfilment, Planned, told_at
from services.orders.orders import Happened, Sent, Shipment

_TEXTS = {
    "label_created": "The label is printed.",
    "picked_up": "Picked up by the carrier.",
    "in_transit": "On its way.",
    "customs": "In customs.",
    "out_for_delivery": "Out for delivery.",
    "ready_for_pickup": "Ready to be picked up.",
    "delivered": "Delivered.",
    "attempt_failed": "Nobody was there.",
    "exception": "Something is in the way; we look into it.",
    "rejected": "It was not accepted.",
    "returning": "On its way back.",
    "returned": "Back with us.",
    "cancelled": "The parcel was stopped.",
}


class Hearing:
    """Takes logistics' events apart for the feature."""

    def __init__(self, fulfilment: Fulfilment, clock: Clock) -> None:
        self._fulfilment, self._clock = fulfilment, clock

    async def on_shipments_planned(self, events: Sequence[tuple[events_pb2.ShipmentPlanned, Told]]) -> None:
        """Warehouses are chosen and waybills made."""
        await self._fulfilment.planned([self._planned(event, told) for event, told in events])

    def _planned(self, event: events_pb2.ShipmentPlanned, told: Told) -> Planned:
        shipment = Shipment(
            warehouse=event.warehouse,
            carrier=event.carrier,
            waybill=event.waybill,
            lines=[Sent(line.sku, line.quantity) for line in event.lines],
            planned_at=self._at(event.at, told),
            deliver_by=self._at(event.deliver_by, told),
        )
        return Planned(event.order_id, event.shipment_id, shipment, max(1, event.shipments))

    async def on_shipment_packed(self, event: events_pb2.ShipmentPacked, told: Told) -> None:
        """Goods are in the box."""
        await self._fulfilment.packed(event.order_id, event.shipment_id, self._at(event.at, told))

    async def on_shipment_shipped(self, event: events_pb2.ShipmentShipped, told: Told) -> None:
        """Handed to the carrier."""
        lines = [Sent(line.sku, line.quantity) for line in event.lines]
        expected = (parse_time(event.expected_from), parse_time(event.expected_to))
        at = self._at(event.at, told)
        await self._fulfilment.shipped(event.order_id, event.shipment_id, lines, at, expected)

    async def on_parcel_moved(self, event: events_pb2.ParcelMoved, told: Told) -> None:
        """A parcel's canonical state changed."""
        # The carrier's own words may name somebody; ours do not.
        happened = Happened(
            f"moved:{event.shipment_id}:{event.revision}",
            event.state,
            self._at(event.occurred_at, told),
            _TEXTS.get(event.state, ""),
            event.shipment_id,
        )
        await self._fulfilment.moved(event.order_id, event.shipment_id, event.revision, happened)

    def _at(self, text: str, told: Told) -> datetime:
        return told_at(text or told.at, self._clock.now())
