"""This is where calls about waves, pick lists and packing come in."""

from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import packing_pb2, packing_pb2_grpc, waves_pb2, waves_pb2_grpc

from services.logistics.labels import Labels
from services.logistics.messages.parcels import shipment_message

from . import messages
from .bins import Bins
from .packing import Packing
from .picklists import PickLists
from .troubles import Troubles
from .waves import Waves


@dataclass
class WavesApi(waves_pb2_grpc.WavesServiceServicer):
    """Answers shop.logistics.v1.WavesService."""

    waves: Waves
    lists: PickLists
    bins: Bins
    troubles: Troubles
    labels: Labels

    async def MakeWave(self, request: waves_pb2.MakeWaveRequest, context: Any) -> waves_pb2.MakeWaveResponse:
        """Made."""
        made = await self.waves.make(messages.wanted(request), request.by)
        wave, lists = await self.waves.get(made.id)
        shown = [messages.pick_list(one, lines=False) for one in lists]
        return waves_pb2.MakeWaveResponse(wave=messages.wave(wave), lists=shown)

    async def ListWaves(self, request: waves_pb2.ListWavesRequest, context: Any) -> waves_pb2.ListWavesResponse:
        """A page."""
        found, more = await self.waves.page(request.page.limit, request.page.cursor)
        return waves_pb2.ListWavesResponse(waves=map(messages.wave, found), next_cursor=more)

    async def GetWave(self, request: waves_pb2.GetWaveRequest, context: Any) -> waves_pb2.GetWaveResponse:
        """One."""
        wave, lists = await self.waves.get(request.id)
        shown = [messages.pick_list(one, lines=False) for one in lists]
        return waves_pb2.GetWaveResponse(wave=messages.wave(wave), lists=shown)

    async def ListPickLists(
        self, request: waves_pb2.ListPickListsRequest, context: Any
    ) -> waves_pb2.ListPickListsResponse:
        """A page."""
        page = request.page
        found, more = await self.lists.page(request.state, request.warehouse, page.limit, page.cursor)
        shown = [messages.pick_list(one, lines=False) for one in found]
        return waves_pb2.ListPickListsResponse(lists=shown, next_cursor=more)

    async def GetPickList(self, request: waves_pb2.GetPickListRequest, context: Any) -> waves_pb2.GetPickListResponse:
        """One."""
        return waves_pb2.GetPickListResponse(list=messages.pick_list(await self.lists.get(request.id)))

    async def ClaimPickList(
        self, request: waves_pb2.ClaimPickListRequest, context: Any
    ) -> waves_pb2.ClaimPickListResponse:
        """Claimed."""
        claimed = await self.lists.claim(request.id, request.by)
        return waves_pb2.ClaimPickListResponse(list=messages.pick_list(claimed))

    async def ReleasePickList(
        self, request: waves_pb2.ReleasePickListRequest, context: Any
    ) -> waves_pb2.ReleasePickListResponse:
        """Given back."""
        freed = await self.lists.release(request.id, request.by)
        return waves_pb2.ReleasePickListResponse(list=messages.pick_list(freed))

    async def RecordPick(self, request: waves_pb2.RecordPickRequest, context: Any) -> waves_pb2.RecordPickResponse:
        """Picked."""
        changed = await self.lists.pick(
            request.id, request.by, request.sku, request.picked, request.short, request.reason
        )
        return waves_pb2.RecordPickResponse(list=messages.pick_list(changed))

    async def PutBin(self, request: waves_pb2.PutBinRequest, context: Any) -> waves_pb2.PutBinResponse:
        """It lies there."""
        await self.bins.put(request.warehouse, request.sku, request.zone, request.bin)
        return waves_pb2.PutBinResponse()

    async def TakeUpShipment(
        self, request: waves_pb2.TakeUpShipmentRequest, context: Any
    ) -> waves_pb2.TakeUpShipmentResponse:
        """Again."""
        taken = await self.troubles.take_up(request.id)
        return waves_pb2.TakeUpShipmentResponse(shipment=shipment_message(taken, self.labels.address(taken)))


@dataclass
class PackingApi(packing_pb2_grpc.PackingServiceServicer):
    """Answers shop.logistics.v1.PackingService."""

    packing: Packing
    labels: Labels

    async def PackCounted(
        self, request: packing_pb2.PackCountedRequest, context: Any
    ) -> packing_pb2.PackCountedResponse:
        """In the box."""
        packed = await self.packing.pack(request.id, request.by, messages.box(request))
        return packing_pb2.PackCountedResponse(shipment=shipment_message(packed, self.labels.address(packed)))

    async def GetPackRules(
        self, request: packing_pb2.GetPackRulesRequest, context: Any
    ) -> packing_pb2.GetPackRulesResponse:
        """The rules."""
        return packing_pb2.GetPackRulesResponse(rules=messages.rules_message(await self.packing.rules()))

    async def PutPackRules(
        self, request: packing_pb2.PutPackRulesRequest, context: Any
    ) -> packing_pb2.PutPackRulesResponse:
        """Other rules."""
        kept = await self.packing.put(messages.rules(request.rules), request.if_version)
        return packing_pb2.PutPackRulesResponse(rules=messages.rules_message(kept))
