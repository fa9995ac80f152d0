"""This is where calls about reroutes come in."""

from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import reroutes_pb2, reroutes_pb2_grpc

from services.logistics.labels import Labels
from services.logistics.messages import parcels

from .reroutes import Reroutes, Wish


@dataclass
class ReroutesApi(reroutes_pb2_grpc.ReroutesServiceServicer):
    """From another warehouse."""

    reroutes: Reroutes
    labels: Labels

    async def RerouteShipment(
        self, request: reroutes_pb2.RerouteShipmentRequest, context: Any
    ) -> reroutes_pb2.RerouteShipmentResponse:
        """Leaves from elsewhere."""
        wish = Wish(request.was, request.reason, request.to, request.note, request.by)
        rerouted = await self.reroutes.reroute(request.id, wish)
        shown = parcels.shipment_message(rerouted, self.labels.address(rerouted))
        return reroutes_pb2.RerouteShipmentResponse(shipment=shown)
