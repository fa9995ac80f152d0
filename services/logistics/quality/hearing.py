"""This is where it is heard what left and what is complained of."""

from collections.abc import Sequence

from shop.logistics.v1.events_pb2 import ShipmentPlanned, ShipmentShipped
from shop.orders.v1.events_pb2 import ReturnRequested

from services.kit.clock import Clock, parse_time
from services.kit.events import Told

from .counts import COMPLAINTS, SHIPPED, Counts, Seen
from .flags import Flags
from .looking import Looking

_TASTE = "preference"  # nothing is wrong with what is merely not liked
_BUYER = "customer"


class Hearing:
    """Counts, and holds what must be looked at."""

    def __init__(self, counts: Counts, flags: Flags, looking: Looking, clock: Clock) -> None:
        self._counts, self._flags, self._looking, self._clock = counts, flags, looking, clock

    async def on_shipment_planned(self, events: Sequence[tuple[ShipmentPlanned, Told]]) -> None:
        """It may wait to be looked at."""
        await self._looking.planned({event.shipment_id: [line.sku for line in event.lines] for event, _ in events})

    async def on_shipment_shipped(self, events: Sequence[tuple[ShipmentShipped, Told]]) -> None:
        """So many units more have left."""
        today = self._clock.now()
        await self._counts.count(
            [
                Seen(line.sku, (parse_time(event.at) or today).date(), SHIPPED, line.quantity, event.shipment_id)
                for event, _ in events
                for line in event.lines
            ]
        )

    async def on_return_requested(self, event: ReturnRequested, told: Told) -> None:
        """Somebody complains, unless it is a matter of taste or the customer's own doing."""
        if event.group == _TASTE or event.blames == _BUYER:
            return
        day = (parse_time(event.at) or self._clock.now()).date()
        await self._counts.count(
            [Seen(line.sku, day, COMPLAINTS, line.quantity, event.return_id) for line in event.lines if line.sku]
        )
        for sku, category in {line.sku: line.category for line in event.lines if line.sku}.items():
            flag = await self._flags.complained(sku, category)
            if flag.raised:
                await self._looking.hold_waiting(sku)

    async def watch(self) -> None:
        """Flags come down as time goes by, and what is up is held against all that waits; a chore."""
        for flag in await self._flags.weigh_again():
            await self._looking.hold_waiting(flag.id)
        await self._looking.lift()
