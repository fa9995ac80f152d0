"""This is where calls about quality come in."""

from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import quality_pb2, quality_pb2_grpc

from . import messages
from .flags import Flags
from .looking import Look, Looking
from .policies import QcPolicies


@dataclass
class QualityApi(quality_pb2_grpc.QualityServiceServicer):
    """Answers shop.logistics.v1.QualityService."""

    policies: QcPolicies
    flags: Flags
    looking: Looking

    async def ListQcPolicies(
        self, request: quality_pb2.ListQcPoliciesRequest, context: Any
    ) -> quality_pb2.ListQcPoliciesResponse:
        """All of them."""
        return quality_pb2.ListQcPoliciesResponse(policies=map(messages.policy_message, await self.policies.all()))

    async def PutQcPolicy(
        self, request: quality_pb2.PutQcPolicyRequest, context: Any
    ) -> quality_pb2.PutQcPolicyResponse:
        """Said."""
        kept = await self.policies.put(messages.policy(request.policy), request.if_version)
        return quality_pb2.PutQcPolicyResponse(policy=messages.policy_message(kept))

    async def ListQualityFlags(
        self, request: quality_pb2.ListQualityFlagsRequest, context: Any
    ) -> quality_pb2.ListQualityFlagsResponse:
        """A page."""
        found, more = await self.flags.page(request.raised, request.page.limit, request.page.cursor)
        return quality_pb2.ListQualityFlagsResponse(flags=map(messages.flag, found), next_cursor=more)

    async def ListQcChecks(
        self, request: quality_pb2.ListQcChecksRequest, context: Any
    ) -> quality_pb2.ListQcChecksResponse:
        """A page."""
        found, more = await self.looking.page(request.state, request.page.limit, request.page.cursor)
        return quality_pb2.ListQcChecksResponse(checks=map(messages.check, found), next_cursor=more)

    async def PassQc(self, request: quality_pb2.PassQcRequest, context: Any) -> quality_pb2.PassQcResponse:
        """Fine."""
        look = Look(request.by, list(request.fine), request.photo, request.note)
        return quality_pb2.PassQcResponse(check=messages.check(await self.looking.passed(request.shipment_id, look)))

    async def FailQc(self, request: quality_pb2.FailQcRequest, context: Any) -> quality_pb2.FailQcResponse:
        """Not fine."""
        look = Look(request.by, photo=request.photo, note=request.note, outcome=request.outcome)
        return quality_pb2.FailQcResponse(check=messages.check(await self.looking.failed(request.shipment_id, look)))
