"""This is where one SKU is: its price, and how much of it there is and for whom. All that must agree is in one document."""

from dataclasses import dataclass, field
from datetime import datetime

from services.kit.errors import NotFound
from services.kit.ids import new_id
from services.kit.money import Money

DONE_KEPT = 300  # orders a SKU remembers as taken, at the least
REFS_KEPT = 300  # receipts and returns it remembers as booked


def new_token() -> str:
    """A dozen random characters to mark what one call takes; short, for a SKU keeps hundreds of them."""
    return new_id("")[-12:]


class SkuNotFound(NotFound):
    """No such SKU."""


@dataclass
class Hold:
    """Units promised to an order until it takes them, gives them back, or the sweeper asks what became of it."""

    order_id: str
    quantity: int
    expires_at: datetime
    token: str  # which call took it: only that call may give it back for being refused
    # A bundle's own document holds no units (`quantity` 0) but the word for how many: `bundles`. A part of one says in
    # `lines` (`sku`, `units`) for which lines of the order its units are held, when not all are for itself.


@dataclass
class Taken:
    """Units an order has taken from the shelves."""

    order_id: str
    warehouses: dict[str, int]
    token: str
    # Where bundles are concerned also `bundles` or `lines`, as they were held, and `asked`: what was asked of itself.


@dataclass
class Sku:
    """One sellable unit. available = the sum of on_hand less held, and is never below zero.

    Its document is changed by conditional updates only, never saved as a whole: everybody buys at once.
    """

    id: str
    product_id: str
    merchant_id: str
    title: str
    price: Money
    cost: Money
    weight_g: int
    category: str
    tags: list[str]
    live: bool
    return_days: int | None = None  # what its product promises of its own about its coming back
    freight_insurance: bool = False
    volume_mm3: int = 0  # room of one, packed; 0 when not measured
    price_version: int = 1
    on_hand: dict[str, int] = field(default_factory=dict)  # by warehouse; grade A: what is sold
    graded: dict[str, dict[str, int]] = field(default_factory=dict)  # by warehouse and other grade; never sold
    in_transit: int = 0  # between warehouses
    held: int = 0
    available: int = 0
    sold: int = 0  # units taken for orders, ever
    holds: list[Hold] = field(default_factory=list)
    done: list[Taken] = field(default_factory=list)  # the last DONE_KEPT, and a few more until they are trimmed
    refs: list[str] = field(default_factory=list)  # the last REFS_KEPT
    in_stock: bool = False  # what was last told of it
    stock_at: datetime | None = None  # when; rises
    # `parts`, kept beside these, is what a bundle is made of (`services.catalog.parts`); not there for an ordinary SKU.
    # `sweep_at`, kept beside these, is no later than the first hold expires; not there when nothing was ever held.
    version: int = 0

    @property
    def total(self) -> int:
        """Units on hand over all warehouses."""
        return sum(self.on_hand.values())


@dataclass
class PriceEntry:
    """A price a SKU has had; never changed. `number` rises from 1 within the SKU."""

    id: str
    sku: str
    number: int
    price: Money
    at: datetime
    reason: str
    by: str
    version: int = 0


def price_entry(sku: str, number: int, price: Money, at: datetime, reason: str, by: str) -> PriceEntry:
    """An entry of the history; its id names what it is, so that it cannot be written twice."""
    return PriceEntry(f"{sku}:{number}", sku, number, price, at, reason, by)


@dataclass
class Movement:
    """An entry of the stock ledger; its id is the event's."""

    id: str
    sku: str
    warehouse: str
    quantity: int  # in is positive, out negative
    reason: str
    reference: str
    at: datetime
    by: str
    grade: str = "A"
    note: str = ""
    version: int = 0
