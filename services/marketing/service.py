"""This is where marketing is put together: THE MAP of what it answers, asks, does by itself; wings build on `core`."""

from collections.abc import Callable

from shop.marketing.v1 import coupons_pb2_grpc, events_pb2, promotions_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.kit.wings import joined

from . import store
from .allotments import Allotment, Allotments
from .api import CouponsApi, PromotionsApi
from .carts import Carts
from .core import Core
from .counting import Counting
from .coupons import Coupon, Coupons, CustomerUses
from .floor import Floor, FloorOverride
from .jobs import Job, Jobs
from .messages.events import coupon_changed, promotion_changed
from .neighbours import Catalog
from .promotions import Promotion, Promotions
from .rules import Rules
from .running import Running
from .settings import MarketingSettings
from .showing import service as showing_wing
from .showing.showcase import Showcase
from .simulations import service as simulations
from .takings import Taking, Takings
from .turns import Turn, Turns
from .vouchers import Voucher, Vouchers
from .wallets import service as wallets

SETTINGS = MarketingSettings
_TIDY_S, _WORK_S = 30, 0.5
WINGS: tuple[Callable[[Ground[MarketingSettings], Core], Service], ...] = (
    wallets.build,
    simulations.build,
    showing_wing.build,
)


def build(ground: Ground[MarketingSettings]) -> Service:
    """Marketing, on its ground."""
    core = _core(ground)
    return joined(_counter(core), *(wing(ground, core) for wing in WINGS))


def _core(ground: Ground[MarketingSettings]) -> Core:
    clock, catalog = ground.clock, Catalog(ground.channel("catalog"))
    promotions = ground.store("promotions", Promotion, store.PROMOTIONS)
    counts = ground.store("coupons", Coupon, store.COUPONS)
    customer_uses = ground.store("customer_uses", CustomerUses)
    allotments = Allotments(ground.store("allotments", Allotment))
    running, showing = Running(promotions, clock, Rules), Running(promotions, clock, Showcase)

    def forget() -> None:
        running.forget()
        showing.forget()

    ledger = ground.store("floor_overrides", FloorOverride)
    floor = Floor(store.RulesMet(promotions, counts), catalog, ledger, Turns(ground.store("turns", Turn), clock), clock)
    issued = ground.store("vouchers", Voucher, store.VOUCHERS)
    vouchers = Vouchers(issued)
    coupons = Coupons(counts, customer_uses, vouchers, floor, clock, coupon_changed)
    counting = Counting(counts, customer_uses, clock, coupon_changed)
    return Core(
        promotions=promotions,
        running=running,
        showing=showing,
        making=Promotions(promotions, floor, clock, promotion_changed, forget),
        coupons=coupons,
        counts=counts,
        vouchers=vouchers,
        issued=issued,
        takings=Takings(ground.store("takings", Taking, store.TAKINGS), counts, counting, coupons, vouchers, clock),
        allotments=allotments,
        carts=Carts(running, coupons, allotments, clock),
        floor=floor,
        catalog=catalog,
        jobs=Jobs(ground.store("jobs", Job, store.JOBS), clock),
        clock=clock,
    )


def _counter(core: Core) -> Service:
    """Promotions, coupons, carts."""
    return Service(
        answers=[
            Answers(
                "shop.marketing.v1.PromotionsService",
                promotions_pb2_grpc.add_PromotionsServiceServicer_to_server,
                PromotionsApi(core.making, core.carts, core.allotments, core.floor, core.clock),
            ),
            Answers(
                "shop.marketing.v1.CouponsService",
                coupons_pb2_grpc.add_CouponsServiceServicer_to_server,
                CouponsApi(core.coupons, core.takings, core.clock),
            ),
        ],
        watches={
            events_pb2.PromotionChanged: lambda _: core.forget(),
            events_pb2.CouponChanged: lambda event: core.coupons.forget(event.code),
        },
        chores=[Chore(_TIDY_S, core.takings.tidy), Chore(_WORK_S, core.jobs.work)],
    )
