"""This is where calls about how long things may take come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import deadlines_pb2 as pb
from shop.orders.v1 import deadlines_pb2_grpc

from services.orders.messages.orders import staff_message

from . import messages
from .policies import Deadlines
from .ship_by import ShipBy


@dataclass
class DeadlinesApi(deadlines_pb2_grpc.DeadlinesServiceServicer):
    """Answers shop.orders.v1.DeadlinesService."""

    deadlines: Deadlines
    ship_by: ShipBy

    async def GetSlaTerms(self, request: pb.GetSlaTermsRequest, context: Any) -> pb.GetSlaTermsResponse:
        """The newest terms."""
        return pb.GetSlaTermsResponse(terms=messages.terms(await self.deadlines.terms()))

    async def PutSlaPolicy(self, request: pb.PutSlaPolicyRequest, context: Any) -> pb.PutSlaPolicyResponse:
        """How long something may take."""
        policy = messages.policy_of(request.policy)
        terms = await self.deadlines.put_policy(request.policy.id, policy, request.if_version)
        return pb.PutSlaPolicyResponse(terms=messages.terms(terms))

    async def PutSlaCalendar(self, request: pb.PutSlaCalendarRequest, context: Any) -> pb.PutSlaCalendarResponse:
        """When it is open."""
        calendar = messages.calendar_of(request.calendar)
        terms = await self.deadlines.put_calendar(request.calendar.id, calendar, request.if_version)
        return pb.PutSlaCalendarResponse(terms=messages.terms(terms))

    async def ListOrdersAtRisk(self, request: pb.ListOrdersAtRiskRequest, context: Any) -> pb.ListOrdersAtRiskResponse:
        """Orders not sent whose promise is about to break, or broken."""
        found, more = await self.ship_by.at_risk(request.breached, request.page.limit, request.page.cursor)
        return pb.ListOrdersAtRiskResponse(orders=[staff_message(order) for order in found], next_cursor=more)
