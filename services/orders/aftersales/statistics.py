"""This is where it is counted, as it happens, what is delivered, asked back and comes back.

By SKU, category, region, reason, warehouse and carrier; in all and by month. Counters, no scans.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.errors import Invalid, VersionMismatch
from services.kit.store import Store, decode_cursor, encode_cursor
from services.orders import limits
from services.orders.orders import Order

from .returns import Return

BY = ("sku", "category", "region", "reason", "warehouse", "carrier")
ALL = "all"
_AT_ONCE = 200
Bump = Callable[[dict[str, dict[str, int]], Any], Awaitable[None]]


class InvalidStatistics(Invalid):
    """Not a question statistics answer."""


@dataclass
class ReturnCount:
    """Units of one thing in one period. `asked` is net of what was called off; a `reason` has no deliveries."""

    id: str
    period: str
    by: str
    key: str
    delivered: int = 0
    asked: int = 0
    received: int = 0
    version: int = 0


class Statistics:
    """The counters. `bump` adds to many of them at once, within the transaction it is given."""

    def __init__(self, counts: Store[ReturnCount], orders: Store[Order], bump: Bump, together: Any) -> None:
        self._counts, self._orders, self._bump, self._together = counts, orders, bump, together

    async def asked(self, rma: Return, at: datetime, session: Any, sign: int = 1) -> None:
        """A return is asked for, or (−1) called off."""
        await self._bump(_grown(rma, "asked", at, sign), session)

    async def received(self, rma: Return, at: datetime, session: Any) -> None:
        """Its goods are back."""
        await self._bump(_grown(rma, "received", at, 1), session)

    async def round(self) -> int:
        """The chore: counts what was delivered since, many orders in one transaction; answers how many."""
        due = await self._orders.find({"uncounted": True}, limit=_AT_ONCE)
        if not due:
            return 0
        grown: dict[str, dict[str, int]] = {}
        for order in due:
            at = order.delivered_at or order.placed_at
            for line in order.lines:
                for key in keys_of(order, [line.sku], ""):
                    _add(grown, key, "delivered", at, line.quantity)
        ids = [order.id for order in due]

        async def counted(session: Any) -> None:
            where = {"_id": {"$in": ids}, "uncounted": True}
            update = {"$set": {"uncounted": False}, "$inc": {"version": 1}}
            done = await self._orders.collection.update_many(where, update, session=session)
            if done.modified_count != len(ids):
                raise VersionMismatch("another replica counts them")
            await self._bump(grown, session)

        try:
            await self._together(counted)
        except VersionMismatch:
            return 0
        return len(ids)

    async def page(self, by: str, period: str, limit: int, cursor: str) -> tuple[list[ReturnCount], str]:
        """The most asked back first, and where the next page starts. Refuses with INVALID_STATISTICS, CURSOR_INVALID."""
        if by not in BY:
            raise limits.refused("/by", f"one of {', '.join(BY)}", InvalidStatistics)
        if not 0 <= limit <= 100:
            raise limits.refused("/page/limit", "1 to 100", InvalidStatistics)
        size, where = limit or 20, {"period": period or ALL, "by": by}
        if cursor:
            asked, key = decode_cursor(cursor, 2)
            where["$or"] = [{"asked": {"$lt": asked}}, {"asked": asked, "_id": {"$gt": key}}]  # type: ignore[assignment]
        rows = await self._counts.find(where, sort=[("asked", -1), ("_id", 1)], limit=size + 1)
        more = encode_cursor(rows[size - 1].asked, rows[size - 1].id) if len(rows) > size else ""
        return rows[:size], more


def keys_of(order: Order, skus: Iterable[str], reason: str) -> list[str]:
    """What units of an order are counted under, as `sku|by|key`."""
    region = "/".join(part for part in (order.region.country, order.region.province) if part)
    keys: list[str] = []
    for sku in skus:
        line = order.line(sku)
        sent = [one for one in order.shipments.values() if any(part.sku == sku for part in one.lines)]
        where = {one.warehouse for one in sent}, {one.carrier for one in sent}
        keys += [f"{sku}|sku|{sku}", f"{sku}|category|{line.category if line else ''}", f"{sku}|region|{region}"]
        keys += [f"{sku}|warehouse|{name}" for name in sorted(where[0]) if name]
        keys += [f"{sku}|carrier|{name}" for name in sorted(where[1]) if name]
        keys += [f"{sku}|reason|{reason}"] if reason else []
    return keys


def _grown(rma: Return, what: str, at: datetime, sign: int) -> dict[str, dict[str, int]]:
    units = Counter({line.sku: line.quantity for line in rma.lines})
    grown: dict[str, dict[str, int]] = {}
    for key in rma.counted:
        _add(grown, key, what, at, sign * units[key.split("|", 1)[0]])
    return grown


def _add(grown: dict[str, dict[str, int]], key: str, what: str, at: datetime, units: int) -> None:
    _, thing = key.split("|", 1)
    for period in (ALL, f"{at:%Y-%m}"):
        row = grown.setdefault(f"{period}|{thing}", {})
        row[what] = row.get(what, 0) + units


def parted(row_id: str) -> Sequence[str]:
    """Period, by and key of a counter's id."""
    return row_id.split("|", 2)
