"""This is where staff are told what needs them: a licence that ends, a listing taken down, a shelf that runs low.

A notice is raised once a key, in English and Chinese, and stays until somebody has seen to it.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, NotFound
from services.kit.store import decode_cursor, encode_cursor, found

from .content import OWN_MERCHANT
from .messages.events import notice_raised
from .store import Table

_MOST = 100


class NoticeNotFound(NotFound):
    """There is no such notice."""


@dataclass
class Notice:
    """Something staff should know. `subject` is the id it is about."""

    id: str
    kind: str
    subject: str
    en: str
    zh: str
    at: datetime
    open: bool = True
    seen_by: str = ""
    seen_at: datetime | None = None
    merchant_id: str = OWN_MERCHANT  # to whom it is addressed; `self` is the shop's own people
    version: int = 0


class Notices:
    """Raises notices and lists them."""

    def __init__(self, notices: Table[Notice], clock: Clock) -> None:
        self._notices, self._clock = notices, clock

    async def raise_once(
        self, key: str, kind: str, subject: str, en: str, zh: str, merchant_id: str = OWN_MERCHANT
    ) -> None:
        """Raises it, unless one of this key was raised before: say in the key what makes it worth saying again.

        It is addressed to the shop's own people, or to a merchant: each sees to their own.
        """
        now = self._clock.now()
        name = f"{kind}:{key}" if merchant_id == OWN_MERCHANT else f"{kind}:{key}:{merchant_id}"
        notice_id = f"ntc_{hashlib.sha256(name.encode()).hexdigest()[:26]}"
        notice = Notice(notice_id, kind, subject, en, zh, now, merchant_id=merchant_id)
        with contextlib.suppress(AlreadyExists):
            await self._notices.insert(notice, notice_raised(notice_id, kind, subject, en, zh, now, merchant_id))

    async def page(
        self, kind: str, only_open: bool, limit: int, cursor: str, merchant_id: str = ""
    ) -> tuple[list[Notice], str]:
        """Newest first, of one kind or all, and where the next page starts; those of the shop unless a merchant asks."""
        size, where = min(limit or 20, _MOST), dict[str, object](merchant_id=merchant_id or OWN_MERCHANT)
        if only_open:
            where["open"] = True
        if kind:
            where["kind"] = kind
        if cursor:
            at, key = decode_cursor(cursor, 2)
            moment = datetime.fromisoformat(str(at))
            where["$or"] = [{"at": {"$lt": moment}}, {"at": moment, "_id": {"$lt": key}}]
        items = await self._notices.find(where, [("at", -1), ("_id", -1)], size + 1)
        last = items[min(size, len(items)) - 1] if items else None
        more = encode_cursor(last.at.isoformat(), last.id) if last and len(items) > size else ""
        return items[:size], more

    async def see(self, notice_id: str, by: str, merchant_id: str = "") -> Notice:
        """Somebody it is addressed to has seen to it; the first counts. Refuses with NOTICE_NOT_FOUND."""
        theirs = {"_id": notice_id, "merchant_id": merchant_id or OWN_MERCHANT}
        seen = {"open": False, "seen_by": by, "seen_at": self._clock.now()}
        return await self._notices.change(theirs | {"open": True}, {"$set": seen}) or found(
            await self._notices.one(theirs), NoticeNotFound("there is no such notice")
        )
