"""This is where catalog is put together: THE MAP of what it answers, hears and does by itself.

The counter (what is sold, priced, held and taken) is here; each wing (`reviews`, `supply` …) is a folder with the same
rooms and a map of its own, built on what all share (`core`).
"""

from collections.abc import Callable
from typing import Any

from shop.catalog.v1 import jobs_pb2_grpc, notices_pb2_grpc, prices_pb2_grpc, products_pb2_grpc, stock_pb2_grpc
from shop.catalog.v1.events_pb2 import AvailabilityChanged, StockMoved
from shop.logistics.v1.events_pb2 import ParcelRestocked, ShipmentCancelled
from shop.orders.v1.events_pb2 import OrderPaid, ReturnReceived

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings
from services.kit.wings import joined

from . import store
from .api import JobsApi, NoticesApi, PricesApi, ProductsApi, StockApi
from .availability import Availability
from .baskets import Basket, Baskets, SkuDay
from .bulk import service as bulk
from .bundles import service as bundles
from .categories import Categories, Category
from .compliance import service as compliance
from .content import Product
from .core import Core
from .costs import Costs
from .gates import Gates
from .heard import Heard
from .holds import Holds
from .imports import Imports
from .jobs import Job, Jobs
from .listings import Listings
from .margins import service as margins
from .media import service as media
from .merchants import service as merchants
from .movements import Movements
from .neighbours import OrdersNeighbour
from .notices import Notice, Notices
from .policies import Policies, ShopPolicy
from .popularity import Popularity
from .price_history import PriceHistory
from .prices import Prices
from .pricing import service as pricing
from .products import Products
from .purchasing import service as purchasing
from .recounts import Recounts
from .retaking import Retaking
from .reviews import service as reviews
from .search import service as search
from .settings import CatalogSettings
from .shelves import service as shelves
from .shelves.classes import SkuClass, named
from .skus import Movement, PriceEntry, Sku
from .stock import Stock
from .store import keep
from .storefront import service as storefront
from .supply import service as supply
from .sweeping import Sweeper
from .takedowns import Takedowns
from .taking import Taking

SETTINGS: type[Settings] = CatalogSettings
_SWEEP_S = 5.0
_COUNT_S = 2.0
_WORK_S = 0.5
WINGS: tuple[Callable[[Ground[Any], Core], Service], ...] = (
    bulk.build,
    bundles.build,
    compliance.build,
    margins.build,
    media.build,
    merchants.build,
    pricing.build,
    purchasing.build,
    reviews.build,
    search.build,
    shelves.build,
    storefront.build,
    supply.build,
)


def build(ground: Ground[Settings]) -> Service:
    """Catalog, on its ground."""
    core = _core(ground)
    return joined(_counter(ground, core), _office(core), *(wing(ground, core) for wing in WINGS))


def _core(ground: Ground[Settings]) -> Core:
    clock = ground.clock
    products = keep(ground, "products", Product, store.PRODUCTS)
    skus = keep(ground, "skus", Sku, store.SKUS)
    entries = keep(ground, "prices", PriceEntry, store.PRICES, tells=False)
    movements = keep(ground, "movements", Movement, store.MOVEMENTS, tells=False)
    baskets = keep(ground, "baskets", Basket, store.BASKETS, tells=False)
    days = keep(ground, "days", SkuDay, store.DAYS, tells=False)
    categories = Categories(keep(ground, "categories", Category), clock)
    gates, development = Gates(), ground.settings.development
    recounts = Recounts(products, skus, entries, clock)
    notices = Notices(keep(ground, "notices", Notice, store.NOTICES), clock)
    writing = Products(products, skus, entries, categories, gates, clock)
    return Core(
        products=products,
        skus=skus,
        price_entries=entries,
        movements=movements,
        baskets=baskets,
        days=days,
        categories=categories,
        writing=writing,
        pricing=Prices(skus, products, entries, gates, clock),
        stock=Stock(skus, movements, clock),
        searching=search.searching(ground, products, skus, categories),
        imports=Imports(products, skus, entries, categories, recounts, gates, clock, photos=not development),
        costs=Costs(skus, products, clock),
        purchasing=purchasing.buying(ground, skus),
        selling=Baskets(baskets, days),
        policies=Policies(keep(ground, "shop_policies", ShopPolicy, tells=False), clock),
        gates=gates,
        jobs=Jobs(keep(ground, "jobs", Job, store.JOBS, tells=False), clock),
        notices=notices,
        takedowns=Takedowns(writing, notices, clock),
        library=media.library(ground, products),
        clock=clock,
        development=development,
    )


def _counter(ground: Ground[Settings], core: Core) -> Service:
    clock = core.clock
    availability = Availability(core.skus, clock)
    listings = Listings(core.writing, core.gates, clock)
    sweeper = Sweeper(core.skus, OrdersNeighbour(ground.channel("orders")), availability, clock)
    popularity = Popularity(core.products, core.skus)
    heard = Heard(Movements(core.movements, availability), availability, popularity, core.stock)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.ProductsService",
                products_pb2_grpc.add_ProductsServiceServicer_to_server,
                ProductsApi(
                    core.writing, listings, core.searching.finding, core.categories, core.imports, core.policies
                ),
            ),
            Answers(
                "shop.catalog.v1.PricesService",
                prices_pb2_grpc.add_PricesServiceServicer_to_server,
                PricesApi(core.pricing, PriceHistory(core.products, core.skus, core.price_entries, clock)),
            ),
            Answers(
                "shop.catalog.v1.StockService",
                stock_pb2_grpc.add_StockServiceServicer_to_server,
                StockApi(
                    core.stock,
                    Holds(core.skus, availability, clock),
                    Taking(core.skus, clock),
                    Retaking(core.skus, clock),
                    named(keep(ground, "classes", SkuClass, tells=False)),
                ),
            ),
        ],
        hears=Hears(
            handlers={
                ShipmentCancelled: heard.on_shipment_cancelled,
                ParcelRestocked: heard.on_parcel_restocked,
                ReturnReceived: heard.on_return_received,
            },
            own={
                StockMoved: heard.on_stock_moved,
                AvailabilityChanged: heard.on_availability_changed,
            },
        ),
        chores=[
            Chore(_SWEEP_S, sweeper.sweep),
            Chore(_COUNT_S, popularity.count),
        ],
        before=[core.policies.begin],
    )


def _office(core: Core) -> Service:
    """What all wings lean on: long work, notices, the history of what was bought."""
    return Service(
        answers=[
            Answers("shop.catalog.v1.JobsService", jobs_pb2_grpc.add_JobsServiceServicer_to_server, JobsApi(core.jobs)),
            Answers(
                "shop.catalog.v1.NoticesService",
                notices_pb2_grpc.add_NoticesServiceServicer_to_server,
                NoticesApi(core.notices),
            ),
        ],
        hears=Hears(batches={OrderPaid: core.selling.on_orders_paid}),
        chores=[Chore(_COUNT_S, core.selling.count), Chore(_WORK_S, core.jobs.work)],
    )
