"""This is where the protection wing is put together."""

from typing import Any

from shop.catalog.v1.events_pb2 import PriceChanged
from shop.orders.v1 import price_protection_pb2_grpc

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core

from . import store
from .api import PriceProtectionApi
from .claims import Claims
from .drops import Drop, Drops
from .grants import CustomerGrants, Grants
from .guarantees import Guarantees
from .messages import drop_of
from .paying import Paying
from .policy import Policies, ProtectionPolicy
from .sweeping import Sweeping

_ROUND_S = 1.0


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    orders, clock = core.keeping.orders, core.clock
    orders.indexes.extend(store.ORDERS)
    kept = ground.store("price_drops", Drop, store.DROPS)
    policies = Policies(ground.store("protection_policy", ProtectionPolicy))
    grants = Grants(ground.store("protection_grants", CustomerGrants), clock)
    given = ground.metrics.counter(
        "shop_price_protection_minor_total", "Given back because prices fell, minor units.", ("currency",)
    )

    def count(currency: str, minor: int) -> None:
        given.labels(currency).inc(minor)

    paying = Paying(orders, grants, core.moving, clock, count)
    drops = Drops(kept, policies, clock)
    sweeping = Sweeping(kept, store.Bought(orders).behind, paying, policies, clock)

    async def on_price_changed(event: PriceChanged, told: Told) -> None:
        """A price that fell is swept."""
        if (drop := drop_of(event, told)) is not None:
            await drops.fell(drop)

    claims = Claims(core.orders, drops, paying, policies, clock)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.PriceProtectionService",
                price_protection_pb2_grpc.add_PriceProtectionServiceServicer_to_server,
                PriceProtectionApi(claims, drops, Guarantees(orders, core.orders, claims, clock), policies),
            )
        ],
        hears=Hears({PriceChanged: on_price_changed}),
        chores=[Chore(_ROUND_S, sweeping.round), Chore(_ROUND_S, paying.round)],
    )
