"""This is where the protection wing is put together."""

from typing import Any

from shop.catalog.v1.events_pb2 import PriceChanged
from shop.marketing.v1.events_pb2 import PromotionChanged
from shop.orders.v1 import price_protection_pb2_grpc

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.fulfilment import told_at
from services.orders.leases import EPOCH

from . import store
from .api import PriceProtectionApi
from .claims import Claims
from .drops import Drop, Drops
from .grants import CustomerGrants, Grants
from .guarantees import Guarantees
from .messages import drop_of
from .neighbours import Promotions
from .paying import Paying
from .policy import Policies, ProtectionPolicy
from .promoted import Promoted, Watch
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
    bought, promotions = store.Bought(orders), Promotions(ground.channel("marketing"))
    watches = ground.store("promotion_watches", Watch, store.WATCHES)
    promoted = Promoted(watches, drops, bought, promotions, core.catalog.quote, policies, clock)
    sweeping = Sweeping(kept, bought.behind, paying, policies, clock, promoted.fallen_with)

    async def on_price_changed(event: PriceChanged, told: Told) -> None:
        """A price that fell is swept."""
        if (drop := drop_of(event, told)) is not None:
            await drops.fell(drop)

    async def on_promotion_changed(event: PromotionChanged, told: Told) -> None:
        """What it makes cheaper for everybody is looked for."""
        await promoted.changed(event.promotion_id, told_at(event.at or told.at, EPOCH))

    claims = Claims(core.orders, drops, paying, policies, clock)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.PriceProtectionService",
                price_protection_pb2_grpc.add_PriceProtectionServiceServicer_to_server,
                PriceProtectionApi(claims, drops, Guarantees(orders, core.orders, claims, clock), policies),
            )
        ],
        hears=Hears({PriceChanged: on_price_changed, PromotionChanged: on_promotion_changed}),
        chores=[Chore(_ROUND_S, each.round) for each in (promoted, sweeping, paying)],
    )
