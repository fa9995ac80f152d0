"""This is where calls about forecasts and the plan come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import forecasts_pb2, forecasts_pb2_grpc, replenishment_pb2, replenishment_pb2_grpc

from services.catalog.messages import office

from . import messages
from .forecasts import Forecasts
from .history import History
from .plan import Plan
from .policies import ReplenishmentPolicies
from .runs import Runs


@dataclass
class ForecastsApi(forecasts_pb2_grpc.ForecastsServiceServicer):
    """What will be sold."""

    forecasts: Forecasts
    history: History

    async def GetForecast(
        self, request: forecasts_pb2.GetForecastRequest, context: Any
    ) -> forecasts_pb2.GetForecastResponse:
        """The forecasts of a product."""
        product_id, kept = await self.forecasts.of_product(request.id)
        return forecasts_pb2.GetForecastResponse(
            product_id=product_id, forecasts=[messages.forecast(each) for each in kept]
        )

    async def GetAccuracy(
        self, request: forecasts_pb2.GetAccuracyRequest, context: Any
    ) -> forecasts_pb2.GetAccuracyResponse:
        """How right they have been."""
        return messages.accuracy(await self.forecasts.accuracy())

    async def ImportSales(
        self, request: forecasts_pb2.ImportSalesRequest, context: Any
    ) -> forecasts_pb2.ImportSalesResponse:
        """Takes rows in."""
        return messages.answers(await self.history.take_in(messages.sales(request.rows), request.by))


@dataclass
class ReplenishmentApi(replenishment_pb2_grpc.ReplenishmentServiceServicer):
    """What is to be bought again."""

    policies: ReplenishmentPolicies
    plan: Plan
    runs: Runs

    async def PutReplenishmentPolicy(
        self, request: replenishment_pb2.PutReplenishmentPolicyRequest, context: Any
    ) -> replenishment_pb2.PutReplenishmentPolicyResponse:
        """Says how."""
        kept = await self.policies.put(messages.wanted(request.policy), request.if_version)
        return replenishment_pb2.PutReplenishmentPolicyResponse(policy=messages.policy(kept))

    async def DropReplenishmentPolicy(
        self, request: replenishment_pb2.DropReplenishmentPolicyRequest, context: Any
    ) -> replenishment_pb2.DropReplenishmentPolicyResponse:
        """As its class again."""
        await self.policies.drop(request.sku)
        return replenishment_pb2.DropReplenishmentPolicyResponse()

    async def ListReplenishmentPolicies(
        self, request: replenishment_pb2.ListReplenishmentPoliciesRequest, context: Any
    ) -> replenishment_pb2.ListReplenishmentPoliciesResponse:
        """A page of policies."""
        found, more = await self.policies.page(request.page.limit, request.page.cursor)
        return replenishment_pb2.ListReplenishmentPoliciesResponse(
            policies=[messages.policy(each) for each in found], next_cursor=more
        )

    async def ListReplenishmentPlan(
        self, request: replenishment_pb2.ListReplenishmentPlanRequest, context: Any
    ) -> replenishment_pb2.ListReplenishmentPlanResponse:
        """A page of the plan."""
        page = request.page
        found, more = await self.plan.page(request.stock_class, request.to_order, page.limit, page.cursor)
        return replenishment_pb2.ListReplenishmentPlanResponse(
            lines=[messages.line(each) for each in found], next_cursor=more
        )

    async def StartReplenishmentRun(
        self, request: replenishment_pb2.StartReplenishmentRunRequest, context: Any
    ) -> replenishment_pb2.StartReplenishmentRunResponse:
        """Now."""
        return replenishment_pb2.StartReplenishmentRunResponse(job=office.job(await self.runs.start(request.by)))
