"""This is where calls about what is sold together come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import bundles_pb2, bundles_pb2_grpc

from . import messages
from .bundles import Bundles


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
