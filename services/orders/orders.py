"""This is where an order is: what was bought, frozen, and what has happened to it since."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.errors import Refused
from services.kit.sla import SlaClock

from .addresses import Judgement, Region
from .aftersales.cover import Cover, FollowUp
from .benefits import Claim
from .lines import Guarantee as Guarantee
from .lines import OrderLine as OrderLine
from .lines import Protection as Protection
from .paying import Movement, Paying
from .pickup.pickups import Pickup
from .preorders.terms import Preorder
from .pricing import Discount, Share, Total
from .quotes import Delivery
from .screens import Hold, standing
from .slots.window import Window

SHIP_WITHIN = timedelta(hours=24)
GONE = frozenset({"shipped", "delivered"})


class State(StrEnum):
    """The life of an order; as in orders.proto."""

    CHECKING_OUT = "checking_out"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    REFUSED = "refused"


PLACED = [s for s in State if s not in (State.CHECKING_OUT, State.DECLINED, State.REFUSED)]
DEAD = frozenset({State.CANCELLED, State.DECLINED, State.REFUSED})
STOREFRONT = "storefront"
# How goods reach the customer: sent, handed over at a store's till, or put aside in a store until they are picked up.
SHIP, IN_STORE, PICKUP = "ship", "in_store", "pickup"
AT_STORE = (IN_STORE, PICKUP)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened; `key` tells it from the same told again."""

    key: str
    type: str
    at: datetime
    text: str = ""
    shipment_id: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """A parcel's newest canonical state; revisions rise."""

    revision: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """So many of a SKU in a parcel."""

    sku: str
    quantity: int


@dataclass
class Shipment:
    """What logistics told of a shipment so far, in whatever order."""

    warehouse: str = ""
    carrier: str = ""
    waybill: str = ""
    lines: list[Sent] = field(default_factory=list)
    planned_at: datetime | None = None
    deliver_by: datetime | None = None
    shipped_at: datetime | None = None
    expected_from: datetime | None = None
    expected_to: datetime | None = None
    track: Track | None = None

    @property
    def state(self) -> str:
        """`planned`, `shipped` or `delivered`."""
        if self.track and self.track.state == "delivered":
            return "delivered"
        return "shipped" if self.shipped_at else "planned"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Money that moved after purchase; negative flows back to the customer."""

    id: str
    type: str
    minor: int
    reason: str
    at: datetime
    shares: list[Share]
    return_id: str = ""
    key: str = ""  # what the provider was asked with; empty: the return, or the order that was cancelled


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it came to nothing, as it was answered; said again to who asks again."""

    kind: str
    reason: str
    detail: str
    meta: dict[str, str]


@dataclass
class Order:
    """An order and its checkout. While somebody works on it `due_at` says until when; once that has passed any replica may
    take over. `cart_claim` is the cart's id for as long as the order lives, and unique. `channel` is empty for the
    storefront; `channel_order_id`, `purchase_order`, `erp_number` are how others call it; `store` is a till's warehouse."""

    id: str
    request_id: str
    fingerprint: bytes
    cart_id: str
    cart_claim: str
    customer_id: str
    state: State
    currency: str
    lines: list[OrderLine]
    totals: list[Total]
    discounts: list[Discount]
    coupons: list[str]
    points: int
    delivery: Delivery
    region: Region
    sealed_address: bytes
    sealed_email: bytes
    sealed_token: bytes
    placed_at: datetime
    due_at: datetime | None = None
    attempts: int = 1
    claims: list[Claim] = field(default_factory=list)
    undo: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    answer: bytes = b""
    payment_id: str = ""
    confirm_url: str = ""
    captured_minor: int = 0
    refunded_minor: int = 0
    refunds: list[str] = field(default_factory=list)
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    cancel_reason: str = ""
    events: list[Happened] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    protections: list[Protection] = field(default_factory=list)
    guarantees: list[Guarantee] = field(default_factory=list)
    protecting_at: datetime | None = None  # while what fell prices give back is not all paid: when to look again
    shipments: dict[str, Shipment] = field(default_factory=dict)
    shipments_planned: int = 0
    holds: list[Hold] = field(default_factory=list)
    channel: str = ""
    channel_order_id: str = ""
    customer_type: str = "b2c"
    fulfilment: str = SHIP
    store: str = ""
    account_id: str = ""
    purchase_order: str = ""
    erp_number: str = ""
    nudge_at: datetime | None = None  # when to remind its customer that it is not paid
    to_send: bool = False  # logistics has been told to send it
    ship_clock: SlaClock | None = None
    classes: list[str] = field(default_factory=list)
    priority: int = 0
    address_revision: int = 0
    place: Judgement | None = None  # what logistics made of the address, when it was set
    rank: str = ""  # what worklists are sorted by, once paid
    risk: bytes = b""  # what the fraud wing made of it (fraud.scoring.Decision)
    paying: Paying | None = None  # None: by card, at once
    movements: list[Movement] = field(default_factory=list)
    money_due_at: datetime | None = None
    cover: Cover | None = None  # the way back is insured
    follow_up: FollowUp | None = None  # sent for another order, not bought
    short: dict[str, int] = field(default_factory=dict)  # what a refund went short of: it had been compensated
    compensated_minor: int = 0
    pickup: Pickup | None = None
    preorder: Preorder | None = None  # its goods were not there yet when it was placed
    window: Window | None = None  # when it is brought, if that was chosen
    uncounted: bool = False  # delivered, and not yet in the statistics of returns
    version: int = 0

    @property
    def root_id(self) -> str:
        """The order that was bought: this one, or the first of those it follows."""
        return self.follow_up.root_id if self.follow_up else self.id

    @property
    def total_minor(self) -> int:
        """What it costs."""
        return self.totals[-1].minor

    @property
    def due_minor(self) -> int:
        """What checkout charges."""
        return (self.paying.first_minor if self.paying else 0) or self.totals[-1].minor

    @property
    def deferred(self) -> bool:
        """Whether the money is taken later than the order is placed."""
        return self.paying is not None and self.paying.deferred

    @property
    def goods_minor(self) -> int:
        """Goods after discounts, before points."""
        return sum(line.total for line in self.lines)

    @property
    def freight_minor(self) -> int:
        """What was paid for sending it."""
        off = sum(each.minor for each in self.discounts if each.scope == "fulfillment")
        return self.delivery.price_minor - off

    @property
    def discount_minor(self) -> int:
        """All discounts together."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def ship_by(self) -> datetime | None:
        """Leaves the warehouse until then: before its window; else as promised at first while its clock stands still."""
        if self.window:
            return self.window.from_at
        promised = self.ship_clock.due_at if self.ship_clock else None
        begun = self.preorder.ships_from if self.preorder else self.paid_at
        return promised or (begun + SHIP_WITHIN if self.paid_at and begun else None)

    @property
    def held(self) -> list[Hold]:
        """What keeps it from being sent."""
        return standing(self.holds)

    @property
    def hold_turn(self) -> int:
        """How often it was held and let go so far: tells a newer word from an older."""
        return 2 * len(self.holds) - len(self.held)

    def line(self, sku: str) -> OrderLine | None:
        """The line of a SKU."""
        return next((line for line in self.lines if line.sku == sku), None)

    def fulfilled(self, sku: str) -> int:
        """Units of a SKU that were sent, or handed over."""
        if self.fulfilment in AT_STORE:
            return sum(line.quantity for line in self.lines if line.sku == sku) if self.delivered_at else 0
        sent = [s for shipment in self.shipments.values() if shipment.state in GONE for s in shipment.lines]
        return sum(s.quantity for s in sent if s.sku == sku)

    def state_by_parcels(self) -> State:
        """Where a paid order is, by its parcels alone."""
        states = [shipment.state for shipment in self.shipments.values()]
        if self.shipments_planned and states.count("delivered") >= self.shipments_planned:
            return State.DELIVERED
        return State.SHIPPED if GONE & set(states) else State.PAID


def refusal_of(refused: Refused, kind: type[Refused]) -> Refusal:
    """A refusal as it is kept."""
    return Refusal(kind.__name__, refused.reason, refused.detail, refused.meta)
