"""This is where what orders tells itself, and what logistics tells of its parcels, becomes a change that ERPs follow."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from shop.logistics.v1 import events_pb2 as logistics
from shop.orders.v1 import events_pb2 as orders

from services.kit.clock import parse_time
from services.kit.events import Told

from .feed import Change, Feed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OWN: dict[type[Message], str] = {
    orders.OrderPaid: "paid",
    orders.OrderReleased: "released",
    orders.OrderCancelled: "cancelled",
    orders.OrderDelivered: "delivered",
    orders.RefundIssued: "refunded",
    orders.ReturnReceived: "returned",
}
Own = Callable[[Sequence[tuple[Any, Told]]], Awaitable[object]]


class Heard:
    """Writes down what is heard. Heard twice it is written down twice: a follower bears that."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def own(self) -> dict[type[Message], Own]:
        """What is done about each of our own events."""
        return {kind: self._writing(what) for kind, what in OWN.items()}

    async def on_shipment_shipped(self, event: logistics.ShipmentShipped, told: Told) -> None:
        """A parcel has left."""
        await self._feed.append([Change(event.order_id, "shipped", _at(told))])

    def _writing(self, what: str) -> Own:
        async def write(events: Sequence[tuple[Any, Told]]) -> None:
            await self._feed.append([Change(event.order_id, what, _at(told)) for event, told in events])

        return write


def _at(told: Told) -> datetime:
    return parse_time(told.at) or _EPOCH
