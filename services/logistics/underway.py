"""This is where it stands what is known of a parcel under way beside its scans: how it is watched, when it is expected."""

from dataclasses import dataclass, field
from datetime import datetime

from .estimates import Expected
from .regions import Region

# Once it has stood still too long that is told, and once more when it must be lost. This is what "lost" means everywhere:
# its carrier's days without a word are over, or the carrier or who waits for it says so, until it moves again.
WATCHED, STUCK, LOST = "watched", "stuck", "lost"


@dataclass
class UnderWay:
    """What a parcel has from being on its way. `watch`: empty once it has arrived; `heard_at`: when the last thing happened
    to it that was told; `asked_at`: when its carrier was last asked; `timed`: how long it took has been counted."""

    origin: Region = field(default_factory=Region, kw_only=True)
    watch: str = field(default="", kw_only=True)
    heard_at: datetime | None = field(default=None, kw_only=True)
    asked_at: datetime | None = field(default=None, kw_only=True)
    expected: Expected | None = field(default=None, kw_only=True)
    timed: bool = field(default=False, kw_only=True)
