"""This is where differences between settlements and our books are kept until somebody knows why, or they are gone."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound
from services.kit.store import Store
from services.orders import limits

from .lines import Outcome

_MOST_NOTE = 1_000


class InvalidSettlement(Invalid):
    """A file or a note, and why."""


class DifferenceNotFound(NotFound):
    """No such difference."""


@dataclass
class Difference:
    """What differs, once: `id` follows from what it is about. `state`: `open`, `explained` (somebody knows why) or
    `resolved` (a later file had it)."""

    id: str
    kind: str
    file_id: str
    uid: str
    order_id: str
    claim: str
    currency: str
    ours_minor: int
    theirs_minor: int
    at: datetime
    state: str = "open"
    note: str = ""
    by: str = ""
    version: int = 0

    @property
    def minor(self) -> int:
        """How much, above or equal zero."""
        return abs(self.ours_minor - self.theirs_minor)


class Differences:
    """Keeps them."""

    def __init__(self, kept: Store[Difference], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def found(self, difference: Difference) -> bool:
        """Keeps it, unless it is kept already; whether it is new."""
        try:
            await self._kept.insert(difference)
        except AlreadyExists:
            return False
        return True

    async def came(self, claims: list[str]) -> None:
        """What was missing at the provider has come: resolved."""
        for claim in claims:
            kept = await self._kept.get(id_of(Outcome.MISSING_AT_PROVIDER, claim))
            if kept is not None and kept.state == "open":
                settled = {"$set": {"state": "resolved", "note": "a later file had it"}}
                await self._kept.change({"_id": kept.id, "state": "open"}, settled)

    async def explain(self, difference_id: str, note: str, by: str) -> Difference:
        """Somebody knows why; again changes the words. Refuses with DIFFERENCE_NOT_FOUND, INVALID_SETTLEMENT."""
        why = limits.text(note, "/note", _MOST_NOTE, InvalidSettlement, needed=True)
        update = {"$set": {"state": "explained", "note": why, "by": limits.text(by, "/by", 64)}}
        where = {"_id": difference_id, "state": {"$in": ["open", "explained"]}}
        if changed := await self._kept.change(where, update):
            return changed
        kept = await self._kept.get(difference_id)
        if kept is None:
            raise DifferenceNotFound("no such difference")
        return kept

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Difference], str]:
        """Newest first. Refuses with INVALID_PAGE, CURSOR_INVALID."""
        return await self._kept.page({"state": state} if state else {}, limit, cursor)


def id_of(kind: Outcome, about: str) -> str:
    """One difference a kind and what it is about."""
    return "dif_" + hashlib.sha256(f"{kind.value}|{about}".encode()).hexdigest()[:26]
