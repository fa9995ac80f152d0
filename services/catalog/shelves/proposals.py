"""This is where it is proposed what to count next: A often, C seldom, and first what a shelf's own device disputes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.catalog.settings import CatalogSettings
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.store import CursorInvalid, decode_cursor, encode_cursor

CYCLE, READING = "cycle", "shelf_reading"
_RANKS = {"A": 1, "B": 2, "C": 3}


@dataclass
class Proposal:
    """A SKU of a warehouse that wants counting while it is open; the id is `warehouse|sku`. Low ranks come first."""

    id: str
    warehouse: str
    sku: str
    abc: str = ""
    reason: str = CYCLE
    rank: int = 3
    due_at: datetime | None = None
    open: bool = False
    counted_at: datetime | None = None
    version: int = 0


class Proposals:
    """Proposes, and forgets what was counted."""

    def __init__(self, proposals: Table[Proposal], settings: CatalogSettings, clock: Clock) -> None:
        self._proposals, self._clock = proposals, clock
        self._every = {
            "A": timedelta(days=settings.count_every_days_a),
            "B": timedelta(days=settings.count_every_days_b),
            "C": timedelta(days=settings.count_every_days_c),
        }

    async def cycle(self, lying: Mapping[str, tuple[str, str, str]]) -> None:
        """Proposes those of `lying` (id → warehouse, SKU, ABC class) whose last count is too long ago, or never was."""
        known, now, due = await self._proposals.get_many(list(lying)), self._clock.now(), []
        for key, (warehouse, sku, abc) in lying.items():
            there = known.get(key)
            if there and there.open:
                continue
            counted_at = there.counted_at if there else None
            due_at = counted_at + self._every[abc] if counted_at else now
            if due_at <= now:
                due.append(_proposing(key, warehouse, sku, abc, CYCLE, _RANKS[abc], due_at))
        await self._proposals.write_each([self._proposals.setting(key, fields) for key, fields in due])

    async def differs(self, warehouse: str, sku: str) -> None:
        """A shelf's device says other than the books."""
        key, fields = _proposing(f"{warehouse}|{sku}", warehouse, sku, "", READING, 0, self._clock.now())
        await self._proposals.write_each([self._proposals.setting(key, fields)])

    async def counted(self, warehouse: str, at: Mapping[str, datetime]) -> None:
        """These SKUs were counted there."""
        await self._proposals.write_each(
            [
                self._proposals.setting(
                    f"{warehouse}|{sku}", {"warehouse": warehouse, "sku": sku, "open": False, "counted_at": moment}
                )
                for sku, moment in at.items()
            ]
        )

    async def page(self, warehouse: str, limit: int, cursor: str) -> tuple[list[Proposal], str]:
        """What to count in a warehouse (or all), most urgent first, and where the next page starts."""
        size, where = min(limit or 20, 100), dict[str, Any](open=True)
        if warehouse:
            where["warehouse"] = warehouse
        if cursor:
            rank, at, key = decode_cursor(cursor, 3)
            try:
                moment = datetime.fromisoformat(str(at))
            except ValueError:
                raise CursorInvalid("this cursor is not one of this list's") from None
            where["$or"] = [
                {"rank": {"$gt": rank}},
                {"rank": rank, "due_at": {"$gt": moment}},
                {"rank": rank, "due_at": moment, "_id": {"$gt": key}},
            ]
        items = await self._proposals.find(where, [("rank", 1), ("due_at", 1), ("_id", 1)], size + 1)
        last = items[size - 1] if len(items) > size else None
        if last is None or last.due_at is None:
            return items[:size], ""
        return items[:size], encode_cursor(last.rank, last.due_at.isoformat(), last.id)


def _proposing(
    key: str, warehouse: str, sku: str, abc: str, reason: str, rank: int, due_at: datetime
) -> tuple[str, dict[str, Any]]:
    return key, {
        "warehouse": warehouse,
        "sku": sku,
        "abc": abc,
        "reason": reason,
        "rank": rank,
        "due_at": due_at,
        "open": True,
    }
