"""This is where a plan is: which parcels a depot's vehicles bring on a day, in which order, and which none brings. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .geography import Position

COMPUTING, DRAFT, RELEASING, RELEASED, FAILED = "computing", "draft", "releasing", "released", "failed"
STATES = (COMPUTING, DRAFT, RELEASING, RELEASED, FAILED)
UNKNOWN_PLACE, HELD, TAKEN_ELSEWHERE, TOO_MANY = "unknown_place", "held", "taken_elsewhere", "too_many_stops"
MOST_STOPS = 200


@dataclass
class PlannedStop:
    """A parcel on its way to a door. `place` is how well its position is known: exact, district, city. `awaited_from`: when
    its own window begins, if it has one, as it was when the day was planned."""

    shipment_id: str
    order_id: str
    waybill: str
    position: Position
    place: str
    window_from: datetime
    window_until: datetime
    grams: int
    pieces: int
    attempt: int = 1
    collect_minor: int = 0
    collect_currency: str = ""
    arrives_at: datetime | None = None
    awaited_from: datetime | None = None


@dataclass
class PlannedRoute:
    """What one vehicle is to do. `id` is the route's once it is released."""

    id: str
    vehicle: str
    rider: str
    leaves_at: datetime
    back_at: datetime
    metres: int
    stops: list[PlannedStop]


@dataclass
class Unserved:
    """A parcel that nobody brings, and why."""

    shipment_id: str
    order_id: str
    reason: str


@dataclass
class RoutePlan:
    """A depot's day. Computed by whoever holds the lease; `replaces` are the routes it takes back when it is released."""

    id: str
    depot: str
    day: str
    state: str
    by: str
    created_at: datetime
    limit_s: float
    seed: int
    busy: bool = True
    lease_until: datetime | None = None
    started_at: datetime | None = None
    depot_at: Position | None = None
    replaces: list[str] = field(default_factory=list)
    routes: list[PlannedRoute] = field(default_factory=list)
    unserved: list[Unserved] = field(default_factory=list)
    problem: str = ""
    version: int = 0

    @property
    def metres(self) -> int:
        """Of all routes together."""
        return sum(route.metres for route in self.routes)

    def percent(self, now: datetime) -> int:
        """How far it is: of a computing plan the share of its time limit that is over."""
        if self.state != COMPUTING:
            return 100
        if self.started_at is None:
            return 0
        return min(99, int(100 * (now - self.started_at).total_seconds() / self.limit_s))


def midnight(day: str, zone: str) -> datetime:
    """When a day (YYYY-MM-DD) begins there. Raises ValueError."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone))


def moment(day: str, zone: str, seconds: int) -> datetime:
    """So many seconds into a day."""
    return midnight(day, zone) + timedelta(seconds=seconds)
