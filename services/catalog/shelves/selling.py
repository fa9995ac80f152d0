"""This is where it is read how fast SKUs sell: units a day on which they could be bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.catalog.baskets import SkuDay
from services.catalog.store import Table

from .stockouts import DAY_S, Stockouts

SHORT, LONG, YEAR = 28, 90, 365


@dataclass(frozen=True, slots=True)
class Pace:
    """How a SKU sold up to yesterday. `out_s`: seconds of the short span in which it could not be bought."""

    units_short: int = 0
    units_long: int = 0
    first: str = ""  # day of the first sale within a year
    last: str = ""
    out_s: int = 0

    def daily_milli(self, today: date) -> int:
        """Thousandths of a unit a day of the last 28 days on which it could be bought; since its first sale, when that is
        not so long ago, for what is new has no history of not being wanted."""
        if not self.units_short:
            return 0
        days = min(SHORT, (today - date.fromisoformat(self.first)).days)
        return round(self.units_short * 1000 / max(1.0, days - self.out_s / DAY_S))

    def daily_long_milli(self) -> int:
        """Thousandths of a unit a day of the last 90."""
        return round(self.units_long * 1000 / LONG)


class Selling:
    """Reads the days."""

    def __init__(self, days: Table[SkuDay], stockouts: Stockouts) -> None:
        self._days, self._stockouts = days, stockouts

    async def of(self, skus: Sequence[str], today: date) -> dict[str, Pace]:
        """The pace of each of these SKUs up to `today`, which is not over and does not count."""
        where = {"sku": {"$in": list(skus)}, "day": {"$gte": _ago(today, YEAR), "$lt": today.isoformat()}}
        total = {
            "_id": "$sku",
            "short": {"$sum": {"$cond": [{"$gte": ["$day", _ago(today, SHORT)]}, "$units", 0]}},
            "long": {"$sum": {"$cond": [{"$gte": ["$day", _ago(today, LONG)]}, "$units", 0]}},
            "first": {"$min": "$day"},
            "last": {"$max": "$day"},
        }
        rows = {row["_id"]: row for row in await self._days.aggregate([{"$match": where}, {"$group": total}])}
        out = await self._stockouts.seconds_out(skus, today - timedelta(days=SHORT), today)
        paces = {}
        for sku in skus:
            row = rows.get(sku, {"short": 0, "long": 0, "first": "", "last": ""})
            paces[sku] = Pace(row["short"], row["long"], row["first"], row["last"], out.get(sku, 0))
        return paces


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
