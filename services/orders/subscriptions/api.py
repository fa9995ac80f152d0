"""This is where calls about subscriptions come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import subscriptions_pb2 as pb
from shop.orders.v1 import subscriptions_pb2_grpc

from services.kit.errors import Invalid
from services.orders import limits

from .messages import plan_message, plan_of, subscription_message, wish_of
from .plans import Plans
from .subscriptions import Subscriptions


@dataclass
class SubscriptionsApi(subscriptions_pb2_grpc.SubscriptionsServiceServicer):
    """Answers shop.orders.v1.SubscriptionsService."""

    plans: Plans
    subscriptions: Subscriptions

    async def PutPlan(self, request: pb.PutPlanRequest, context: Any) -> pb.PutPlanResponse:
        """Keeps a plan."""
        return pb.PutPlanResponse(plan=plan_message(await self.plans.put(plan_of(request.plan), request.if_version)))

    async def ListPlans(self, request: pb.ListPlansRequest, context: Any) -> pb.ListPlansResponse:
        """All plans."""
        return pb.ListPlansResponse(plans=map(plan_message, await self.plans.all()))

    async def Subscribe(self, request: pb.SubscribeRequest, context: Any) -> pb.SubscribeResponse:
        """Begins."""
        made = await self.subscriptions.subscribe(
            request.customer_id, wish_of(request.wish), request.request_id, request.fingerprint
        )
        return pb.SubscribeResponse(subscription=subscription_message(made))

    async def GetSubscription(self, request: pb.GetSubscriptionRequest, context: Any) -> pb.GetSubscriptionResponse:
        """One."""
        found = await self.subscriptions.get(request.id, request.customer_id, staff=request.staff)
        return pb.GetSubscriptionResponse(subscription=subscription_message(found))

    async def ListSubscriptions(
        self, request: pb.ListSubscriptionsRequest, context: Any
    ) -> pb.ListSubscriptionsResponse:
        """A page."""
        found, more = await self.subscriptions.page(
            request.customer_id, request.page.limit, request.page.cursor, staff=request.staff
        )
        return pb.ListSubscriptionsResponse(subscriptions=map(subscription_message, found), next_cursor=more)

    async def ChangeSubscription(
        self, request: pb.ChangeSubscriptionRequest, context: Any
    ) -> pb.ChangeSubscriptionResponse:
        """Changes what comes."""
        changed = await self.subscriptions.change(request.id, request.customer_id, wish_of(request.wish))
        return pb.ChangeSubscriptionResponse(subscription=subscription_message(changed))

    async def SteerSubscription(
        self, request: pb.SteerSubscriptionRequest, context: Any
    ) -> pb.SteerSubscriptionResponse:
        """Skips, pauses, resumes or cancels."""
        of = self.subscriptions
        ways = {"skip": of.skip, "pause": of.pause, "resume": of.resume, "cancel": of.cancel}
        if request.action not in ways:
            raise limits.refused("/action", ", ".join(ways), Invalid)
        steered = await ways[request.action](request.id, request.customer_id)
        return pb.SteerSubscriptionResponse(subscription=subscription_message(steered))
