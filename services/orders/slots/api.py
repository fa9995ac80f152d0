"""This is where calls about when orders are brought come in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import slots_pb2 as pb
from shop.orders.v1 import slots_pb2_grpc

from services.kit.clock import rfc3339
from services.kit.errors import Invalid
from services.kit.seal import Seal
from services.orders import limits
from services.orders.messages.carts import key_of
from services.orders.messages.orders import order_message, staff_message

from .changing import Asker, Changing
from .choosing import Choosing
from .store import SlotsOf
from .window import Free

_MOST = 500


@dataclass
class SlotsApi(slots_pb2_grpc.SlotsServiceServicer):
    """Answers shop.orders.v1.SlotsService."""

    choosing: Choosing
    changing: Changing
    slots_of: SlotsOf
    seal: Seal

    async def ListCartSlots(self, request: pb.ListCartSlotsRequest, context: Any) -> pb.ListCartSlotsResponse:
        """When a cart can be brought."""
        found = await self.choosing.free(key_of(request.key), limits.text(request.option, "/option", 64))
        return pb.ListCartSlotsResponse(slots=_rows(found))

    async def ListOrderSlots(self, request: pb.ListOrderSlotsRequest, context: Any) -> pb.ListOrderSlotsResponse:
        """When an order could be brought instead."""
        found = await self.changing.free(request.order_id, request.customer_id, staff=request.staff)
        return pb.ListOrderSlotsResponse(slots=_rows(found))

    async def ChangeSlot(self, request: pb.ChangeSlotRequest, context: Any) -> pb.ChangeSlotResponse:
        """It is brought then."""
        slot = limits.text(request.slot, "/window", 64, needed=True)
        order = await self.changing.change(request.order_id, slot, Asker(request.customer_id, request.staff_id))
        shown = staff_message if request.staff_id else order_message
        return pb.ChangeSlotResponse(order=shown(order, self.seal.open(order.sealed_address, order.id)))

    async def ListSlotFates(self, request: pb.ListSlotFatesRequest, context: Any) -> pb.ListSlotFatesResponse:
        """Which slots orders have."""
        wanted = list(request.order_ids)
        if len(wanted) > _MOST:
            raise limits.refused("/order_ids", f"at most {_MOST}", Invalid)
        found = await self.slots_of(wanted) if wanted else {}
        return pb.ListSlotFatesResponse(slots=[found.get(order_id, "") for order_id in wanted])


def _rows(found: Iterable[Free]) -> list[pb.FreeSlot]:
    return [
        pb.FreeSlot(
            id=each.window.id,
            title=each.title,
            from_at=rfc3339(each.window.from_at),
            until_at=rfc3339(each.window.until_at),
            cut_off_at=rfc3339(each.window.cut_off_at),
            left=each.left,
        )
        for each in found
    ]
