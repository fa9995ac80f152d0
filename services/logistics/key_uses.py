"""This is where it is counted in memory what carriers ask, until it is written down every few seconds. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

REFUSED = "refused"


@dataclass
class KeyUse:
    """A key's day: calls let in by the scope they needed, calls turned away, and the last of them."""

    id: str
    key_id: str
    day: str
    calls: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    last_at: datetime | None = None
    version: int = 0


@dataclass
class Counted:
    """What was counted of a key's day since it was last written down."""

    calls: Counter[str] = field(default_factory=Counter)
    last_at: datetime | None = None


class KeyUses:
    """Counts."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], Counted] = {}

    def count(self, key_id: str, what: str, now: datetime) -> None:
        """One call: the scope it was let in by, or `REFUSED`."""
        day = self._days.setdefault((key_id, now.strftime("%Y-%m-%d")), Counted())
        day.calls[what] += 1
        day.last_at = now

    def taken(self) -> dict[tuple[str, str], Counted]:
        """What was counted, to be written down; counting begins anew."""
        days, self._days = self._days, {}
        return days
