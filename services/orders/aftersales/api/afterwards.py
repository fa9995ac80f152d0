"""This is where calls about policies, insurance, compensations and statistics come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import aftersales_pb2 as pb
from shop.orders.v1 import aftersales_pb2_grpc

from services.orders.aftersales.compensating import Compensating
from services.orders.aftersales.insurance import Freezing
from services.orders.aftersales.messages import afterwards as of
from services.orders.aftersales.policies import SHOP, Policies
from services.orders.aftersales.statistics import Statistics
from services.orders.carts import CartKey, Carts
from services.orders.quotes import Quotes


@dataclass
class AfterSalesApi(aftersales_pb2_grpc.AfterSalesServiceServicer):
    """Answers shop.orders.v1.AfterSalesService."""

    policies: Policies
    freezing: Freezing
    compensating: Compensating
    statistics: Statistics
    carts: Carts
    quotes: Quotes

    async def ListPolicies(self, request: pb.ListPoliciesRequest, context: Any) -> pb.ListPoliciesResponse:
        """Every published policy."""
        policies = await self.policies.all()
        ordered = [policies[SHOP], *(policies[name] for name in sorted(policies) if name != SHOP)]
        return pb.ListPoliciesResponse(policies=[of.policy_message(policy) for policy in ordered])

    async def PutPolicy(self, request: pb.PutPolicyRequest, context: Any) -> pb.PutPolicyResponse:
        """Publishes one."""
        kept = await self.policies.put(of.policy_of(request.policy, request.by), request.if_version)
        return pb.PutPolicyResponse(policy=of.policy_message(kept))

    async def ListReasons(self, request: pb.ListReasonsRequest, context: Any) -> pb.ListReasonsResponse:
        """The reasons for which goods come back."""
        return pb.ListReasonsResponse(reasons=of.reason_messages())

    async def OfferInsurance(self, request: pb.OfferInsuranceRequest, context: Any) -> pb.OfferInsuranceResponse:
        """What insuring the way back of a cart's goods costs."""
        cart = await self.carts.get(CartKey(request.key.cart_id, request.key.customer_id))
        quotes = await self.quotes.skus([sku for sku, _ in cart.items()])
        offered = await self.freezing.offer((quote.category for quote in quotes.values()), cart.currency)
        return of.offer_message(offered, cart.currency)

    async def GetCompensationRules(
        self, request: pb.GetCompensationRulesRequest, context: Any
    ) -> pb.GetCompensationRulesResponse:
        """The table."""
        return pb.GetCompensationRulesResponse(rules=of.rules_message(await self.compensating.rules()))

    async def PutCompensationRules(
        self, request: pb.PutCompensationRulesRequest, context: Any
    ) -> pb.PutCompensationRulesResponse:
        """Publishes the table."""
        said = request.rules
        kept = await self.compensating.put(
            [of.rule_of(rule) for rule in said.rules],
            said.order_max.minor,
            said.order_max.currency,
            request.if_version,
            request.by,
        )
        return pb.PutCompensationRulesResponse(rules=of.rules_message(kept))

    async def GetCompensations(self, request: pb.GetCompensationsRequest, context: Any) -> pb.GetCompensationsResponse:
        """What an order was given."""
        kept = await self.compensating.of(request.order_id)
        return pb.GetCompensationsResponse(
            compensations=[of.compensation_message(grant, kept.currency) for grant in kept.grants]
        )

    async def GrantCompensation(
        self, request: pb.GrantCompensationRequest, context: Any
    ) -> pb.GrantCompensationResponse:
        """Gives what the table says."""
        kept = await self.compensating.grant(request.order_id, request.reason, request.by, request.return_id)
        grant = next(grant for grant in kept.grants if grant.reason == request.reason)
        return pb.GrantCompensationResponse(compensation=of.compensation_message(grant, kept.currency))

    async def GetReturnStatistics(
        self, request: pb.GetReturnStatisticsRequest, context: Any
    ) -> pb.GetReturnStatisticsResponse:
        """Units delivered, asked back and received."""
        page = request.page
        counts, cursor = await self.statistics.page(request.by, request.period, page.limit, page.cursor)
        return pb.GetReturnStatisticsResponse(counts=[of.count_message(row) for row in counts], next_cursor=cursor)
