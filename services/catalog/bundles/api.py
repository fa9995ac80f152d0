"""This is where calls about what is sold together come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    affinity_pb2,
    affinity_pb2_grpc,
    bundles_pb2,
    bundles_pb2_grpc,
    lifecycle_pb2,
    lifecycle_pb2_grpc,
)

from services.catalog.messages import office

from . import messages
from .affinity import Affinity
from .bundles import Bundles
from .lifecycle import Lifecycle
from .proposals import BundleProposals


@dataclass
class BundlesApi(bundles_pb2_grpc.BundlesServiceServicer):
    """Several goods sold as one."""

    bundles: Bundles

    async def PutBundle(self, request: bundles_pb2.PutBundleRequest, context: Any) -> bundles_pb2.PutBundleResponse:
        """Makes or changes one."""
        made = await self.bundles.put(
            request.sku, messages.parts(request.parts), request.if_version, request.by, request.merchant_id
        )
        return bundles_pb2.PutBundleResponse(bundle=messages.bundle(made, staff=True))

    async def GetBundle(self, request: bundles_pb2.GetBundleRequest, context: Any) -> bundles_pb2.GetBundleResponse:
        """One, for staff."""
        found = await self.bundles.get(request.sku, request.merchant_id)
        return bundles_pb2.GetBundleResponse(bundle=messages.bundle(found, staff=True))

    async def ShowBundles(
        self, request: bundles_pb2.ShowBundlesRequest, context: Any
    ) -> bundles_pb2.ShowBundlesResponse:
        """Those of a page."""
        found = await self.bundles.of_product(request.product_id)
        return bundles_pb2.ShowBundlesResponse(bundles=[messages.bundle(each, staff=False) for each in found])

    async def DeleteBundle(
        self, request: bundles_pb2.DeleteBundleRequest, context: Any
    ) -> bundles_pb2.DeleteBundleResponse:
        """Makes it an ordinary SKU."""
        await self.bundles.delete(request.sku, request.if_version, request.merchant_id)
        return bundles_pb2.DeleteBundleResponse()


@dataclass
class AffinityApi(affinity_pb2_grpc.AffinityServiceServicer):
    """What is bought together."""

    affinity: Affinity
    proposals: BundleProposals

    async def ComputeAffinity(
        self, request: affinity_pb2.ComputeAffinityRequest, context: Any
    ) -> affinity_pb2.ComputeAffinityResponse:
        """Computes it."""
        return affinity_pb2.ComputeAffinityResponse(job=office.job(await self.affinity.start(request.by)))

    async def ListRelated(
        self, request: affinity_pb2.ListRelatedRequest, context: Any
    ) -> affinity_pb2.ListRelatedResponse:
        """With a product."""
        found = await self.affinity.related(request.product_id, request.limit)
        return affinity_pb2.ListRelatedResponse(related=[messages.related(each) for each in found])

    async def ListPairs(self, request: affinity_pb2.ListPairsRequest, context: Any) -> affinity_pb2.ListPairsResponse:
        """Pairs, the most alike first."""
        page = request.page
        found, more = await self.affinity.page(request.product_id, request.category, page.limit, page.cursor)
        return affinity_pb2.ListPairsResponse(pairs=[messages.pair(each) for each in found], next_cursor=more)

    async def ListBundleProposals(
        self, request: affinity_pb2.ListBundleProposalsRequest, context: Any
    ) -> affinity_pb2.ListBundleProposalsResponse:
        """Sets, the surest first."""
        found, more = await self.proposals.page(request.page.limit, request.page.cursor)
        return affinity_pb2.ListBundleProposalsResponse(
            proposals=[messages.bundle_proposal(each) for each in found], next_cursor=more
        )


@dataclass
class LifecycleApi(lifecycle_pb2_grpc.LifecycleServiceServicer):
    """What is past its best."""

    lifecycle: Lifecycle

    async def ReviewLifecycle(
        self, request: lifecycle_pb2.ReviewLifecycleRequest, context: Any
    ) -> lifecycle_pb2.ReviewLifecycleResponse:
        """Looks at all that is on sale."""
        return lifecycle_pb2.ReviewLifecycleResponse(job=office.job(await self.lifecycle.start(request.by)))

    async def ListLifecycleProposals(
        self, request: lifecycle_pb2.ListLifecycleProposalsRequest, context: Any
    ) -> lifecycle_pb2.ListLifecycleProposalsResponse:
        """The worst first."""
        page = request.page
        found, more = await self.lifecycle.page(messages.action(request.action), page.limit, page.cursor)
        return lifecycle_pb2.ListLifecycleProposalsResponse(
            proposals=[messages.lifecycle_proposal(each) for each in found], next_cursor=more
        )
