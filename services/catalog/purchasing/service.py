"""This is where purchasing is put together: its tables and use cases, for `core` to hold."""

from services.catalog.skus import Sku
from services.catalog.store import Table, keep
from services.kit.seal import Seal
from services.kit.service import Ground
from services.kit.settings import Settings

from . import store
from .lots import Lot
from .numbers import Counter
from .orders import PurchaseOrder
from .policy import Policy
from .purchasing import Purchasing, Shelves
from .supplier_items import SupplierItem
from .suppliers import Supplier


def buying(ground: Ground[Settings], skus: Table[Sku]) -> Purchasing:
    """What other wings buy by."""
    tables = Shelves(
        suppliers=keep(ground, "suppliers", Supplier, store.SUPPLIERS, tells=False),
        items=keep(ground, "supplier_items", SupplierItem, store.ITEMS, tells=False),
        orders=keep(ground, "purchase_orders", PurchaseOrder, store.ORDERS, tells=False),
        lots=keep(ground, "lots", Lot, store.LOTS, tells=False),
        policies=keep(ground, "purchase_policies", Policy, tells=False),
        counters=keep(ground, "purchase_counters", Counter, tells=False),
    )
    return Purchasing(tables, skus, Seal(ground.settings.seal_key), ground.clock)
