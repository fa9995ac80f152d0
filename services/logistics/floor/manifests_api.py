"""This is where calls about manifests come in, the carriers' own among them: who asks is proved first."""

import asyncio
from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import manifests_pb2, manifests_pb2_grpc

from services.kit.clock import parse_time
from services.kit.errors import FieldError, WrongState
from services.logistics.carrier_keys import MANIFESTS_READ, CarrierKeys
from services.logistics.messages import partners

from . import messages
from .manifests import CLOSED, InvalidManifest, Manifests
from .sheets import sheet


class ManifestOpen(WrongState):
    """It is not closed: what it lists may still change."""


@dataclass
class ManifestsApi(manifests_pb2_grpc.ManifestsServiceServicer):
    """Answers shop.logistics.v1.ManifestsService."""

    manifests: Manifests
    keys: CarrierKeys

    async def GatherManifest(
        self, request: manifests_pb2.GatherManifestRequest, context: Any
    ) -> manifests_pb2.GatherManifestResponse:
        """Gathered."""
        try:
            cutoff = parse_time(request.cutoff_at)
        except (ValueError, OverflowError):
            cutoff = None
        if cutoff is None:
            raise InvalidManifest("say until when", errors=[FieldError("/cutoff_at", "RFC 3339")])
        gathered = await self.manifests.gather(request.carrier, request.warehouse, cutoff)
        return manifests_pb2.GatherManifestResponse(manifest=messages.manifest(gathered))

    async def ListManifests(
        self, request: manifests_pb2.ListManifestsRequest, context: Any
    ) -> manifests_pb2.ListManifestsResponse:
        """A page."""
        page = request.page
        found, more = await self.manifests.page(request.carrier, request.state, page.limit, page.cursor)
        return manifests_pb2.ListManifestsResponse(manifests=map(messages.manifest, found), next_cursor=more)

    async def GetManifest(
        self, request: manifests_pb2.GetManifestRequest, context: Any
    ) -> manifests_pb2.GetManifestResponse:
        """One."""
        found = await self.manifests.get(request.id)
        rows = map(messages.row, found.rows)
        return manifests_pb2.GetManifestResponse(manifest=messages.manifest(found), rows=rows)

    async def CloseManifest(
        self, request: manifests_pb2.CloseManifestRequest, context: Any
    ) -> manifests_pb2.CloseManifestResponse:
        """Handed over."""
        closed = await self.manifests.close(request.id, request.by)
        return manifests_pb2.CloseManifestResponse(manifest=messages.manifest(closed))

    async def PrintManifest(
        self, request: manifests_pb2.PrintManifestRequest, context: Any
    ) -> manifests_pb2.PrintManifestResponse:
        """As PDF."""
        found = await self.manifests.get(request.id)
        if found.state != CLOSED:
            raise ManifestOpen("close it first")
        document = await asyncio.to_thread(sheet, found)
        return manifests_pb2.PrintManifestResponse(document=document, media_type="application/pdf")

    async def ListCarrierManifests(
        self, request: manifests_pb2.ListCarrierManifestsRequest, context: Any
    ) -> manifests_pb2.ListCarrierManifestsResponse:
        """A carrier's own."""
        carrier = await self.keys.carrier_of(partners.proof(request.proof), MANIFESTS_READ)
        found, more = await self.manifests.page(carrier, CLOSED, request.page.limit, request.page.cursor)
        return manifests_pb2.ListCarrierManifestsResponse(manifests=map(messages.manifest, found), next_cursor=more)

    async def GetCarrierManifest(
        self, request: manifests_pb2.GetCarrierManifestRequest, context: Any
    ) -> manifests_pb2.GetCarrierManifestResponse:
        """One of them."""
        carrier = await self.keys.carrier_of(partners.proof(request.proof), MANIFESTS_READ)
        found = await self.manifests.get(request.id, carrier)
        rows = map(messages.row, found.rows)
        return manifests_pb2.GetCarrierManifestResponse(manifest=messages.manifest(found), rows=rows)
