"""This is where a released route is: its stops, what became of them, what is owed elsewhere for it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .geography import Position
from .plan import PlannedStop

RELEASED, ON_THE_WAY, FINISHED, RECALLED = "released", "on_the_way", "finished", "recalled"
PLANNED, LOADED, ARRIVED, DELIVERED, MISSED, LEFT_BEHIND = (
    "planned",
    "loaded",
    "arrived",
    "delivered",
    "failed",
    "left_behind",
)
AT_WORK = (LOADED, ARRIVED)
REFUSED = "refused"
# Why nothing was handed over; `refused` ends it, the others are tried again.
REASONS = ("nobody_home", REFUSED, "wrong_address", "no_access", "no_cash", "damaged", "out_of_time", "other")
RECEIVERS = ("self", "family", "colleague", "neighbour", "guard", "locker", "other")
PROOFS = ("photo", "signature")
CASH_OWED, CASH_BOOKED, CASH_REFUSED = "owed", "booked", "refused"


@dataclass
class Proof:
    """That it was handed over: a picture or signature by its SHA-256 (hex) and where it is kept; who took it by their
    relation, not by name; where the rider stood."""

    kind: str
    sha256: str
    receiver: str
    at: datetime
    media: str = ""
    position: Position | None = None


@dataclass
class RouteStop:
    """A planned stop and what became of it. `cash` is '' where none is due, else owed, booked or refused by orders."""

    plan: PlannedStop
    state: str = PLANNED
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    reason: str = ""
    proof: Proof | None = None
    collected_minor: int = 0
    cash: str = ""
    cash_problem: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing is left to do there."""
        return self.state not in (PLANNED, *AT_WORK)

    @property
    def on_time(self) -> bool:
        """Whether it was done before the window ended."""
        return self.done_at is not None and self.done_at <= self.plan.window_until


@dataclass
class Owed:
    """What a stop means elsewhere and is still to be done: a parcel to load, a scan to record, cash to book, a parcel
    to set free or put back. Kept with the route, done once in effect, then struck out."""

    kind: Literal["load", "scan", "cash", "free", "back"]
    shipment_id: str
    at: datetime
    code: str = ""
    text: str = ""


@dataclass
class Cash:
    """What a rider has of a currency: due, and at the end handed in."""

    currency: str
    due_minor: int
    handed_minor: int = 0

    @property
    def difference_minor(self) -> int:
        """Handed in less what was due: negative when something is missing."""
        return self.handed_minor - self.due_minor


@dataclass
class Route:
    """One vehicle's way on one day; `rider` is a staff id and the only one who moves it."""

    id: str
    plan_id: str
    depot: str
    day: str
    vehicle: str
    rider: str
    state: str
    leaves_at: datetime
    back_at: datetime
    metres: int
    released_at: datetime
    depot_at: Position
    stops: list[RouteStop] = field(default_factory=list)
    open: bool = True
    owed: list[Owed] = field(default_factory=list)
    owes: bool = False
    left_at: datetime | None = None
    finished_at: datetime | None = None
    handed: list[Cash] = field(default_factory=list)
    version: int = 0

    @property
    def may_be_replaced(self) -> bool:
        """Whether a new plan may take its parcels: it has not left."""
        return self.state == RELEASED

    def stop(self, shipment_id: str) -> RouteStop | None:
        """The stop of a parcel."""
        return next((one for one in self.stops if one.plan.shipment_id == shipment_id), None)

    def owe(self, *things: Owed) -> None:
        """Writes down what is to be done elsewhere."""
        self.owed += things
        self.owes = bool(self.owed)

    def strike(self, done: list[Owed]) -> None:
        """What was done elsewhere."""
        self.owed = [one for one in self.owed if one not in done]
        self.owes = bool(self.owed)

    def cash(self) -> list[Cash]:
        """The rider's balance, by currency."""
        return list(self._cash())

    def _cash(self) -> Iterator[Cash]:
        handed = {one.currency: one.handed_minor for one in self.handed}
        taken = [one for one in self.stops if one.collected_minor]
        for currency in sorted({one.plan.collect_currency for one in taken} | set(handed)):
            due = sum(one.collected_minor for one in taken if one.plan.collect_currency == currency)
            yield Cash(currency, due, handed.get(currency, 0))
