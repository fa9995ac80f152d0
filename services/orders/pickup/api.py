"""This is where calls about picking up come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import pickups_pb2 as pb
from shop.orders.v1 import pickups_pb2_grpc

from services.orders.messages.carts import key_of

from .handing import Handing, Seen
from .messages import pickup_message, point_message
from .points import Points, checked_code
from .store import Waiting


@dataclass
class PickupsApi(pickups_pb2_grpc.PickupsServiceServicer):
    """Answers shop.orders.v1.PickupsService."""

    points: Points
    handing: Handing
    waiting: Waiting

    async def ListPickupPoints(self, request: pb.ListPickupPointsRequest, context: Any) -> pb.ListPickupPointsResponse:
        """Where a cart can be picked up."""
        found = await self.points.of(key_of(request.key))
        return pb.ListPickupPointsResponse(points=map(point_message, found))

    async def ChoosePickup(self, request: pb.ChoosePickupRequest, context: Any) -> pb.ChoosePickupResponse:
        """Picks it up there."""
        cart = await self.points.choose(key_of(request.key), checked_code(request.store))
        return pb.ChoosePickupResponse(cart_id=cart.id, version=cart.version)

    async def GetPickup(self, request: pb.GetPickupRequest, context: Any) -> pb.GetPickupResponse:
        """How far it has come."""
        seen = await self.handing.seen(request.order_id, request.customer_id, staff=request.staff)
        return pb.GetPickupResponse(pickup=pickup_message(seen))

    async def ReadyPickup(self, request: pb.ReadyPickupRequest, context: Any) -> pb.ReadyPickupResponse:
        """It lies there."""
        return pb.ReadyPickupResponse(pickup=pickup_message(await self.handing.ready(request.order_id)))

    async def RenewPickupCode(self, request: pb.RenewPickupCodeRequest, context: Any) -> pb.RenewPickupCodeResponse:
        """Another code."""
        return pb.RenewPickupCodeResponse(pickup=pickup_message(await self.handing.new_code(request.order_id)))

    async def CollectPickup(self, request: pb.CollectPickupRequest, context: Any) -> pb.CollectPickupResponse:
        """Hands it over."""
        seen = await self.handing.collect(request.order_id, request.code, request.by)
        return pb.CollectPickupResponse(pickup=pickup_message(seen))

    async def ListPickups(self, request: pb.ListPickupsRequest, context: Any) -> pb.ListPickupsResponse:
        """What waits in stores."""
        found, more = await self.waiting.page(request.store, request.state, request.page.limit, request.page.cursor)
        rows = [pickup_message(Seen(order, order.pickup)) for order in found if order.pickup]
        return pb.ListPickupsResponse(pickups=rows, next_cursor=more)
