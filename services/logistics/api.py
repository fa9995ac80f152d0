"""This is where calls come in: one method, one call into a feature."""

from typing import Any

from shop.logistics.v1 import (
    carriers_pb2,
    carriers_pb2_grpc,
    freight_pb2,
    freight_pb2_grpc,
    shipments_pb2,
    shipments_pb2_grpc,
    warehouses_pb2,
    warehouses_pb2_grpc,
)

from services.kit.clock import Clock

from .carrier_keys import LABELS_READ, PICKUPS_READ, SCANS_WRITE, SHIPMENTS_READ, CarrierKeys
from .freight import Freight
from .holds import Holds
from .labels import Labels
from .messages import parcels, partners, places, sending, stores
from .partners.rehearsal import RehearsedLabels, RehearsedScans
from .pickups import Pickups
from .readdressing import Readdressing
from .shipments import STATES, Shipments, state_named
from .slots.windows import Windows
from .stopping import Stopping
from .warehouses import Used, Warehouses


class WarehousesApi(warehouses_pb2_grpc.WarehousesServiceServicer):
    """Where goods are kept."""

    def __init__(self, warehouses: Warehouses, clock: Clock) -> None:
        self._warehouses, self._clock = warehouses, clock

    async def PutWarehouse(
        self, request: warehouses_pb2.PutWarehouseRequest, context: Any
    ) -> warehouses_pb2.PutWarehouseResponse:
        kept = await self._warehouses.put(stores.warehouse(request.warehouse))
        return warehouses_pb2.PutWarehouseResponse(warehouse=stores.warehouse_message(kept))

    async def ListWarehouses(
        self, request: warehouses_pb2.ListWarehousesRequest, context: Any
    ) -> warehouses_pb2.ListWarehousesResponse:
        known, now = await self._warehouses.all(), self._clock.now()
        used = await self._warehouses.used(now)
        shown = [stores.warehouse_message(one, used.get(one.id, Used()), now) for one in known.values()]
        return warehouses_pb2.ListWarehousesResponse(warehouses=shown)


class FreightApi(freight_pb2_grpc.FreightServiceServicer):
    """What sending costs."""

    def __init__(self, freight: Freight, warehouses: Warehouses, windows: Windows, clock: Clock) -> None:
        self._freight, self._warehouses, self._windows, self._clock = freight, warehouses, windows, clock

    async def QuoteDelivery(
        self, request: freight_pb2.QuoteDeliveryRequest, context: Any
    ) -> freight_pb2.QuoteDeliveryResponse:
        sent = sending.consignment(request)
        quotes = await self._freight.quotes(sent, *await self._warehouses.leaving(sent.region, self._clock.now()))
        windowed = await self._windows.options(sent.region)
        return freight_pb2.QuoteDeliveryResponse(quotes=[sending.quote_message(q, q.id in windowed) for q in quotes])

    async def ShopRates(self, request: freight_pb2.ShopRatesRequest, context: Any) -> freight_pb2.ShopRatesResponse:
        known = await self._warehouses.all()
        found = await self._freight.shopped(
            sending.consignment(request.parcel),
            sending.weights(request),
            warehouse=request.warehouse,
            within_days=request.within_days,
            origin=known[request.warehouse].region if request.warehouse in known else None,
        )
        return sending.rates_message(found)

    async def PutFreightTemplate(
        self, request: freight_pb2.PutFreightTemplateRequest, context: Any
    ) -> freight_pb2.PutFreightTemplateResponse:
        kept = await self._freight.put(sending.template(request.template))
        return freight_pb2.PutFreightTemplateResponse(template=sending.template_message(kept))

    async def ListFreightTemplates(
        self, request: freight_pb2.ListFreightTemplatesRequest, context: Any
    ) -> freight_pb2.ListFreightTemplatesResponse:
        known = await self._freight.all()
        return freight_pb2.ListFreightTemplatesResponse(templates=map(sending.template_message, known))


class ShipmentsApi(shipments_pb2_grpc.ShipmentsServiceServicer):
    """Parcels, for staff and for orders."""

    def __init__(
        self, shipments: Shipments, stopping: Stopping, holds: Holds, readdressing: Readdressing, labels: Labels
    ) -> None:
        self._shipments, self._stopping, self._holds = shipments, stopping, holds
        self._readdressing, self._labels = readdressing, labels

    async def ListShipments(
        self, request: shipments_pb2.ListShipmentsRequest, context: Any
    ) -> shipments_pb2.ListShipmentsResponse:
        state = state_named(parcels.state_name(request.state))
        if request.order_id:
            found, cursor = await self._shipments.of_order(request.order_id, state), ""
        else:
            found, cursor = await self._shipments.listed(state, request.page.limit, request.page.cursor)
        shown = [parcels.shipment_message(one, self._labels.address(one)) for one in found]
        return shipments_pb2.ListShipmentsResponse(shipments=shown, next_cursor=cursor)

    async def GetShipment(
        self, request: shipments_pb2.GetShipmentRequest, context: Any
    ) -> shipments_pb2.GetShipmentResponse:
        found = await self._shipments.get(request.id)
        shown = parcels.shipment_message(found, self._labels.address(found))
        return shipments_pb2.GetShipmentResponse(shipment=shown)

    async def PackShipment(
        self, request: shipments_pb2.PackShipmentRequest, context: Any
    ) -> shipments_pb2.PackShipmentResponse:
        packed = await self._shipments.pack(request.id, request.by)
        shown = parcels.shipment_message(packed, self._labels.address(packed))
        return shipments_pb2.PackShipmentResponse(shipment=shown)

    async def ShipShipment(
        self, request: shipments_pb2.ShipShipmentRequest, context: Any
    ) -> shipments_pb2.ShipShipmentResponse:
        shipped = await self._shipments.ship(request.id, request.by)
        shown = parcels.shipment_message(shipped, self._labels.address(shipped))
        return shipments_pb2.ShipShipmentResponse(shipment=shown)

    async def StopShipments(
        self, request: shipments_pb2.StopShipmentsRequest, context: Any
    ) -> shipments_pb2.StopShipmentsResponse:
        await self._stopping.stop(request.order_id)
        return shipments_pb2.StopShipmentsResponse()

    async def ReaddressShipments(
        self, request: shipments_pb2.ReaddressShipmentsRequest, context: Any
    ) -> shipments_pb2.ReaddressShipmentsResponse:
        to = places.region(request.region)
        await self._readdressing.readdress(request.order_id, request.revision, to, request.sealed_address)
        return shipments_pb2.ReaddressShipmentsResponse()

    async def HoldShipments(
        self, request: shipments_pb2.HoldShipmentsRequest, context: Any
    ) -> shipments_pb2.HoldShipmentsResponse:
        await self._holds.hold(request.order_id, request.turn)
        return shipments_pb2.HoldShipmentsResponse()

    async def PrintLabels(
        self, request: shipments_pb2.PrintLabelsRequest, context: Any
    ) -> shipments_pb2.PrintLabelsResponse:
        document, media_type = await self._labels.of_shipments(
            list(request.shipment_ids), request.format, request.size, inserts=request.inserts
        )
        return shipments_pb2.PrintLabelsResponse(document=document, media_type=media_type)


class CarriersApi(carriers_pb2_grpc.CarriersServiceServicer):
    """The partner carriers' own door: who asks is proved first."""

    def __init__(
        self, keys: CarrierKeys, shipments: Shipments, scans: RehearsedScans, labels: RehearsedLabels, pickups: Pickups
    ) -> None:
        self._keys, self._shipments, self._scans = keys, shipments, scans
        self._labels, self._pickups = labels, pickups

    async def ListCarrierShipments(
        self, request: carriers_pb2.ListCarrierShipmentsRequest, context: Any
    ) -> carriers_pb2.ListCarrierShipmentsResponse:
        carrier = await self._keys.carrier_of(partners.proof(request.proof), SHIPMENTS_READ)
        state = state_named(parcels.state_name(request.state))
        theirs = {"carrier": carrier, "state": state or {"$in": list(STATES)}}
        found, cursor = await self._shipments.page(theirs, request.page.limit, request.page.cursor)
        shown = map(parcels.shipment_message, found)
        return carriers_pb2.ListCarrierShipmentsResponse(shipments=shown, next_cursor=cursor)

    async def RecordScans(
        self, request: carriers_pb2.RecordScansRequest, context: Any
    ) -> carriers_pb2.RecordScansResponse:
        proof = partners.proof(request.proof)
        carrier = await self._keys.carrier_of(proof, SCANS_WRITE)
        await self._keys.first_time(proof)
        answers = await self._scans.record(carrier, [partners.raw_scan(scan) for scan in request.scans])
        await self._keys.answered(proof)
        shown = [partners.scan_answer(index, answer) for index, answer in enumerate(answers)]
        return carriers_pb2.RecordScansResponse(answers=shown)

    async def GetLabel(self, request: carriers_pb2.GetLabelRequest, context: Any) -> carriers_pb2.GetLabelResponse:
        carrier = await self._keys.carrier_of(partners.proof(request.proof), LABELS_READ)
        document, media_type = await self._labels.of_waybill(carrier, request.waybill, request.format, request.size)
        return carriers_pb2.GetLabelResponse(document=document, media_type=media_type)

    async def ListPickups(
        self, request: carriers_pb2.ListPickupsRequest, context: Any
    ) -> carriers_pb2.ListPickupsResponse:
        carrier = await self._keys.carrier_of(partners.proof(request.proof), PICKUPS_READ)
        found = await self._pickups.on(carrier, request.date)
        return carriers_pb2.ListPickupsResponse(pickups=map(partners.pickup_message, found))
