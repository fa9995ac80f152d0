"""This is where calls about holding orders come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import holds_pb2 as pb
from shop.orders.v1 import holds_pb2_grpc

from services.orders import limits
from services.orders.holding import Holding
from services.orders.messages.orders import staff_message


@dataclass
class HoldsApi(holds_pb2_grpc.HoldsServiceServicer):
    """Answers shop.orders.v1.HoldsService."""

    holding: Holding

    async def HoldOrder(self, request: pb.HoldOrderRequest, context: Any) -> pb.HoldOrderResponse:
        """Holds a paid order."""
        reason = limits.code(request.reason, "/reason")
        order = await self.holding.hold(request.order_id, reason, request.text, request.by, pauses=request.pauses)
        return pb.HoldOrderResponse(order=staff_message(order))

    async def ReleaseHold(self, request: pb.ReleaseHoldRequest, context: Any) -> pb.ReleaseHoldResponse:
        """Lets one reason go."""
        order = await self.holding.release(request.order_id, request.reason, request.by, request.why)
        return pb.ReleaseHoldResponse(order=staff_message(order))
