"""This is where subscriptions are put together, on the door that orders of all channels come in through."""

from typing import Any

from shop.orders.v1 import subscriptions_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.intake.channel_orders import ChannelOrders
from services.orders.intake.door import Door

from . import store
from .api import SubscriptionsApi
from .plans import Plan, Plans
from .renewing import Renewing
from .subscriptions import Pricing, Subscriptions
from .terms import Subscription

_ROUND_S = 1.0


def build(ground: Ground[Any], core: Core, door: Door, taken: ChannelOrders, pricing: Pricing) -> Service:
    """The map."""
    seen = ground.metrics.counter(
        "shop_subscription_renewals_total", "Renewals of subscriptions, by what came of them.", ("outcome",)
    )

    def count(outcome: str) -> None:
        seen.labels(outcome).inc()

    kept = ground.store("subscriptions", Subscription, store.SUBSCRIPTIONS)
    plans = Plans(ground.store("subscription_plans", Plan))
    subscriptions = Subscriptions(kept, plans, pricing, core.seal, core.clock)
    renewing = Renewing(kept, plans, subscriptions, pricing, door, taken, core.seal, core.clock, count)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.SubscriptionsService",
                subscriptions_pb2_grpc.add_SubscriptionsServiceServicer_to_server,
                SubscriptionsApi(plans, subscriptions),
            )
        ],
        chores=[Chore(_ROUND_S, renewing.round)],
    )
