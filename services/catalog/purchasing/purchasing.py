"""This is where purchasing is put together for those who buy by it: other wings find it as `core.purchasing`."""

from dataclasses import dataclass

from services.catalog.shelves.classes import SkuClass
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.seal import Seal

from .lots import Lot
from .numbers import Counter, Numbers
from .orders import PurchaseOrder
from .policy import Policies, Policy
from .purchase_orders import PurchaseOrders
from .supplier_items import SupplierItem, SupplierItems
from .suppliers import Supplier, Suppliers


@dataclass(frozen=True)
class Shelves:
    """The tables purchasing keeps."""

    suppliers: Table[Supplier]
    items: Table[SupplierItem]
    orders: Table[PurchaseOrder]
    lots: Table[Lot]
    policies: Table[Policy]
    counters: Table[Counter]
    classes: Table[SkuClass]  # kept by the shelves, read here


class Purchasing:
    """Who sells to the shop, what was ordered there, and what came of it."""

    def __init__(self, tables: Shelves, skus: Table[Sku], seal: Seal, clock: Clock) -> None:
        self.tables = tables
        self.policies = Policies(tables.policies)
        self.suppliers = Suppliers(tables.suppliers, seal, clock)
        self.items = SupplierItems(tables.items, self.suppliers, tables.lots, skus, clock)
        numbers = Numbers(tables.counters, clock)
        self.orders = PurchaseOrders(
            tables.orders, self.suppliers, self.items, self.policies, numbers, tables.classes, clock
        )
