"""This is where purchasing is put together: THE MAP of its doors; its tables and use cases, for `core` to hold."""

from shop.catalog.v1 import purchase_orders_pb2_grpc, suppliers_pb2_grpc, traces_pb2_grpc
from shop.catalog.v1.events_pb2 import StockMoved

from services.catalog.core import Core
from services.catalog.shelves.classes import SkuClass
from services.catalog.skus import Sku
from services.catalog.store import Table, keep
from services.kit.listening import Hears
from services.kit.seal import Seal
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .amendments import Amendments
from .api import PurchaseOrdersApi, SuppliersApi, TracesApi
from .lots import Lot
from .numbers import Counter
from .orders import PurchaseOrder
from .policy import Policy
from .purchasing import Purchasing, Shelves
from .receipts import Receiving
from .scorecards import Scorecards
from .supplier_items import SupplierItem
from .suppliers import Supplier
from .traces import LotUse, Traces

_RESUME_S = 2.0
_POOLS_S = 5.0
_RESCORE_S = 60.0


def buying(ground: Ground[Settings], skus: Table[Sku]) -> Purchasing:
    """What other wings buy by."""
    tables = Shelves(
        suppliers=keep(ground, "suppliers", Supplier, store.SUPPLIERS, tells=False),
        items=keep(ground, "supplier_items", SupplierItem, store.ITEMS, tells=False),
        orders=keep(ground, "purchase_orders", PurchaseOrder, store.ORDERS, tells=False),
        lots=keep(ground, "lots", Lot, store.LOTS, tells=False),
        policies=keep(ground, "purchase_policies", Policy, tells=False),
        counters=keep(ground, "purchase_counters", Counter, tells=False),
        classes=keep(ground, "classes", SkuClass, tells=False),
    )
    return Purchasing(tables, skus, Seal(ground.settings.seal_key), ground.clock)


def build(ground: Ground[Settings], core: Core) -> Service:
    """Purchasing, on its ground."""
    bought, clock = core.purchasing, core.clock
    tables, policies = bought.tables, bought.policies
    scorecards = Scorecards(
        tables.suppliers, bought.suppliers, bought.items, tables.orders, tables.lots, policies, core.notices, clock
    )
    receiving = Receiving(
        tables.orders, bought.orders, tables.lots, core.stock, core.costs, policies, clock, scorecards.on_received
    )
    amendments = Amendments(tables.orders, bought.orders, bought.items)
    traces = Traces(keep(ground, "lot_uses", LotUse, store.USES, tells=False), tables.lots, core.baskets)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.SuppliersService",
                suppliers_pb2_grpc.add_SuppliersServiceServicer_to_server,
                SuppliersApi(bought, scorecards),
            ),
            Answers(
                "shop.catalog.v1.PurchaseOrdersService",
                purchase_orders_pb2_grpc.add_PurchaseOrdersServiceServicer_to_server,
                PurchaseOrdersApi(bought.orders, amendments, receiving),
            ),
            Answers(
                "shop.catalog.v1.TracesService",
                traces_pb2_grpc.add_TracesServiceServicer_to_server,
                TracesApi(traces, bought.suppliers),
            ),
        ],
        hears=Hears(own={StockMoved: traces.on_stock_moved}),
        chores=[
            Chore(_RESUME_S, receiving.resume),
            Chore(_POOLS_S, bought.orders.close_pools),
            Chore(_RESCORE_S, scorecards.rescore),
        ],
    )
