"""This is where calls to the storefront come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    pages_pb2,
    pages_pb2_grpc,
    scarcity_pb2,
    scarcity_pb2_grpc,
    store_pb2,
    store_pb2_grpc,
    storefront_pb2,
    storefront_pb2_grpc,
)

from . import messages
from .front import Fronts
from .pages import Pages
from .profile import Profiles
from .scarcity import Scarcities


@dataclass
class PagesApi(pages_pb2_grpc.PagesServiceServicer):
    """The detail pages of products."""

    pages: Pages

    async def GetPage(self, request: pages_pb2.GetPageRequest, context: Any) -> pages_pb2.GetPageResponse:
        """A product's page."""
        shown = await self.pages.show(request.product_id, staff=request.staff, merchant_id=request.merchant_id)
        return pages_pb2.GetPageResponse(page=messages.page(*shown))

    async def PutPage(self, request: pages_pb2.PutPageRequest, context: Any) -> pages_pb2.PutPageResponse:
        """Writes it anew."""
        sections = messages.sections(request.sections)
        kept = await self.pages.put(request.product_id, sections, request.if_version, request.by, request.merchant_id)
        return pages_pb2.PutPageResponse(page=messages.page(*kept))

    async def DraftPage(self, request: pages_pb2.DraftPageRequest, context: Any) -> pages_pb2.DraftPageResponse:
        """Drafts one."""
        language = "en" if request.language == "en" else "zh"
        return messages.draft(*await self.pages.draft(request.product_id, language, request.merchant_id))


@dataclass
class ScarcityApi(scarcity_pb2_grpc.ScarcityServiceServicer):
    """What may be said of goods that run out."""

    scarcities: Scarcities

    async def GetScarcity(
        self, request: scarcity_pb2.GetScarcityRequest, context: Any
    ) -> scarcity_pb2.GetScarcityResponse:
        """What is true now."""
        return messages.scarcity(await self.scarcities.of(request.product_id))


@dataclass
class StoreApi(store_pb2_grpc.StoreServiceServicer):
    """The shop's profile."""

    profiles: Profiles

    async def GetStore(self, request: store_pb2.GetStoreRequest, context: Any) -> store_pb2.GetStoreResponse:
        """The profile, and whether the shop is open."""
        return store_pb2.GetStoreResponse(store=messages.store(*await self.profiles.show()))

    async def PutStore(self, request: store_pb2.PutStoreRequest, context: Any) -> store_pb2.PutStoreResponse:
        """Writes it anew."""
        kept = await self.profiles.put(messages.profile(request.store, request.by), request.if_version)
        return store_pb2.PutStoreResponse(store=messages.store(*kept))


@dataclass
class StorefrontApi(storefront_pb2_grpc.StorefrontServiceServicer):
    """The front page."""

    fronts: Fronts

    async def GetStorefront(
        self, request: storefront_pb2.GetStorefrontRequest, context: Any
    ) -> storefront_pb2.GetStorefrontResponse:
        """What is to be shown now."""
        return messages.front(await self.fronts.show())

    async def GetModules(
        self, request: storefront_pb2.GetModulesRequest, context: Any
    ) -> storefront_pb2.GetModulesResponse:
        """The modules as set up."""
        front = await self.fronts.get()
        modules = [messages.module(each) for each in front.modules]
        return storefront_pb2.GetModulesResponse(modules=modules, version=front.version)

    async def PutModules(
        self, request: storefront_pb2.PutModulesRequest, context: Any
    ) -> storefront_pb2.PutModulesResponse:
        """Sets them up anew."""
        front = await self.fronts.put(messages.modules(request.modules), request.if_version, request.by)
        modules = [messages.module(each) for each in front.modules]
        return storefront_pb2.PutModulesResponse(modules=modules, version=front.version)
