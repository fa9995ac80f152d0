"""This is where orders is put together: THE MAP of what it answers, hears, watches and does by itself.

The counter (carts, checkouts, cancellations) is here; each wing is a folder with the same rooms and a map
of its own, built on what all share (`core`).
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.catalog.v1 import events_pb2 as catalog
from shop.crm.v1 import events_pb2 as crm
from shop.logistics.v1 import events_pb2 as logistics
from shop.marketing.v1 import events_pb2 as marketing
from shop.orders.v1 import carts_pb2_grpc, checkout_pb2_grpc, orders_pb2_grpc

from services.kit.listening import Hears
from services.kit.seal import Seal
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.wings import joined

from .addressing import Addressing
from .aftersales import service as aftersales
from .api.carts import CartsApi
from .api.orders import CheckoutApi, OrdersApi
from .baskets import service as baskets
from .cancellation import Cancellation
from .carts import CartIds, Carts
from .checkout import Checkout
from .core import Core
from .crossing import Crossing
from .deadlines import service as deadlines
from .deadlines.policies import POLICIES
from .exceptions import service as exceptions
from .following import service as following
from .followups import Followups
from .fraud import service as fraud
from .fulfilment import Fulfilment
from .holding import Holding
from .intake import service as intake
from .invoices import service as invoices
from .ledger import service as ledger
from .looking import Orders
from .merging import Merging
from .messages.fulfilment import Hearing
from .neighbours import Catalog, Crm, Logistics, Marketing
from .payments import service as payments
from .payments.kinds import Kinds
from .payments.methods import Methods, PaymentMethod
from .payments.moving import Moving
from .payments.sandbox import SandboxProvider
from .pickup import service as pickup
from .preorders import service as preorders
from .protection import service as protection
from .quotes import Quotes
from .readdressing import Readdressing
from .refunding import MoneyBack
from .resuming import Resuming
from .saga import Saga
from .screens import Screens
from .settings import OrdersSettings
from .settlement import service as settlement
from .shelves import Shelves
from .slots import service as slots
from .slots.choosing import Choosing
from .slots.neighbours import Slots
from .store import Keeping
from .till import Till
from .timers import TermsBook
from .triage import service as triage
from .undoing import Undoing

_ROUND_S = 1.0


SETTINGS = OrdersSettings
WINGS: tuple[Callable[[Ground[OrdersSettings], Core], Service], ...] = (
    deadlines.build,
    fraud.build,
    triage.build,
    exceptions.build,
    protection.build,
    invoices.build,
    ledger.build,
    intake.build,
    payments.build,
    aftersales.build,
    settlement.build,
    baskets.build,
    following.build,
    preorders.build,
    pickup.build,
    slots.build,
)


def build(ground: Ground[OrdersSettings]) -> Service:
    """Orders, on its ground."""
    core = _core(ground)
    return joined(_counter(core), *(wing(ground, core) for wing in WINGS))


def _core(ground: Ground[OrdersSettings]) -> Core:
    settings, clock = ground.settings, ground.clock
    seal, keeping, screens = Seal(settings.seal_key), Keeping(ground), Screens()
    shelf, coupons = Catalog(ground.channel("catalog")), Marketing(ground.channel("marketing"))
    shelves = Shelves(shelf)
    parcels, purse = Logistics(ground.channel("logistics")), Crm(ground.channel("crm"))
    places = Slots(ground.channel("logistics"))
    provider = Kinds(_sandbox(ground))
    count = _counting(ground)
    quotes = Quotes(shelf, coupons, parcels, purse)
    ground.bus.when_back(quotes.forget_every_sku)
    carts = Carts(keeping.carts, keeping.upsert_cart, CartIds(settings.seal_key), quotes, seal, clock)
    till, orders = Till(carts, quotes), Orders(keeping.orders, keeping.states_of)
    undoing = Undoing(keeping.orders, shelves, places, coupons, purse, provider, clock)
    moving = Moving(keeping.orders, provider, seal, clock, _movements(ground))
    methods = Methods(ground.store("payment_methods", PaymentMethod))
    saga = Saga(keeping.orders, carts, quotes, shelves, places, coupons, purse, provider, undoing, seal, clock, count)
    book = TermsBook(keeping.terms, POLICIES, clock)
    holding = Holding(keeping.orders, parcels, book, clock)
    return Core(
        keeping=keeping,
        carts=carts,
        till=till,
        quotes=quotes,
        orders=orders,
        checkout=Checkout(keeping.orders, carts, till, methods, saga, screens, seal, clock, settings.point_value_minor),
        saga=saga,
        undoing=undoing,
        cancellation=Cancellation(keeping.orders, orders, parcels, provider, moving, undoing, saga, clock),
        money=MoneyBack(keeping.orders, moving, clock),
        screens=screens,
        shelves=shelves,
        slots=places,
        holding=holding,
        readdressing=Readdressing(keeping.orders, orders, parcels, holding, seal, clock),
        followups=Followups(keeping.orders, saga, shelf, seal, clock),
        book=book,
        fulfilment=Fulfilment(keeping.orders, clock),
        methods=methods,
        moving=moving,
        provider=provider,
        catalog=shelf,
        marketing=coupons,
        logistics=parcels,
        crm=purse,
        seal=seal,
        clock=clock,
        settings=settings,
        count=count,
    )


def _sandbox(ground: Ground[OrdersSettings]) -> SandboxProvider:
    sandbox = SandboxProvider(ground.settings.psp_url, ground.settings.psp_secret)
    ground.closing.append(sandbox.close)
    return sandbox


def _counting(ground: Ground[OrdersSettings]) -> Callable[[str], None]:
    seen = ground.metrics.counter("shop_checkouts_total", "Checkouts, by what came of them.", ("outcome",))
    return lambda outcome: seen.labels(outcome).inc()


def _movements(ground: Ground[OrdersSettings]) -> Callable[[str, str], None]:
    seen = ground.metrics.counter(
        "shop_payment_movements_total", "Money moved after checkout, by what and what came of it.", ("kind", "outcome")
    )
    return lambda kind, outcome: seen.labels(kind, outcome).inc()


def _counter(core: Core) -> Service:
    """Carts, checkouts, orders, cancellations."""
    keeping, clock, seal = core.keeping, core.clock, core.seal
    resuming = Resuming(keeping.orders, core.saga, core.cancellation, core.undoing, core.provider, clock)
    core.screens.all.append(Crossing(core.settings.home_country, core.logistics, clock).look)
    hearing = Hearing(core.fulfilment, clock)
    apis = (
        CartsApi(
            core.carts,
            Merging(core.carts, keeping.carts, seal),
            core.till,
            Addressing(core.carts, core.logistics),
            Choosing(core.carts, core.till, core.slots),
            seal,
        ),
        CheckoutApi(core.checkout),
        OrdersApi(core.orders, core.cancellation, seal),
    )
    return Service(
        answers=[Answers(f"shop.orders.v1.{name}", add, api) for (name, add), api in zip(_DOORS, apis, strict=True)],
        hears=Hears(
            {
                logistics.ShipmentPacked: hearing.on_shipment_packed,
                logistics.ShipmentShipped: hearing.on_shipment_shipped,
                logistics.ParcelMoved: hearing.on_parcel_moved,
            },
            batches={logistics.ShipmentPlanned: hearing.on_shipments_planned},
        ),
        watches=_watches(core.quotes),
        chores=[Chore(_ROUND_S, resuming.round)],
    )


_DOORS: tuple[tuple[str, Any], ...] = (
    ("CartsService", carts_pb2_grpc.add_CartsServiceServicer_to_server),
    ("CheckoutService", checkout_pb2_grpc.add_CheckoutServiceServicer_to_server),
    ("OrdersService", orders_pb2_grpc.add_OrdersServiceServicer_to_server),
)


def _watches(quotes: Quotes) -> dict[type[Message], Callable[[Any], None]]:
    """What neighbours take back of what they said."""
    return {
        catalog.ProductChanged: lambda event: quotes.forget_skus(event.skus),
        catalog.PriceChanged: lambda event: quotes.forget_skus([event.sku]),
        catalog.AvailabilityChanged: lambda event: quotes.forget_skus([event.sku]),
        marketing.PromotionChanged: lambda _: quotes.forget_evaluations(),
        marketing.CouponChanged: lambda _: quotes.forget_evaluations(),
        crm.CustomerChanged: lambda event: quotes.forget_standing(event.customer_id),
        logistics.FreightChanged: lambda _: quotes.forget_ways(),
    }
