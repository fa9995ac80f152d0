"""This is where marketing is put together: what it answers, asks, does by itself. It hears no neighbour's events."""

from shop.marketing.v1 import coupons_pb2_grpc, events_pb2, promotions_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import CouponsApi, PromotionsApi
from .carts import Carts
from .coupons import Coupon, Coupons, CustomerUses
from .evaluation import Rules
from .floor import Floor, FloorOverride
from .messages import coupon_changed, promotion_changed
from .neighbours import Catalog
from .promotions import Promotion, Promotions, Running
from .takings import Taking, Takings
from .turns import Turn, Turns

SETTINGS: type[Settings] = Settings
_TIDY_S = 30


def build(ground: Ground[Settings]) -> Service:
    """The map."""
    promotions = ground.store("promotions", Promotion, store.PROMOTIONS)
    counts = ground.store("coupons", Coupon, store.COUPONS)
    customer_uses = ground.store("customer_uses", CustomerUses)
    asked = ground.store("takings", Taking, store.TAKINGS)

    running = Running(promotions, ground.clock, Rules)
    ledger = ground.store("floor_overrides", FloorOverride)
    turns = Turns(ground.store("turns", Turn), ground.clock)
    floor = Floor(store.RulesMet(promotions, counts), Catalog(ground.channel("catalog")), ledger, turns, ground.clock)
    coupons = Coupons(counts, customer_uses, floor, ground.clock, coupon_changed)
    takings = Takings(asked, counts, customer_uses, coupons, ground.clock, coupon_changed)

    return Service(
        answers=[
            Answers(
                "shop.marketing.v1.PromotionsService",
                promotions_pb2_grpc.add_PromotionsServiceServicer_to_server,
                PromotionsApi(
                    Promotions(promotions, floor, ground.clock, promotion_changed, running.forget),
                    Carts(running, coupons, ground.clock),
                    floor,
                    ground.clock,
                ),
            ),
            Answers(
                "shop.marketing.v1.CouponsService",
                coupons_pb2_grpc.add_CouponsServiceServicer_to_server,
                CouponsApi(coupons, takings, ground.clock),
            ),
        ],
        watches={events_pb2.PromotionChanged: lambda _: running.forget()},
        chores=[Chore(_TIDY_S, takings.tidy)],
    )
