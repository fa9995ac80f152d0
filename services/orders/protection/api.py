"""This is where calls about price protection come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import price_protection_pb2 as pb
from shop.orders.v1 import price_protection_pb2_grpc

from services.kit.clock import parse_time

from . import messages
from .claims import Claims
from .drops import Drops
from .guarantees import Guarantees
from .policy import Policies


@dataclass
class PriceProtectionApi(price_protection_pb2_grpc.PriceProtectionServiceServicer):
    """Answers shop.orders.v1.PriceProtectionService."""

    claims: Claims
    drops: Drops
    guarantees: Guarantees
    policies: Policies

    async def GetPriceProtection(
        self, request: pb.GetPriceProtectionRequest, context: Any
    ) -> pb.GetPriceProtectionResponse:
        """How an order stands."""
        standing = await self.claims.standing(request.order_id, request.customer_id, staff=request.staff)
        return pb.GetPriceProtectionResponse(protection=messages.standing(standing, staff=request.staff))

    async def ClaimPriceProtection(
        self, request: pb.ClaimPriceProtectionRequest, context: Any
    ) -> pb.ClaimPriceProtectionResponse:
        """Pays what it is owed."""
        standing = await self.claims.claim(request.order_id, request.customer_id, staff=request.staff)
        return pb.ClaimPriceProtectionResponse(protection=messages.standing(standing, staff=request.staff))

    async def GuaranteePrice(self, request: pb.GuaranteePriceRequest, context: Any) -> pb.GuaranteePriceResponse:
        """Promises more than the policy."""
        until = parse_time(request.until)
        standing = await self.guarantees.promise(request.order_id, until, request.reason, request.by)
        return pb.GuaranteePriceResponse(protection=messages.standing(standing, staff=True))

    async def ListPriceDrops(self, request: pb.ListPriceDropsRequest, context: Any) -> pb.ListPriceDropsResponse:
        """A page of drops."""
        found, more = await self.drops.page(request.sku, request.page.limit, request.page.cursor)
        return pb.ListPriceDropsResponse(drops=[messages.drop(each) for each in found], next_cursor=more)

    async def GetProtectionPolicy(
        self, request: pb.GetProtectionPolicyRequest, context: Any
    ) -> pb.GetProtectionPolicyResponse:
        """What holds."""
        return pb.GetProtectionPolicyResponse(policy=messages.policy(await self.policies.get()))

    async def PutProtectionPolicy(
        self, request: pb.PutProtectionPolicyRequest, context: Any
    ) -> pb.PutProtectionPolicyResponse:
        """What is to hold."""
        kept = await self.policies.put(messages.policy_of(request.policy), request.if_version)
        return pb.PutProtectionPolicyResponse(policy=messages.policy(kept))
