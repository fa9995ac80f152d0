"""This is where a purchase order is: its lines, its receipts, and the steps it may take. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.kit.errors import Conflict, Invalid, NotFound, WrongState


class OrderState(StrEnum):
    """The life of a purchase order."""

    POOLING = "pooling"  # takes in what else is needed, until its pool closes
    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    CONFIRMED = "confirmed"  # the supplier has promised a date
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STEPS: dict[OrderState, frozenset[OrderState]] = {  # to where, from where
    OrderState.DRAFT: frozenset({OrderState.POOLING}),
    OrderState.APPROVED: frozenset({OrderState.DRAFT}),
    OrderState.SENT: frozenset({OrderState.APPROVED}),
    OrderState.CONFIRMED: frozenset({OrderState.SENT, OrderState.CONFIRMED}),  # a supplier may promise anew
    OrderState.CLOSED: frozenset({OrderState.PARTLY_RECEIVED, OrderState.RECEIVED}),
    OrderState.CANCELLED: frozenset(
        {OrderState.POOLING, OrderState.DRAFT, OrderState.APPROVED, OrderState.SENT, OrderState.CONFIRMED}
    ),
}
RECEIVABLE = frozenset({OrderState.SENT, OrderState.CONFIRMED, OrderState.PARTLY_RECEIVED, OrderState.RECEIVED})
AWAITED = (  # what may still come of these
    OrderState.POOLING,
    OrderState.DRAFT,
    OrderState.APPROVED,
    OrderState.SENT,
    OrderState.CONFIRMED,
    OrderState.PARTLY_RECEIVED,
)


class InvalidPurchaseOrder(Invalid):
    """Not an order as it is: lines, reasons or dates."""


class PurchaseOrderNotFound(NotFound):
    """There is no such purchase order."""


class IllegalTransition(WrongState):
    """A purchase order does not take that step from where it is."""


class PurchaseOrderBusy(Conflict):
    """The order, or the pool it belongs to, keeps changing: try again."""


@dataclass
class Why:
    """A sentence for people."""

    en: str
    zh: str


@dataclass
class OrderLine:
    """So many of a SKU. `received` units are sound and on the shelf; `rejected` ones came beside them and are not."""

    sku: str
    supplier_sku: str
    stock_class: str  # A, B or C
    asked: int  # what was needed
    ordered: int  # what is ordered: at least the least quantity, in whole packs
    unit_cost_minor: int
    received: int = 0
    rejected: int = 0

    @property
    def outstanding(self) -> int:
        """Units still to come."""
        return max(0, self.ordered - self.received)


@dataclass
class ReceiptLine:
    """What came of a SKU."""

    sku: str
    received: int
    rejected: int = 0
    reason: str = ""  # why some were rejected
    batch: str = ""  # the supplier's number of the lot
    expires_at: datetime | None = None
    sample: int = 0  # units to be inspected, and how many of those may be bad
    accept: int = 0
    booked: bool = False  # stock, cost and lot are kept


@dataclass
class Receipt:
    """A delivery. Its id is made of the request's, so that it is booked once."""

    id: str
    warehouse: str
    lines: list[ReceiptLine]
    at: datetime
    by: str


@dataclass
class StepTaken:
    """When an order came into a state, and by whom."""

    state: OrderState
    at: datetime
    by: str


@dataclass
class PurchaseOrder:
    """Goods ordered from one supplier for one warehouse. What was ordered, received and rejected is in this one document."""

    id: str
    number: str  # PO-2026-00042
    supplier_id: str
    supplier_name: str
    currency: str
    warehouse: str
    state: OrderState
    lines: list[OrderLine]
    why: list[Why]
    warnings: list[Why]
    asked_by: list[str]  # the requests it was made of
    part: str  # which part of which request made it; unique
    only: str  # while it pools: the supplier and warehouse, unique; its own id afterwards
    created_at: datetime
    by: str
    steps: list[StepTaken] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    unbooked: bool = False  # a receipt is not wholly booked
    pool_until: datetime | None = None
    promised_at: datetime | None = None
    cancel_reason: str = ""
    version: int = 0

    @property
    def value_minor(self) -> int:
        """What it costs."""
        return sum(line.ordered * line.unit_cost_minor for line in self.lines)

    def at(self, state: OrderState) -> datetime | None:
        """When it first came into a state."""
        return next((step.at for step in self.steps if step.state is state), None)

    def line(self, sku: str) -> OrderLine | None:
        """The line of a SKU."""
        return next((line for line in self.lines if line.sku == sku), None)


def rounded(units: int, moq: int, pack_size: int) -> int:
    """What has to be ordered to get so many: at least the least quantity, in whole packs."""
    return -(-max(units, moq) // pack_size) * pack_size


def take_step(order: PurchaseOrder, to: OrderState, at: datetime, by: str) -> None:
    """Refuses with ILLEGAL_TRANSITION."""
    if order.state not in STEPS[to]:
        raise IllegalTransition(f"an order that is {order.state} cannot become {to}", state=order.state)
    order.state = to
    order.steps.append(StepTaken(to, at, by))


def units(lines: Iterable[OrderLine]) -> int:
    """Units still to come of all lines."""
    return sum(line.outstanding for line in lines)
