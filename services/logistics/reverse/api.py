"""This is where calls about parcels that come back come in."""

from typing import Any

from shop.logistics.v1 import returns_pb2, returns_pb2_grpc

from services.logistics.labels import Labels
from services.logistics.messages.parcels import tracking_messages
from services.logistics.messages.places import region
from services.logistics.shipments import Shipments

from . import messages
from .returns import ReturnParcels
from .undelivered import Undelivered
from .ways import Ways
from .windows import Windows


class ReturnParcelsApi(returns_pb2_grpc.ReturnParcelsServiceServicer):
    """Answers shop.logistics.v1.ReturnParcelsService."""

    def __init__(
        self,
        parcels: ReturnParcels,
        ways: Ways,
        windows: Windows,
        undelivered: Undelivered,
        shipments: Shipments,
        labels: Labels,
    ) -> None:
        self._parcels, self._ways, self._windows = parcels, ways, windows
        self._undelivered, self._shipments, self._labels = undelivered, shipments, labels

    async def ListUndelivered(
        self, request: returns_pb2.ListUndeliveredRequest, context: Any
    ) -> returns_pb2.ListUndeliveredResponse:
        """What nobody took."""
        found, cursor = await self._undelivered.page(request.page.limit, request.page.cursor)
        shown = map(messages.undelivered, found)
        return returns_pb2.ListUndeliveredResponse(parcels=shown, next_cursor=cursor)

    async def RestockUndelivered(
        self, request: returns_pb2.RestockUndeliveredRequest, context: Any
    ) -> returns_pb2.RestockUndeliveredResponse:
        """It is on the bench."""
        there = [messages.found(one) for one in request.found]
        parcel = await self._undelivered.restock(request.waybill, there, request.by)
        return returns_pb2.RestockUndeliveredResponse(parcel=messages.undelivered(parcel))

    async def BookReturn(self, request: returns_pb2.BookReturnRequest, context: Any) -> returns_pb2.BookReturnResponse:
        """Books the parcel a return comes back in."""
        return messages.answer(await self._parcels.book(messages.wish(request)))

    async def ListPickupWindows(
        self, request: returns_pb2.ListPickupWindowsRequest, context: Any
    ) -> returns_pb2.ListPickupWindowsResponse:
        """When a carrier can come."""
        windows = await self._windows.open(region(request.region))
        shown = [returns_pb2.PickupWindow(window=window, left=left) for window, left in windows]
        return returns_pb2.ListPickupWindowsResponse(windows=shown)

    async def RebookPickup(
        self, request: returns_pb2.RebookPickupRequest, context: Any
    ) -> returns_pb2.RebookPickupResponse:
        """Another window."""
        way = await self._ways.rebook(request.return_id, request.window)
        return returns_pb2.RebookPickupResponse(parcel=messages.parcel_message(way))

    async def CancelReturnParcel(
        self, request: returns_pb2.CancelReturnParcelRequest, context: Any
    ) -> returns_pb2.CancelReturnParcelResponse:
        """Calls it off."""
        way = await self._ways.cancel(request.return_id)
        return returns_pb2.CancelReturnParcelResponse(parcel=messages.parcel_message(way))

    async def GetReturnParcel(
        self, request: returns_pb2.GetReturnParcelRequest, context: Any
    ) -> returns_pb2.GetReturnParcelResponse:
        """With its tracking."""
        way = await self._ways.get(request.return_id)
        scans = tracking_messages(await self._shipments.get(way.shipment_id))
        return returns_pb2.GetReturnParcelResponse(parcel=messages.parcel_message(way), tracking=scans)

    async def PrintReturnLabel(
        self, request: returns_pb2.PrintReturnLabelRequest, context: Any
    ) -> returns_pb2.PrintReturnLabelResponse:
        """For who sends it back."""
        way = await self._ways.get(request.return_id)
        document, media_type = await self._labels.of_shipments([way.shipment_id], request.format or "pdf")
        return returns_pb2.PrintReturnLabelResponse(document=document, media_type=media_type)

    async def ListReturnParcels(
        self, request: returns_pb2.ListReturnParcelsRequest, context: Any
    ) -> returns_pb2.ListReturnParcelsResponse:
        """For who inspects."""
        found, cursor = await self._ways.page(request.state, request.page.limit, request.page.cursor)
        shown = map(messages.parcel_message, found)
        return returns_pb2.ListReturnParcelsResponse(parcels=shown, next_cursor=cursor)

    async def ReceiveReturnParcel(
        self, request: returns_pb2.ReceiveReturnParcelRequest, context: Any
    ) -> returns_pb2.ReceiveReturnParcelResponse:
        """It is on the bench."""
        way = await self._ways.receive(request.waybill, request.by)
        return returns_pb2.ReceiveReturnParcelResponse(parcel=messages.parcel_message(way))

    async def PutPickupPlan(
        self, request: returns_pb2.PutPickupPlanRequest, context: Any
    ) -> returns_pb2.PutPickupPlanResponse:
        """When carriers come."""
        kept = await self._windows.put(messages.plan(request.plan), request.if_version)
        return returns_pb2.PutPickupPlanResponse(plan=messages.plan_message(kept))

    async def GetPickupPlan(
        self, request: returns_pb2.GetPickupPlanRequest, context: Any
    ) -> returns_pb2.GetPickupPlanResponse:
        """As it is."""
        return returns_pb2.GetPickupPlanResponse(plan=messages.plan_message(await self._windows.plan()))
