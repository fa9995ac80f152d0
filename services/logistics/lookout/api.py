"""This is where calls about parcels under way come in."""

from collections.abc import Awaitable, Callable
from typing import Any

from shop.logistics.v1 import tracking_pb2, tracking_pb2_grpc

from services.logistics.estimates import DoorTimes
from services.logistics.shipments import Shipments

from . import messages
from .standing import Standing


class TrackingApi(tracking_pb2_grpc.TrackingServiceServicer):
    """Answers shop.logistics.v1.TrackingService."""

    def __init__(
        self, shipments: Shipments, standing: Standing, lanes: Callable[[], Awaitable[list[DoorTimes]]]
    ) -> None:
        self._shipments, self._standing, self._lanes = shipments, standing, lanes

    async def GetTracking(
        self, request: tracking_pb2.GetTrackingRequest, context: Any
    ) -> tracking_pb2.GetTrackingResponse:
        """One parcel, with every scan."""
        found = await self._shipments.get(request.shipment_id)
        return tracking_pb2.GetTrackingResponse(tracking=messages.tracking_message(found, scans=True))

    async def ListStanding(
        self, request: tracking_pb2.ListStandingRequest, context: Any
    ) -> tracking_pb2.ListStandingResponse:
        """Those that stand still."""
        found = await self._standing.listed(request.watch, request.carrier, request.limit)
        shown = [messages.tracking_message(one, scans=False) for one in found]
        return tracking_pb2.ListStandingResponse(parcels=shown)

    async def ListLanes(self, request: tracking_pb2.ListLanesRequest, context: Any) -> tracking_pb2.ListLanesResponse:
        """How long parcels take."""
        known = await self._lanes()
        shown = [one for one in known if not request.carrier or one.id.startswith(f"{request.carrier}|")]
        return tracking_pb2.ListLanesResponse(lanes=map(messages.lane_message, shown))
