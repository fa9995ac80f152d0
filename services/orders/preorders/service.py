"""This is where the wing of pre-orders is put together."""

from typing import Any

from shop.orders.v1 import preorders_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.orders import Order

from . import store
from .api import PreordersApi
from .attending import Attending
from .balances import Balances
from .campaigns import Campaign, Campaigns, Quota
from .placing import Placing

_ROUND_S, _REFRESH_S = 1.0, 2.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    seen = ground.metrics.counter("shop_preorders_total", "Pre-orders, by what became of them.", ("outcome",))

    def count(outcome: str) -> None:
        seen.labels(outcome).inc()

    campaigns = Campaigns(
        ground.store("preorder_campaigns", Campaign, store.CAMPAIGNS),
        ground.store("preorder_quotas", Quota),
        core.clock,
    )
    core.shelves.ahead, core.till.ahead = campaigns, campaigns.ships_from
    # Before the others: what they look at is what it comes to.
    core.screens.all.insert(0, Placing(campaigns, core.clock).look)
    core.saga.at_payment.append(_begin)
    attending = Attending(core.keeping.orders, core.catalog, core.holding, core.cancellation, core.clock, count)
    balances = Balances(core.orders, core.moving, core.clock)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.PreordersService",
                preorders_pb2_grpc.add_PreordersServiceServicer_to_server,
                PreordersApi(campaigns, balances, core.seal, core.clock),
            )
        ],
        chores=[Chore(_REFRESH_S, campaigns.refresh), Chore(_ROUND_S, attending.round)],
        before=[campaigns.refresh],
    )


def _begin(order: Order) -> None:
    if order.preorder:
        order.preorder.begin()
