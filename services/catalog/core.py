"""This is where it is named what the wings of catalog share: tables, use cases, gates, jobs, notices, the clock."""

from dataclasses import dataclass

from services.kit.clock import Clock

from .baskets import Basket, Baskets, SkuDay
from .categories import Categories
from .content import Product
from .costs import Costs
from .gates import Gates
from .imports import Imports
from .jobs import Jobs
from .media.library import Library
from .notices import Notices
from .policies import Policies
from .prices import Prices
from .products import Products
from .purchasing.purchasing import Purchasing
from .search.searching import Searching
from .skus import Movement, PriceEntry, Sku
from .stock import Stock
from .store import Table
from .takedowns import Takedowns


@dataclass(frozen=True)
class Core:
    """What a wing is built on beside its ground. A wing reads these tables; it writes them through the use cases."""

    products: Table[Product]
    skus: Table[Sku]
    price_entries: Table[PriceEntry]
    movements: Table[Movement]
    baskets: Table[Basket]
    days: Table[SkuDay]
    categories: Categories
    writing: Products
    pricing: Prices
    stock: Stock
    costs: Costs
    imports: Imports
    searching: Searching
    purchasing: Purchasing
    selling: Baskets
    policies: Policies
    gates: Gates
    jobs: Jobs
    notices: Notices
    takedowns: Takedowns
    library: Library
    clock: Clock
    development: bool
