"""This is where logistics is asked for places in its delivery windows."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import grpc.aio
from shop.logistics.v1 import slots_pb2 as pb
from shop.logistics.v1 import slots_pb2_grpc

from services.kit.clock import parse_time
from services.kit.errors import Unavailable
from services.kit.rpc import NeighbourFailed, call
from services.orders.addresses import Region
from services.orders.messages.addresses import region_message
from services.orders.orders import Order

from .window import Free, Window

Response = TypeVar("Response")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SlotsAway(Unavailable):
    """Delivery windows cannot be asked about now: try again."""


class Slots:
    """Places, over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = slots_pb2_grpc.SlotsServiceStub(channel)

    async def there(self, option: str, region: Region) -> list[Free]:
        """The slots at a place, those that are full too; the soonest first."""
        request = pb.ListFreeSlotsRequest(option=option, region=region_message(region), full_too=True)
        answer = await _asked(self._stub.ListFreeSlots, request)
        return [Free(_window(slot), slot.title, max(0, slot.capacity - slot.taken)) for slot in answer.slots]

    async def take(self, order: Order) -> None:
        """Takes a place in the order's window, once. Refuses with WINDOW_FULL, WINDOW_CLOSED."""
        if order.window:
            await _asked(self._stub.TakeSlot, _wish(order, order.window.id, order.window.revision))

    async def take_instead(self, order: Order, slot: str) -> Window:
        """A place in another slot, the next change of the order's; its parcels are awaited then. Refuses with WINDOW_FULL,
        WINDOW_CLOSED, ON_THE_WAY."""
        has = order.window
        request = _wish(order, slot, has.revision + 1 if has else 0, has.id if has else "")
        return _window((await _asked(self._stub.TakeSlot, request)).slot, request.revision)

    async def settle(self, order: Order) -> None:
        """The order's window is the one it has: places in others are free. Again changes nothing."""
        slot, revision = (order.window.id, order.window.revision) if order.window else ("", 0)
        request = pb.SettleSlotRequest(order_id=order.id, slot=slot, revision=revision)
        await _asked(self._stub.SettleSlot, request)

    async def release(self, order: Order) -> None:
        """Gives its places back; again changes nothing."""
        await _asked(self._stub.SettleSlot, pb.SettleSlotRequest(order_id=order.id))


async def _asked(method: Callable[..., Awaitable[Response]], request: object) -> Response:
    try:
        return await call(method, request, timeout_s=2.0)
    except NeighbourFailed as failed:
        raise SlotsAway(str(failed)) from failed


def _wish(order: Order, slot: str, revision: int, was: str = "") -> pb.TakeSlotRequest:
    return pb.TakeSlotRequest(
        order_id=order.id,
        slot=slot,
        option=order.delivery.id,
        region=region_message(order.region),
        revision=revision,
        was=was,
    )


def _window(of: pb.Slot, revision: int = 0) -> Window:
    from_at, until_at, cut_off_at = (parse_time(at) or _EPOCH for at in (of.from_at, of.until_at, of.cut_off_at))
    return Window(of.id, of.warehouse, from_at, until_at, cut_off_at, revision)
