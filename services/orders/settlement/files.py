"""This is where a settlement file is taken in: its rows kept, then compared in small steps, by whichever replica is free."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, NotFound, VersionMismatch
from services.kit.store import Change, Store, found
from services.orders import limits

from .differences import InvalidSettlement
from .lines import Row
from .store import in_turn

log = logging.getLogger(__name__)
PROVIDERS = ("sandbox", "cash")
BATCH = 500
_MOST_ROWS = 100_000
_LEASE = timedelta(seconds=30)
_DIGITS = frozenset("0123456789abcdef")


class SettlementNotFound(NotFound):
    """No such file."""


@dataclass
class File:
    """A file; `id` follows from its content. `cursor` is where the next step begins. `turn` keeps it to one file at a time,
    so that no two rows claim the same movement unseen."""

    id: str
    provider: str
    rows: int
    by: str
    created_at: datetime
    state: str = "matching"
    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    cursor: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    done_at: datetime | None = None
    lease_until: datetime | None = None
    turn: str = ""
    version: int = 0

    def seen(self, rows: Sequence[Row]) -> None:
        """Widens the span of the file by its rows."""
        moments = [row.occurred_at for row in rows if row.occurred_at]
        self.begins_at = min([*moments, *([self.begins_at] if self.begins_at else [])], default=None)
        self.ends_at = max([*moments, *([self.ends_at] if self.ends_at else [])], default=None)

    def count(self, outcome: str, by: int = 1) -> None:
        """So many more came to this."""
        self.counts[outcome] = self.counts.get(outcome, 0) + by


class Files:
    """Takes files in."""

    def __init__(self, files: Store[File], rows: Store[Row], clock: Clock) -> None:
        self._files, self._rows, self._clock = files, rows, clock

    async def add(self, rows: Sequence[Row]) -> None:
        """Keeps rows; those that are kept already stay as they are."""
        for row in rows:
            try:
                await self._rows.insert(row)
            except AlreadyExists:
                continue

    async def begin(self, digest: str, provider: str, rows: int, by: str) -> tuple[File, bool]:
        """The file, and whether it was taken in before. Refuses with INVALID_SETTLEMENT."""
        if not 0 < rows <= _MOST_ROWS:
            raise limits.refused("/rows", f"1 to {_MOST_ROWS}", InvalidSettlement)
        file_id = file_id_of(digest, provider)
        file = File(file_id, provider, rows, limits.text(by, "/by", 64), self._clock.now())
        try:
            return await self._files.insert(file), False
        except AlreadyExists:
            return await self.get(file_id), True

    async def get(self, file_id: str) -> File:
        """Refuses with SETTLEMENT_NOT_FOUND."""
        return found(await self._files.get(file_id), SettlementNotFound("no such settlement"))

    async def page(self, limit: int, cursor: str) -> tuple[list[File], str]:
        """By id. Refuses with INVALID_PAGE, CURSOR_INVALID."""
        return await self._files.page({}, limit, cursor)

    async def rows_of(self, file_id: str, outcome: str, limit: int, cursor: str) -> tuple[list[Row], str]:
        """In the order of the file. Refuses with SETTLEMENT_NOT_FOUND, INVALID_PAGE, CURSOR_INVALID."""
        await self.get(file_id)
        where = {"file_id": file_id} | ({"outcome": outcome} if outcome else {})
        return await self._rows.page(where, limit, cursor, newest_first=False)

    async def batch(self, file: File) -> list[Row]:
        """The next rows to be compared."""
        where = {"file_id": file.id, "_id": {"$gt": file.cursor}}
        return await self._rows.find(where, limit=BATCH)

    async def became(self, rows: Sequence[Row]) -> None:
        """Keeps what became of rows."""
        if rows:
            await self._rows.change_many([Change({"_id": row.id}, {"$set": _outcome(row)}) for row in rows])

    async def claimed(self, claims: Sequence[str], uids: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Rows of any file that had these claims or lines before: ids by claim, and by line."""
        matched = {"claim": {"$in": list(claims)}, "outcome": {"$nin": ["", "duplicate", "repeated"]}}
        by_claim = {row.claim: row.id for row in await self._rows.find(matched, limit=10_000)} if claims else {}
        same = {"uid": {"$in": list(uids)}, "outcome": {"$nin": ["", "broken"]}}
        by_uid: dict[str, str] = {}
        for row in await self._rows.find(same, limit=10_000) if uids else []:
            by_uid.setdefault(row.uid, row.id)
        return by_claim, by_uid

    async def next(self) -> File | None:
        """The file whose turn it is, under a lease; None when there is none, or others are at it."""
        now = self._clock.now()
        lease = {"$set": {"lease_until": now + _LEASE, "turn": "now"}}
        for file in await self._files.find({"turn": "now"}, limit=1):
            if file.lease_until and file.lease_until > now:
                return None
            return await self._files.change({"_id": file.id, "version": file.version}, lease)
        for file in await self._files.find({"state": "matching"}, limit=1):
            return await in_turn(self._files.change({"_id": file.id, "version": file.version}, lease))
        return None

    async def kept(self, file: File) -> File | None:
        """The file after a step; None when somebody else has taken over."""
        file.lease_until = self._clock.now() + _LEASE
        if file.state == "done":
            file.turn, file.lease_until, file.done_at = "", None, self._clock.now()
        try:
            return await self._files.save(file)
        except VersionMismatch:
            return None


def _outcome(row: Row) -> dict[str, object]:
    return {"outcome": row.outcome, "order_id": row.order_id, "differs_minor": row.differs_minor}


def file_id_of(digest: str, provider: str) -> str:
    """One file a content and provider. Refuses with INVALID_SETTLEMENT."""
    if len(digest) != 64 or not set(digest) <= _DIGITS:
        raise limits.refused("/digest", "a SHA-256", InvalidSettlement)
    if provider not in PROVIDERS:
        raise limits.refused("/provider", f"one of {', '.join(PROVIDERS)}", InvalidSettlement)
    return f"stl_{provider}{digest[:26]}"
