"""This is where a merchant's licence is: what it covers, whether it is in force, when it wants attention. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id

from .papers import ALL, Days, Paper

REMINDERS = (30, 7, 1)  # days before the end
_NEVER = 1_000


class Review(StrEnum):
    """What the shop thinks of it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class LicenceState(StrEnum):
    """What that makes it now."""

    PENDING = "pending"  # waits for review, or for its first day
    VALID = "valid"
    EXPIRING = "expiring"  # within 30 days
    EXPIRED = "expired"
    REVOKED = "revoked"


class LicenceNotFound(NotFound):
    """The merchant has no such licence."""


class InvalidLicence(Invalid):
    """The paper is not what a paper must be."""


@dataclass
class Licence:
    """A paper of a merchant and what the shop thinks of it."""

    id: str
    paper: Paper
    added_at: datetime
    added_by: str
    begins_at: datetime | None
    ends_at: datetime | None
    review: Review = Review.PENDING
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    reason: str = ""
    renews: str = ""  # the licence it takes over from
    replaced: bool = False  # another took over: nobody is reminded of its end
    reminded: int = _NEVER  # days before its end that somebody was last told of

    def in_force(self, now: datetime) -> bool:
        """Whether it counts now."""
        begun = self.begins_at is None or self.begins_at <= now
        return self.review is Review.ACCEPTED and begun and not self.ended(now)

    def ended(self, now: datetime) -> bool:
        """Whether its last day is over."""
        return self.ends_at is not None and self.ends_at <= now

    def covers(self, lineage: Sequence[str]) -> bool:
        """Whether a category, given with all above it, is in its scope."""
        return ALL in self.paper.categories or not set(lineage).isdisjoint(self.paper.categories)

    def state(self, now: datetime) -> LicenceState:
        """As people read it."""
        if self.review is Review.REVOKED:
            return LicenceState.REVOKED
        if self.ended(now):
            return LicenceState.EXPIRED
        if not self.in_force(now):
            return LicenceState.PENDING
        soon = self.ends_at is not None and self.ends_at <= now + timedelta(days=REMINDERS[0])
        return LicenceState.EXPIRING if soon else LicenceState.VALID

    def due(self, now: datetime) -> int | None:
        """Which reminder is due, the tightest of them; 0 is the end itself."""
        if self.ends_at is None or self.review is not Review.ACCEPTED:
            return None
        return min((d for d in self._left() if self.ends_at - timedelta(days=d) <= now), default=None)

    def due_next(self) -> datetime | None:
        """When the next one will be."""
        if self.ends_at is None or self.review is not Review.ACCEPTED:
            return None
        return min((self.ends_at - timedelta(days=d) for d in self._left()), default=None)

    def _left(self) -> list[int]:
        """Those of which nobody was told yet; once another took over, only the end."""
        return [d for d in ((0,) if self.replaced else (*REMINDERS, 0)) if d < self.reminded]


def new_licence(paper: Paper, days: Days, now: datetime, by: str) -> Licence:
    """A licence that waits for review."""
    begins_at, ends_at = days.begins_at(paper.valid_from), days.ends_at(paper.valid_until)
    return Licence(new_id("lic"), paper, now, by, begins_at, ends_at)
