"""This is where it stands how a parcel is looked at before it is packed: because of what, by whom, with which outcome."""

from dataclasses import dataclass, field
from datetime import datetime

WAITS, PASSED, FAILED, LIFTED = "waiting", "passed", "failed", "lifted"
BARRING = (WAITS, FAILED)


@dataclass
class Check:
    """A look at a parcel. `turn`: how often something else had to be picked for it; `held`: how often it failed before and
    waits to be looked at anew."""

    state: str
    skus: list[str]
    since: datetime
    checklist: list[str] = field(default_factory=list)
    photo: str = ""
    note: str = ""
    by: str = ""
    at: datetime | None = None
    turn: int = 0
    held: int = 0
