"""This is where the health of all stock is computed, each night and when asked: cover, turnover, age, dead stock, overstock.

Each run keeps what lay there that day (`shelf_months`: a document a SKU and month), so that turnover has a true average to
divide by: inventory turnover = cost of goods sold in 90 days, a year's worth of it, / average stock at cost in those days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any

from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.settings import CatalogSettings
from services.catalog.skus import Movement, Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.store import Document, decode_cursor, encode_cursor

from .classes import Classes, SkuClass
from .lowstock import LowStock, StockPolicy
from .proposals import Proposals
from .selling import LONG, YEAR, Pace, Selling
from .soundness import UNTOLD, Age, Flag, Standing, action_of, age_of, flag_of

KIND = "stock_health"
_AT_ONCE = 200
_NIGHT_UTC = 18  # 02:00 in Beijing
_FIELDS = {"product_id": 1, "on_hand": 1, "available": 1, "cost": 1, "price": 1, "live": 1}
_CAME = ("receipt", "import", "return", "count")
_OLDEST = timedelta(days=730)


@dataclass
class ShelfMonth:
    """Units of a SKU on hand, by day of the month (`"07"`); the id is `sku|YYYY-MM`."""

    id: str
    sku: str
    days: dict[str, int] = field(default_factory=dict)
    version: int = 0


@dataclass
class HealthItem:
    """How it stands with a SKU's stock; the id is the SKU. Money in minor units, at cost; -1 where there is no number."""

    id: str
    product_id: str
    flag: Flag
    action: str
    abc: str
    units: int
    available: int
    currency: str
    value_minor: int
    excess_units: int
    excess_minor: int
    daily_milli: int
    daily_long_milli: int
    cover_tenths: int
    target_days: int
    sold_minor: int  # cost of what was sold in a year, at the pace of the last 90 days
    average_minor: int  # stock at cost, averaged over the last 90 days
    turnover_milli: int
    age_days: int
    oldest_days: int
    last_sale: str
    live: bool
    out_s: int  # of the last 28 days, when nothing could be ordered; 0 for what is not on sale
    computed_at: datetime
    version: int = 0


@dataclass
class HealthTotal:
    """All SKUs of a currency and flag together."""

    currency: str
    flag: str
    skus: int
    live: int
    units: int
    value_minor: int
    excess_minor: int
    sold_minor: int
    average_minor: int
    daily_cost_minor: int
    out_s: int


class Health:
    """Computes the items and sums them up."""

    def __init__(
        self,
        tables: tuple[Table[Sku], Table[Movement], Table[ShelfMonth], Table[HealthItem]],
        selling: Selling,
        lowstock: LowStock,
        classes: Classes,
        proposals: Proposals,
        jobs: Jobs,
        settings: CatalogSettings,
        clock: Clock,
    ) -> None:
        self._skus, self._movements, self._months, self._items = tables
        self._selling, self._lowstock, self._classes, self._proposals = selling, lowstock, classes, proposals
        self._jobs, self._settings, self._clock = jobs, settings, clock
        self._cover = {"A": settings.cover_days_a, "B": settings.cover_days_b, "C": settings.cover_days_c}
        jobs.kinds[KIND] = self._step

    async def start(self, by: str) -> Job:
        """Begins; answers the run that is under way if there is one."""
        return await self._jobs.start(KIND, "The health of all stock", by, only="all")

    async def nightly(self) -> None:
        """Begins once a night."""
        now = self._clock.now()
        night = datetime(now.year, now.month, now.day, _NIGHT_UTC, tzinfo=now.tzinfo)
        night = night if now >= night else night - timedelta(days=1)
        last, _ = await self._jobs.page(KIND, 1, "")
        if not last or last[0].created_at < night:
            await self.start("catalog")

    async def page(self, flag: str, limit: int, cursor: str) -> tuple[list[HealthItem], str]:
        """Of one flag or all, those that tie up most first, and where the next page starts."""
        if flag not in ("", *Flag):
            raise Invalid("no such flag", errors=[FieldError("/flag", f"must be one of {', '.join(Flag)}")])
        size, where = min(limit or 20, 100), dict[str, Any]({"flag": flag} if flag else {})
        if cursor:
            value, key = decode_cursor(cursor, 2)
            where["$or"] = [{"value_minor": {"$lt": value}}, {"value_minor": value, "_id": {"$gt": key}}]
        items = await self._items.find(where, [("value_minor", -1), ("_id", 1)], size + 1)
        last = items[size - 1] if len(items) > size else None
        return items[:size], encode_cursor(last.value_minor, last.id) if last else ""

    async def totals(self) -> tuple[list[HealthTotal], datetime | None]:
        """Sums by currency and flag, and when the latest item was computed."""
        sums = ("units", "value_minor", "excess_minor", "sold_minor", "average_minor", "out_s")
        daily = {"$multiply": ["$daily_milli", {"$cond": ["$units", {"$divide": ["$value_minor", "$units"]}, 0]}]}
        group: dict[str, Any] = {name: {"$sum": f"${name}"} for name in sums}
        group |= {
            "_id": {"currency": "$currency", "flag": "$flag"},
            "skus": {"$sum": 1},
            "live": {"$sum": {"$toInt": "$live"}},
        }
        group |= {"daily": {"$sum": daily}, "at": {"$max": "$computed_at"}}
        rows = await self._items.aggregate([{"$match": {"_id": {"$gt": ""}}}, {"$group": group}])
        totals = [
            HealthTotal(
                row["_id"]["currency"],
                row["_id"]["flag"],
                row["skus"],
                row["live"],
                daily_cost_minor=round(row["daily"] / 1000),
                **{name: int(row[name]) for name in sums},
            )
            for row in rows
        ]
        at = max((row["at"] for row in rows), default=None)
        return sorted(totals, key=lambda total: (total.currency, total.flag)), at

    async def _step(self, job: Job) -> Progress:
        found = await self._skus.parts({"_id": {"$gt": job.cursor}}, _FIELDS, limit=_AT_ONCE)
        if not found:
            return Progress(job.done, job.done, job.cursor, over=True)
        skus = {each["_id"]: each for each in found}
        await self._keep_units(skus)
        await self._lowstock.draw(list(skus))
        await self._lowstock.look(skus)
        items = await self._judge(skus)
        await self._items.write_each([self._items.setting(item.id, _kept(item)) for item in items])
        await self._propose(skus, {item.id: item.abc for item in items})
        counts: dict[str, int] = {}
        for item in items:
            counts[item.flag.value] = counts.get(item.flag.value, 0) + 1
        return Progress(job.done + len(found), 0, found[-1]["_id"], counts)

    async def _keep_units(self, skus: Mapping[str, Document]) -> None:
        month, day = self._clock.now().strftime("%Y-%m %d").split()
        await self._months.write_each(
            [
                self._months.setting(f"{sku}|{month}", {"sku": sku, f"days.{day}": sum(seen["on_hand"].values())})
                for sku, seen in skus.items()
            ]
        )

    async def _judge(self, skus: Mapping[str, Document]) -> list[HealthItem]:
        keys, today = list(skus), self._clock.now().date()
        paces = await self._selling.of(keys, today)
        policies, classes = await self._lowstock.policies_of(keys), await self._classes.of(keys)
        low, averages, ages = await self._lowstock.low_among(keys), await self._averages(keys), await self._ages(skus)
        return [
            self._item(
                seen, paces[sku], policies.get(sku), classes.get(sku), low.get(sku, set()), averages[sku], ages[sku]
            )
            for sku, seen in skus.items()
        ]

    def _item(
        self,
        seen: Document,
        pace: Pace,
        policy: StockPolicy | None,
        sku_class: SkuClass | None,
        low: set[str],
        average: float,
        age: Age,
    ) -> HealthItem:
        now, abc, cost = self._clock.now(), sku_class.abc if sku_class else "C", int(seen["cost"]["minor"])
        target = policy.target_cover_days if policy and policy.target_cover_days else self._cover[abc]
        units, daily = sum(seen["on_hand"].values()), pace.daily_milli(now.date())
        elsewhere = any(low) and len(seen["on_hand"]) > 1
        standing = Standing(units, seen["available"], daily, pace.last, age, target, "" in low, elsewhere)
        flag = flag_of(standing, now.date(), self._settings.dead_after_days)
        sold, average_minor = pace.units_long * cost * YEAR // LONG, round(average * cost)
        over = standing.excess if flag in (Flag.DEAD, Flag.OVERSTOCK) else 0
        return HealthItem(
            id=seen["_id"],
            product_id=seen["product_id"],
            flag=flag,
            action=action_of(flag, standing).value,
            abc=abc,
            units=units,
            available=seen["available"],
            currency=seen["price"]["currency"],
            value_minor=units * cost,
            excess_units=over,
            excess_minor=over * cost,
            daily_milli=daily,
            daily_long_milli=pace.daily_long_milli(),
            cover_tenths=standing.cover_tenths,
            target_days=target,
            sold_minor=sold,
            average_minor=average_minor,
            turnover_milli=sold * 1000 // average_minor if average_minor else UNTOLD,
            age_days=age.mean_days,
            oldest_days=age.oldest_days,
            last_sale=pace.last,
            live=seen["live"],
            out_s=pace.out_s if seen["live"] else 0,
            computed_at=now,
        )

    async def _averages(self, skus: Sequence[str]) -> dict[str, float]:
        """Units on hand, averaged over the days of the last 90 that were kept."""
        today = self._clock.now().date()
        since = today - timedelta(days=LONG)
        months = sorted({(today - timedelta(days=n)).isoformat()[:7] for n in range(LONG + 1)})
        kept = await self._months.get_many([f"{sku}|{month}" for sku in skus for month in months])
        units: dict[str, list[int]] = {sku: [] for sku in skus}
        for shelf in kept.values():
            month = shelf.id.rpartition("|")[2]
            units[shelf.sku] += [n for day, n in shelf.days.items() if date.fromisoformat(f"{month}-{day}") >= since]
        return {sku: fmean(days) if days else 0.0 for sku, days in units.items()}

    async def _ages(self, skus: Mapping[str, Document]) -> dict[str, Age]:
        now = self._clock.now()
        lying = {sku: units for sku, seen in skus.items() if (units := sum(seen["on_hand"].values()))}
        came: dict[str, list[tuple[datetime, int]]] = {sku: [] for sku in skus}
        where = {"sku": {"$in": list(lying)}, "at": {"$gte": now - _OLDEST}, "quantity": {"$gt": 0}}
        where |= {"reason": {"$in": list(_CAME)}, "grade": {"$in": ["A", None]}}
        fields = {"sku": 1, "at": 1, "quantity": 1}
        for entry in await self._movements.parts(where, fields, [("sku", 1), ("at", -1)]) if lying else []:
            came[entry["sku"]].append((entry["at"], entry["quantity"]))
        return {sku: age_of(lying.get(sku, 0), came[sku], now) for sku in skus}

    async def _propose(self, skus: Mapping[str, Document], abc: Mapping[str, str]) -> None:
        lying = {
            f"{warehouse}|{sku}": (warehouse, sku, abc[sku])
            for sku, seen in skus.items()
            for warehouse, units in seen["on_hand"].items()
            if units
        }
        if lying:
            await self._proposals.cycle(lying)


def _kept(item: HealthItem) -> dict[str, Any]:
    names = (name for name in HealthItem.__dataclass_fields__ if name not in ("id", "version"))
    return {name: getattr(item, name) for name in names} | {"flag": item.flag.value}
