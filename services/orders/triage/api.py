"""This is where calls about holding orders come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import holds_pb2 as pb
from shop.orders.v1 import holds_pb2_grpc, triage_pb2, triage_pb2_grpc

from services.orders import limits
from services.orders.holding import Holding
from services.orders.messages.orders import staff_message

from . import messages
from .rules import TriageRules
from .worklist import Worklist


@dataclass
class HoldsApi(holds_pb2_grpc.HoldsServiceServicer):
    """Answers shop.orders.v1.HoldsService."""

    holding: Holding

    async def HoldOrder(self, request: pb.HoldOrderRequest, context: Any) -> pb.HoldOrderResponse:
        """Holds a paid order."""
        reason = limits.code(request.reason, "/reason")
        order = await self.holding.hold(request.order_id, reason, request.text, request.by, pauses=request.pauses)
        return pb.HoldOrderResponse(order=staff_message(order))

    async def ReleaseHold(self, request: pb.ReleaseHoldRequest, context: Any) -> pb.ReleaseHoldResponse:
        """Lets one reason go."""
        order = await self.holding.release(request.order_id, request.reason, request.by, request.why)
        return pb.ReleaseHoldResponse(order=staff_message(order))


@dataclass
class TriageApi(triage_pb2_grpc.TriageServiceServicer):
    """Answers shop.orders.v1.TriageService."""

    rules: TriageRules
    worklist: Worklist

    async def PutTriageRule(
        self, request: triage_pb2.PutTriageRuleRequest, context: Any
    ) -> triage_pb2.PutTriageRuleResponse:
        """Keeps a rule."""
        kept = await self.rules.put(messages.rule_of(request.rule), request.if_version)
        return triage_pb2.PutTriageRuleResponse(rule=messages.rule(kept))

    async def ListTriageRules(
        self, request: triage_pb2.ListTriageRulesRequest, context: Any
    ) -> triage_pb2.ListTriageRulesResponse:
        """All rules."""
        return triage_pb2.ListTriageRulesResponse(rules=[messages.rule(rule) for rule in await self.rules.all()])

    async def ListWorklist(
        self, request: triage_pb2.ListWorklistRequest, context: Any
    ) -> triage_pb2.ListWorklistResponse:
        """Paid orders that have not left."""
        found, more = await self.worklist.page(getattr(request, "class"), request.page.limit, request.page.cursor)
        return triage_pb2.ListWorklistResponse(orders=[staff_message(order) for order in found], next_cursor=more)
