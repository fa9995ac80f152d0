"""This is where catalog is put together: THE MAP of what it answers, hears and does by itself."""

from shop.catalog.v1 import prices_pb2_grpc, products_pb2_grpc, stock_pb2_grpc
from shop.catalog.v1.events_pb2 import AvailabilityChanged, StockMoved
from shop.logistics.v1.events_pb2 import ShipmentCancelled
from shop.orders.v1.events_pb2 import ReturnReceived

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from .api import PricesApi, ProductsApi, StockApi
from .availability import Availability
from .categories import Categories, Category
from .content import Product
from .heard import Heard
from .holds import Holds
from .imports import Imports
from .listings import Listings
from .movements import Movements
from .neighbours import OrdersNeighbour
from .popularity import Popularity
from .prices import Prices
from .products import Products
from .recounts import Recounts
from .search import Finding
from .skus import Movement, PriceEntry, Sku
from .stock import Stock
from .store import MOVEMENTS, PRICES, PRODUCTS, SKUS, keep
from .sweeping import Sweeper
from .taking import Taking

SETTINGS: type[Settings] = Settings
_SWEEP_S = 5.0
_COUNT_S = 2.0


def build(ground: Ground[Settings]) -> Service:
    """Catalog, on its ground."""
    clock = ground.clock
    products = keep(ground, "products", Product, PRODUCTS)
    skus = keep(ground, "skus", Sku, SKUS)
    prices = keep(ground, "prices", PriceEntry, PRICES, tells=False)
    movements = keep(ground, "movements", Movement, MOVEMENTS, tells=False)
    categories = Categories(keep(ground, "categories", Category), clock)
    photos = not ground.settings.development
    availability = Availability(skus, clock)
    writing = Products(products, skus, prices, categories, clock)
    recounts = Recounts(products, skus, prices, clock)
    imports = Imports(products, skus, prices, categories, recounts, clock, photos=photos)
    listings = Listings(writing, clock, photos=photos)
    finding = Finding(products, skus, categories, clock)
    stock = Stock(skus, movements, clock)
    sweeper = Sweeper(skus, OrdersNeighbour(ground.channel("orders")), availability, clock)
    popularity = Popularity(products, skus)
    heard = Heard(Movements(movements, availability), popularity, stock)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.ProductsService",
                products_pb2_grpc.add_ProductsServiceServicer_to_server,
                ProductsApi(writing, listings, finding, categories, imports),
            ),
            Answers(
                "shop.catalog.v1.PricesService",
                prices_pb2_grpc.add_PricesServiceServicer_to_server,
                PricesApi(Prices(skus, products, prices, clock)),
            ),
            Answers(
                "shop.catalog.v1.StockService",
                stock_pb2_grpc.add_StockServiceServicer_to_server,
                StockApi(stock, Holds(skus, availability, clock), Taking(skus, clock)),
            ),
        ],
        hears=Hears(
            handlers={
                ShipmentCancelled: heard.on_shipment_cancelled,
                ReturnReceived: heard.on_return_received,
            },
            own={
                StockMoved: heard.on_stock_moved,
                AvailabilityChanged: heard.on_availability_changed,
            },
        ),
        chores=[Chore(_SWEEP_S, sweeper.sweep), Chore(_COUNT_S, popularity.count)],
    )
