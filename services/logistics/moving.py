"""This is where it stands that a parcel is to leave from another warehouse: why, who is at it, what became of it."""

from dataclasses import dataclass, field
from datetime import datetime

from services.kit.errors import Unavailable

SHORT, DAMAGED, CLOSED, OTHER = "short", "damaged", "closed", "other"
REASONS = (SHORT, DAMAGED, CLOSED, OTHER)
# What is found of its goods where they were taken from, in catalog's words.
FOUND = {SHORT: "lost", DAMAGED: "damaged", CLOSED: "sound", OTHER: "sound"}


@dataclass
class Moving:
    """A parcel on its way to another warehouse's list. `to`: the one that staff want, or empty for the best.

    While `busy` somebody may be taking its goods; until `until` nobody else begins. `lost`: nothing of it goes back on the
    shelf it came from, and catalog knows that.
    """

    reason: str
    to: str
    by: str
    note: str
    at: datetime
    busy: bool
    until: datetime
    token: str
    lost: bool = False


@dataclass
class Route:
    """A change of warehouse that happened, and why the new one."""

    was: str
    to: str
    reason: str
    by: str
    note: str
    at: datetime
    reasons: list[str] = field(default_factory=list)


class BeingAllocated(Unavailable):
    """Goods are being taken at this very moment."""


def settled(moving: Moving | None) -> None:
    """A parcel's goods stay where they are. Refuses with `BeingAllocated` while they are taken from elsewhere."""
    if moving and moving.busy:
        raise BeingAllocated("this parcel is to leave from another warehouse: its goods are being taken")
