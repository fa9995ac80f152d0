"""This is where a return is (RMA): what is asked for, what became of it, and whose turn it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.kit.errors import Conflict, Invalid, NotFound, WrongState
from services.kit.sla import SlaClock
from services.kit.store import encode

from .reasons import Kind

REVIEW_WITHIN = timedelta(hours=24)


class InvalidReturn(Invalid):
    """Not a return as it is: lines, reason or photos."""


class NotDelivered(WrongState):
    """What has not arrived cannot come back."""


class NothingToReturn(WrongState):
    """So many were not bought, or are on their way back already (metadata: sku, left)."""


class PhotosNeeded(Invalid):
    """For this reason photos are needed."""


class AlreadyExchanged(WrongState):
    """It was sent in exchange, and money was paid for it beside: it can be returned, not exchanged again."""


class ReturnNotFound(NotFound):
    """There is no such return."""


class IllegalTransition(WrongState):
    """A return in this state cannot go there."""


class LimitExceeded(WrongState):
    """More than you may let go without the goods (metadata: limit, amount)."""


class ReturnBusy(Conflict):
    """The order keeps changing: try again."""


class ReturnState(StrEnum):
    """The life of a return; as in returns.proto."""

    REQUESTED = "requested"
    NEEDS_INFO = "needs_info"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    APPROVED = "approved"
    ARRIVED = "arrived"
    RECEIVED = "received"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    SENDING = "sending"
    AWAITING_PAYMENT = "awaiting_payment"
    SENT = "sent"


# Who may end it, and from where; what is further goes on to its end.
CANCELLABLE = (ReturnState.REQUESTED, ReturnState.NEEDS_INFO, ReturnState.APPROVED)
REJECTABLE = (ReturnState.REQUESTED, ReturnState.NEEDS_INFO)
GRADES = ("A", "B", "C", "scrap")


@dataclass(slots=True)
class ReturnLine:
    """So many of a SKU, and what was paid for exactly those units (minor units): in this order, and (`credit_minor`) in the
    one it follows up. `grades`: how good they were found to be; `missing`: units that were not in the parcel."""

    sku: str
    quantity: int
    refund_minor: int = 0
    credit_minor: int = 0
    grades: dict[str, int] = field(default_factory=dict)
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a line: units by grade; those not named were not in the parcel."""

    sku: str
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of a SKU instead."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to it: what its customer follows from end to end."""

    state: str
    at: datetime
    by: str = ""
    text: str = ""


@dataclass
class WayBack:
    """The parcel it comes back in. `freight_minor`: what the way back costs; `state`: canonical, revisions rise."""

    waybill: str
    carrier: str
    kind: str
    warehouse: str
    freight_minor: int
    booked_at: datetime
    window: str = ""
    state: str = "label_created"
    revision: int = 0


@dataclass
class Return:
    """A return (RMA). `review_by`: answered until then; while it waits for its customer that clock stands (`asked_at`)."""

    id: str
    request_id: str
    order_id: str
    customer_id: str
    state: ReturnState
    currency: str
    lines: list[ReturnLine]
    reason: str
    photos: list[str]
    requested_at: datetime
    review_by: datetime
    kind: Kind = Kind.RETURN
    detail: str = ""
    note: str = ""
    question: str = ""
    asked_at: datetime | None = None
    wants: list[Wanted] = field(default_factory=list)
    goods_back: bool = True
    freight_payer: str = ""
    way_back: WayBack | None = None
    sound: bool = False
    warehouse: str = ""
    by: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    follow_up: str = ""
    attempts: int = 0
    difference_minor: int = 0  # above zero: to be paid for what is sent instead; below: given back
    freight_back: int | None = None  # what its insurance paid of the way back, in money; None: not asked
    freight_points: int = 0  # and in points
    unsendable: str = ""  # why what was wanted could not be sent
    counted: list[str] = field(default_factory=list)  # what statistics know it by: `by|key` of its lines
    due_at: datetime | None = None
    review_clock: SlaClock | None = None  # kept by the deadlines wing
    version: int = 0

    @property
    def refund_minor(self) -> int:
        """What was paid for its units in this order."""
        return sum(line.refund_minor for line in self.lines)

    @property
    def credit_minor(self) -> int:
        """What was paid for them in the order it follows up."""
        return sum(line.credit_minor for line in self.lines)

    @property
    def worth_minor(self) -> int:
        """Both."""
        return self.refund_minor + self.credit_minor

    def refunds(self) -> dict[str, tuple[int, int]]:
        """Units and minor units by SKU."""
        return {line.sku: (line.quantity, line.refund_minor) for line in self.lines}


def step(state: ReturnState, at: datetime, by: str = "", text: str = "") -> Any:
    """A step as it is kept."""
    return encode(Step(state.value, at, by, text))
