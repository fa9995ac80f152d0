"""This is where it is kept with a parcel how our own riders bring it: place, window, route, attempts. Pure."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Bringing:
    """`position` is latitude and longitude where somebody said so; `route_id` the one released route that brings it;
    `again` that it is back at the depot, to be brought once more. `depot` is the warehouse whose window was chosen;
    `window_turn` tells a newer word about the window from an older."""

    position: list[float] = field(default_factory=list)
    window_from: datetime | None = None
    window_until: datetime | None = None
    route_id: str = ""
    attempts: int = 0
    again: bool = False
    depot: str = ""
    window_turn: int = 0
