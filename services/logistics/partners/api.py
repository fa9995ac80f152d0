"""This is where calls about keys, parcels and webhooks come in: who asks is proved first."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from shop.logistics.v1 import (
    carriers_pb2,
    partner_keys_pb2,
    partner_keys_pb2_grpc,
    partner_parcels_pb2,
    partner_parcels_pb2_grpc,
    webhooks_pb2,
    webhooks_pb2_grpc,
)

from services.logistics.carrier_keys import (
    MANIFESTS_READ,
    PICKUPS_READ,
    SHIPMENTS_READ,
    WEBHOOKS_MANAGE,
    CarrierKeys,
    Proof,
)
from services.logistics.messages.parcels import shipment_message
from services.logistics.messages.partners import proof

from . import messages
from .deliveries import Deliveries
from .endpoints import Endpoints
from .keys import PartnerKeys
from .parcels import PartnerParcels

T = TypeVar("T")


class PartnerKeysApi(partner_keys_pb2_grpc.PartnerKeysServiceServicer):
    """Keys, for staff."""

    def __init__(self, keys: PartnerKeys) -> None:
        self._keys = keys

    async def CreatePartnerKey(
        self, request: partner_keys_pb2.CreatePartnerKeyRequest, context: Any
    ) -> partner_keys_pb2.CreatePartnerKeyResponse:
        made, secret = await self._keys.create(messages.wish(request))
        return partner_keys_pb2.CreatePartnerKeyResponse(key=messages.key(made), secret=secret)

    async def ListPartnerKeys(
        self, request: partner_keys_pb2.ListPartnerKeysRequest, context: Any
    ) -> partner_keys_pb2.ListPartnerKeysResponse:
        found, cursor = await self._keys.page(request.carrier, request.page.limit, request.page.cursor)
        return partner_keys_pb2.ListPartnerKeysResponse(keys=map(messages.key, found), next_cursor=cursor)

    async def RotatePartnerKey(
        self, request: partner_keys_pb2.RotatePartnerKeyRequest, context: Any
    ) -> partner_keys_pb2.RotatePartnerKeyResponse:
        key, secret = await self._keys.rotate(request.id, request.overlap_hours)
        return partner_keys_pb2.RotatePartnerKeyResponse(key=messages.key(key), secret=secret)

    async def RevokePartnerKey(
        self, request: partner_keys_pb2.RevokePartnerKeyRequest, context: Any
    ) -> partner_keys_pb2.RevokePartnerKeyResponse:
        key = await self._keys.revoke(request.id)
        return partner_keys_pb2.RevokePartnerKeyResponse(key=messages.key(key))

    async def GetPartnerKeyUse(
        self, request: partner_keys_pb2.GetPartnerKeyUseRequest, context: Any
    ) -> partner_keys_pb2.GetPartnerKeyUseResponse:
        await self._keys.write_down()
        days = await self._keys.use(request.id)
        return partner_keys_pb2.GetPartnerKeyUseResponse(days=map(messages.use, days))


class PartnerParcelsApi(partner_parcels_pb2_grpc.PartnerParcelsServiceServicer):
    """Parcels, for the carrier that brings them."""

    def __init__(self, keys: CarrierKeys, parcels: PartnerParcels) -> None:
        self._keys, self._parcels = keys, parcels

    async def ListWaybills(
        self, request: partner_parcels_pb2.ListWaybillsRequest, context: Any
    ) -> partner_parcels_pb2.ListWaybillsResponse:
        carrier = await self._keys.carrier_of(proof(request.proof), SHIPMENTS_READ)
        found, cursor = await self._parcels.page(carrier, request.page.limit, request.page.cursor)
        return partner_parcels_pb2.ListWaybillsResponse(waybills=map(messages.waybill, found), next_cursor=cursor)

    async def GetWaybill(
        self, request: partner_parcels_pb2.GetWaybillRequest, context: Any
    ) -> partner_parcels_pb2.GetWaybillResponse:
        carrier = await self._keys.carrier_of(proof(request.proof), SHIPMENTS_READ)
        found = await self._parcels.get(carrier, request.waybill)
        return partner_parcels_pb2.GetWaybillResponse(shipment=shipment_message(found))

    async def ListPickupWaybills(
        self, request: partner_parcels_pb2.ListPickupWaybillsRequest, context: Any
    ) -> partner_parcels_pb2.ListPickupWaybillsResponse:
        carrier = await self._keys.carrier_of(proof(request.proof), PICKUPS_READ)
        found, cursor = await self._parcels.waiting(carrier, request.date, request.page.limit, request.page.cursor)
        shown = map(messages.waybill, found)
        return partner_parcels_pb2.ListPickupWaybillsResponse(waybills=shown, next_cursor=cursor)

    async def ListManifestLines(
        self, request: partner_parcels_pb2.ListManifestLinesRequest, context: Any
    ) -> partner_parcels_pb2.ListManifestLinesResponse:
        carrier = await self._keys.carrier_of(proof(request.proof), MANIFESTS_READ)
        found, cursor = await self._parcels.handed(carrier, request.date, request.page.limit, request.page.cursor)
        shown = map(messages.waybill, found)
        return partner_parcels_pb2.ListManifestLinesResponse(waybills=shown, next_cursor=cursor)


class WebhooksApi(webhooks_pb2_grpc.WebhooksServiceServicer):
    """Endpoints and deliveries, for the carrier whose they are."""

    def __init__(self, keys: CarrierKeys, endpoints: Endpoints, deliveries: Deliveries) -> None:
        self._keys, self._endpoints, self._deliveries = keys, endpoints, deliveries

    async def _reads(self, shown: carriers_pb2.CarrierProof) -> str:
        return await self._keys.carrier_of(proof(shown), WEBHOOKS_MANAGE)

    async def _changes(self, shown: carriers_pb2.CarrierProof) -> tuple[str, Proof]:
        proved = proof(shown)
        carrier = await self._keys.carrier_of(proved, WEBHOOKS_MANAGE)
        await self._keys.first_time(proved)
        return carrier, proved

    async def _once(self, proved: Proof, doing: Awaitable[T]) -> T:
        done = await doing
        await self._keys.answered(proved)
        return done

    async def CreateEndpoint(
        self, request: webhooks_pb2.CreateEndpointRequest, context: Any
    ) -> webhooks_pb2.CreateEndpointResponse:
        carrier, proved = await self._changes(request.proof)
        made, secret = await self._once(proved, self._endpoints.create(carrier, request.url, list(request.types)))
        return webhooks_pb2.CreateEndpointResponse(endpoint=messages.endpoint(made), secret=secret)

    async def ListEndpoints(
        self, request: webhooks_pb2.ListEndpointsRequest, context: Any
    ) -> webhooks_pb2.ListEndpointsResponse:
        found = await self._endpoints.of(await self._reads(request.proof))
        return webhooks_pb2.ListEndpointsResponse(endpoints=map(messages.endpoint, found))

    async def GetEndpoint(
        self, request: webhooks_pb2.GetEndpointRequest, context: Any
    ) -> webhooks_pb2.GetEndpointResponse:
        found = await self._endpoints.get(await self._reads(request.proof), request.id)
        return webhooks_pb2.GetEndpointResponse(endpoint=messages.endpoint(found))

    async def ChangeEndpoint(
        self, request: webhooks_pb2.ChangeEndpointRequest, context: Any
    ) -> webhooks_pb2.ChangeEndpointResponse:
        carrier, proved = await self._changes(request.proof)
        changing = self._endpoints.change(carrier, request.id, request.url, list(request.types), request.state)
        return webhooks_pb2.ChangeEndpointResponse(endpoint=messages.endpoint(await self._once(proved, changing)))

    async def RotateEndpoint(
        self, request: webhooks_pb2.RotateEndpointRequest, context: Any
    ) -> webhooks_pb2.RotateEndpointResponse:
        carrier, proved = await self._changes(request.proof)
        rotating = self._endpoints.rotate(carrier, request.id, request.overlap_hours)
        changed, secret = await self._once(proved, rotating)
        return webhooks_pb2.RotateEndpointResponse(endpoint=messages.endpoint(changed), secret=secret)

    async def TestEndpoint(
        self, request: webhooks_pb2.TestEndpointRequest, context: Any
    ) -> webhooks_pb2.TestEndpointResponse:
        carrier, proved = await self._changes(request.proof)
        sent = await self._once(proved, self._deliveries.test(carrier, request.id))
        return webhooks_pb2.TestEndpointResponse(delivery=messages.delivery(sent))

    async def ReplayRange(
        self, request: webhooks_pb2.ReplayRangeRequest, context: Any
    ) -> webhooks_pb2.ReplayRangeResponse:
        carrier, proved = await self._changes(request.proof)
        replaying = self._deliveries.replay_range(carrier, request.id, request.since, request.until)
        count, more = await self._once(proved, replaying)
        return webhooks_pb2.ReplayRangeResponse(replayed=count, more_since=more)

    async def ListDeliveries(
        self, request: webhooks_pb2.ListDeliveriesRequest, context: Any
    ) -> webhooks_pb2.ListDeliveriesResponse:
        carrier, page = await self._reads(request.proof), request.page
        found, cursor = await self._deliveries.page(
            carrier, request.endpoint_id, request.state, page.limit, page.cursor
        )
        return webhooks_pb2.ListDeliveriesResponse(deliveries=map(messages.delivery, found), next_cursor=cursor)

    async def GetDelivery(
        self, request: webhooks_pb2.GetDeliveryRequest, context: Any
    ) -> webhooks_pb2.GetDeliveryResponse:
        found = await self._deliveries.get(await self._reads(request.proof), request.id)
        return webhooks_pb2.GetDeliveryResponse(delivery=messages.delivery(found))

    async def ReplayDelivery(
        self, request: webhooks_pb2.ReplayDeliveryRequest, context: Any
    ) -> webhooks_pb2.ReplayDeliveryResponse:
        carrier, proved = await self._changes(request.proof)
        again = await self._once(proved, self._deliveries.replay(carrier, request.id))
        return webhooks_pb2.ReplayDeliveryResponse(delivery=messages.delivery(again))
