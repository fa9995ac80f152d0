"""This is where after-sales hears: of parcels that come back, and of its own follow-ups that were cancelled."""

from collections.abc import Sequence

from shop.logistics.v1.events_pb2 import ReturnParcelMoved, ReturnParcelReceived, ReturnPickupChanged
from shop.orders.v1.events_pb2 import OrderCancelled

from services.kit.clock import Clock, parse_time
from services.kit.events import Told

from .returns import WayBack
from .sending import Sending
from .ways_back import WaysBack


class Hearing:
    """What is done about it."""

    def __init__(self, ways_back: WaysBack, sending: Sending, clock: Clock) -> None:
        self._ways_back, self._sending, self._clock = ways_back, sending, clock

    async def on_return_parcel_moved(self, event: ReturnParcelMoved, told: Told) -> None:
        """The return's parcel moved."""
        at = parse_time(event.occurred_at) or self._clock.now()
        way = WayBack(
            waybill=event.waybill,
            carrier=event.carrier,
            kind="label",
            warehouse=event.warehouse,
            freight_minor=0,
            booked_at=at,
            state=event.state,
            revision=event.revision,
        )
        await self._ways_back.moved(event.return_id, way, at)

    async def on_return_pickup_changed(self, event: ReturnPickupChanged, told: Told) -> None:
        """Another window, missed, or called off."""
        at = parse_time(event.at) or self._clock.now()
        await self._ways_back.picked_otherwise(event.return_id, event.waybill, event.what, event.window, at)

    async def on_return_parcel_received(self, event: ReturnParcelReceived, told: Told) -> None:
        """Staff have it."""
        await self._ways_back.received(event.return_id)

    async def on_orders_cancelled(self, events: Sequence[tuple[OrderCancelled, Told]]) -> None:
        """What is owed for goods is owed again when what was sent for them was cancelled."""
        for event, _ in events:
            await self._sending.called_off(event.order_id)
