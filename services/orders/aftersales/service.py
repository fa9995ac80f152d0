"""This is where after-sales is put together."""

from zoneinfo import ZoneInfo

from shop.logistics.v1.events_pb2 import ReturnParcelMoved, ReturnParcelReceived, ReturnPickupChanged
from shop.orders.v1 import aftersales_pb2_grpc, returns_pb2_grpc
from shop.orders.v1.events_pb2 import OrderCancelled

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core
from services.orders.settings import OrdersSettings

from . import store
from .api.afterwards import AfterSalesApi
from .api.returns import ReturnsApi
from .compensating import Compensating
from .compensations import Compensations, Rules
from .followups import Followups
from .hearing import Hearing
from .inspecting import Inspecting
from .insurance import Claims, Freezing
from .intake import Intake
from .neighbours import ReturnParcels, Vouchers
from .policies import Policies, Policy
from .refunds import Refunds
from .reviewing import Reviewing
from .sending import Sending
from .statistics import ReturnCount, Statistics
from .ways_back import WaysBack

_ROUND_S = 1.0


def build(ground: Ground[OrdersSettings], core: Core) -> Service:
    """After-sales, on the ground of orders."""
    keeping, clock, settings = core.keeping, core.clock, core.settings
    returns, orders, together = keeping.returns, keeping.orders, keeping.together
    counts = ground.store("return_counts", ReturnCount, store.COUNTS)
    statistics = Statistics(counts, orders, store.bumping(counts), together)
    policies = Policies(ground.store("aftersales_policies", Policy), clock)
    freezing = Freezing(policies)
    core.screens.all.append(freezing.look)
    refunds = Refunds(returns, orders, core.money, core.crm, clock)
    sending = Sending(returns, orders, Followups(orders, core.seal, clock), core.catalog, core.saga, core.money, clock)
    claims = Claims(returns, orders, core.money, settings.point_value_minor, clock)
    parcels = ReturnParcels(ground.channel("logistics"), clock)
    ways_back = WaysBack(returns, orders, parcels, claims, clock)
    compensating = _compensating(ground, core)
    hearing = Hearing(ways_back, sending, clock)
    zone = ZoneInfo(settings.time_zone)
    door = ReturnsApi(
        Intake(returns, orders, core.orders, together, statistics, clock, zone),
        Reviewing(returns, orders, together, statistics, policies, clock),
        Inspecting(returns, orders, together, statistics, clock),
        refunds,
        sending,
        ways_back,
    )
    office = AfterSalesApi(policies, freezing, compensating, statistics, core.carts, core.quotes)
    return Service(
        answers=_doors(door, office),
        hears=Hears(
            {
                ReturnParcelMoved: hearing.on_return_parcel_moved,
                ReturnPickupChanged: hearing.on_return_pickup_changed,
                ReturnParcelReceived: hearing.on_return_parcel_received,
            },
            own={OrderCancelled: hearing.on_orders_cancelled},
        ),
        chores=[
            Chore(_ROUND_S, refunds.round),
            Chore(_ROUND_S, sending.round),
            Chore(_ROUND_S, statistics.round),
            Chore(_ROUND_S, compensating.round),
        ],
    )


def _compensating(ground: Ground[OrdersSettings], core: Core) -> Compensating:
    return Compensating(
        ground.store("compensation_rules", Rules),
        ground.store("compensations", Compensations, store.COMPENSATIONS),
        core.orders,
        core.money,
        Vouchers(ground.channel("marketing")),
        core.settings.point_value_minor,
        core.clock,
    )


def _doors(returns: ReturnsApi, office: AfterSalesApi) -> list[Answers]:
    v1 = "shop.orders.v1"
    return [
        Answers(f"{v1}.ReturnsService", returns_pb2_grpc.add_ReturnsServiceServicer_to_server, returns),
        Answers(f"{v1}.AfterSalesService", aftersales_pb2_grpc.add_AfterSalesServiceServicer_to_server, office),
    ]
