"""This is where orders is put together: what it answers, hears, watches and does by itself."""

from collections.abc import Callable
from typing import Any, ClassVar

from google.protobuf.message import Message
from shop.catalog.v1 import events_pb2 as catalog
from shop.logistics.v1 import events_pb2 as logistics
from shop.marketing.v1 import events_pb2 as marketing
from shop.orders.v1 import carts_pb2_grpc, checkout_pb2_grpc, orders_pb2_grpc, payments_pb2_grpc, returns_pb2_grpc

from services.kit.listening import Hears
from services.kit.seal import Seal
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from .api.carts import CartsApi
from .api.orders import CheckoutApi, OrdersApi, PaymentsApi
from .api.returns import ReturnsApi
from .cancellation import Cancellation
from .carts import CartIds, Carts
from .checkout import Checkout
from .fulfilment import Fulfilment
from .merging import Merging
from .messages.fulfilment import Hearing
from .neighbours import Catalog, Crm, Logistics, Marketing
from .orders import Orders
from .payments.outcomes import Outcomes
from .payments.sandbox import SandboxProvider
from .quotes import Quotes
from .refunds import Refunds
from .resuming import Resuming
from .returns import Returns
from .saga import Saga
from .store import Keeping
from .till import Till
from .undoing import Undoing

_ROUND_S = 1.0


class OrdersSettings(Settings):
    """What orders needs to know beside what every service does."""

    SECRETS: ClassVar[tuple[str, ...]] = ("seal_key", "psp_secret", "psp_webhook_secret")

    psp_url: str = "http://127.0.0.1:7050"
    psp_secret: str = "psp-development-secret"  # noqa: S105 - refused outside development
    psp_webhook_secret: str = "whsec_cHNwLWRldmVsb3BtZW50LXdlYmhvb2stc2VjcmV0"  # noqa: S105
    point_value_minor: int = 1  # what a point pays, in minor units of whatever currency


SETTINGS = OrdersSettings


def build(ground: Ground[OrdersSettings]) -> Service:
    """Everything, and who needs whom."""
    settings, clock = ground.settings, ground.clock
    seal, keeping = Seal(settings.seal_key), Keeping(ground)
    shelf, coupons = Catalog(ground.channel("catalog")), Marketing(ground.channel("marketing"))
    parcels, purse = Logistics(ground.channel("logistics")), Crm(ground.channel("crm"))
    provider = SandboxProvider(settings.psp_url, settings.psp_secret)
    ground.closing.append(provider.close)
    outcomes_seen = ground.metrics.counter("shop_checkouts_total", "Checkouts, by what came of them.", ("outcome",))

    def count(outcome: str) -> None:
        outcomes_seen.labels(outcome).inc()

    quotes = Quotes(shelf, coupons, parcels)
    ground.bus.when_back(quotes.forget_every_sku)
    carts = Carts(keeping.carts, keeping.upsert_cart, CartIds(settings.seal_key), quotes, seal, clock)
    till, orders = Till(carts, quotes), Orders(keeping.orders, keeping.states_of)
    undoing = Undoing(keeping.orders, shelf, coupons, purse, provider, clock)
    saga = Saga(keeping.orders, carts, quotes, shelf, coupons, purse, provider, undoing, seal, clock, count)
    checkout = Checkout(keeping.orders, carts, till, saga, seal, clock, settings.point_value_minor)
    cancellation = Cancellation(keeping.orders, orders, parcels, provider, undoing, saga, clock)
    outcomes = Outcomes(keeping.orders, orders, saga, undoing, provider, settings.psp_webhook_secret, clock, count)
    returns = Returns(keeping.returns, keeping.orders, orders, keeping.together, clock)
    refunds = Refunds(keeping.returns, keeping.orders, provider, purse, clock)
    resuming = Resuming(keeping.orders, saga, cancellation, undoing, provider, clock)
    hearing = Hearing(Fulfilment(keeping.orders, clock), clock)
    apis = (
        CartsApi(carts, Merging(carts, keeping.carts, seal), till, seal),
        CheckoutApi(checkout),
        OrdersApi(orders, cancellation, seal),
        PaymentsApi(outcomes, seal),
        ReturnsApi(returns, refunds),
    )
    return Service(
        answers=[Answers(f"shop.orders.v1.{name}", add, api) for (name, add), api in zip(_DOORS, apis, strict=True)],
        hears=Hears(
            {
                logistics.ShipmentPlanned: hearing.on_shipment_planned,
                logistics.ShipmentPacked: hearing.on_shipment_packed,
                logistics.ShipmentShipped: hearing.on_shipment_shipped,
                logistics.ParcelMoved: hearing.on_parcel_moved,
            }
        ),
        watches=_watches(quotes),
        chores=[
            Chore(_ROUND_S, resuming.round),
            Chore(_ROUND_S, refunds.round),
        ],
    )


_DOORS: tuple[tuple[str, Any], ...] = (
    ("CartsService", carts_pb2_grpc.add_CartsServiceServicer_to_server),
    ("CheckoutService", checkout_pb2_grpc.add_CheckoutServiceServicer_to_server),
    ("OrdersService", orders_pb2_grpc.add_OrdersServiceServicer_to_server),
    ("PaymentsService", payments_pb2_grpc.add_PaymentsServiceServicer_to_server),
    ("ReturnsService", returns_pb2_grpc.add_ReturnsServiceServicer_to_server),
)


def _watches(quotes: Quotes) -> dict[type[Message], Callable[[Any], None]]:
    """What neighbours take back of what they said."""
    return {
        catalog.ProductChanged: lambda event: quotes.forget_skus(event.skus),
        catalog.PriceChanged: lambda event: quotes.forget_skus([event.sku]),
        catalog.AvailabilityChanged: lambda event: quotes.forget_skus([event.sku]),
        marketing.PromotionChanged: lambda _: quotes.forget_evaluations(),
        marketing.CouponChanged: lambda _: quotes.forget_evaluations(),
        logistics.FreightChanged: lambda _: quotes.forget_ways(),
    }
