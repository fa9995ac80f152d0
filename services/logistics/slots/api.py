"""This is where calls about delivery windows come in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import slots_pb2 as pb
from shop.logistics.v1 import slots_pb2_grpc

from services.logistics.messages.places import region

from . import messages
from .slots import Slots, WindowClosed, WindowFull
from .windows import Windows


@dataclass
class SlotsApi(slots_pb2_grpc.SlotsServiceServicer):
    """Answers shop.logistics.v1.SlotsService."""

    windows: Windows
    slots: Slots
    count: Callable[[str], None]

    async def PutDeliveryWindow(
        self, request: pb.PutDeliveryWindowRequest, context: Any
    ) -> pb.PutDeliveryWindowResponse:
        """Makes or changes one."""
        kept = await self.windows.put(messages.window(request.window), request.if_version)
        return pb.PutDeliveryWindowResponse(window=messages.window_message(kept))

    async def ListDeliveryWindows(
        self, request: pb.ListDeliveryWindowsRequest, context: Any
    ) -> pb.ListDeliveryWindowsResponse:
        """A page of them."""
        found, more = await self.windows.page(request.warehouse, request.page.limit, request.page.cursor)
        return pb.ListDeliveryWindowsResponse(windows=map(messages.window_message, found), next_cursor=more)

    async def ListSlots(self, request: pb.ListSlotsRequest, context: Any) -> pb.ListSlotsResponse:
        """A window's next days."""
        seen = await self.slots.seen(await self.windows.days(request.code))
        rows = [messages.slot_message(each, slot.taken if slot else 0, slot) for each, slot in seen]
        return pb.ListSlotsResponse(slots=rows)

    async def ListFreeSlots(self, request: pb.ListFreeSlotsRequest, context: Any) -> pb.ListFreeSlotsResponse:
        """Those with room."""
        free = await self.slots.free(request.option, region(request.region), full_too=request.full_too)
        rows = [messages.slot_message(each, each.capacity - left) for each, left in free]
        return pb.ListFreeSlotsResponse(slots=rows)

    async def TakeSlot(self, request: pb.TakeSlotRequest, context: Any) -> pb.TakeSlotResponse:
        """A place for an order."""
        try:
            slot = await self.slots.take(messages.wish(request))
        except (WindowFull, WindowClosed) as no:
            self.count("full" if isinstance(no, WindowFull) else "closed")
            raise
        self.count("taken")
        return pb.TakeSlotResponse(slot=messages.taken_message(slot))

    async def SettleSlot(self, request: pb.SettleSlotRequest, context: Any) -> pb.SettleSlotResponse:
        """This one is the order's."""
        await self.slots.settle(request.order_id, request.slot, request.revision)
        return pb.SettleSlotResponse()
