"""This is where SKUs are classed: ABC by their share of value, XYZ by how much their demand varies, and by its pattern.

The collection `classes` has a row a SKU, for whoever decides how to buy and count it: `abc`, `xyz`, `demand`, `policy`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, pstdev
from typing import Any

from services.catalog.baskets import SkuDay
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.settings import CatalogSettings
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.store import decode_cursor, encode_cursor

KIND = "stock_classification"
_AT_ONCE = 200
_EVERY = timedelta(days=7)
_WEEK = 7
# Boylan, Syntetos and Karakostas (2008): the mean interval between demands, and the squared variation of their sizes.
_ADI, _CV2 = 1.32, 0.49
_X, _Y = 0.5, 1.0  # coefficients of variation of weekly demand
JUST_IN_TIME, STANDARD, POOLED = "just_in_time", "standard", "pooled"
POLICY_OF = {"A": JUST_IN_TIME, "B": STANDARD, "C": POOLED}


@dataclass
class SkuClass:
    """How a SKU sells; the id is the SKU. Money in minor units, ratios in thousandths."""

    id: str
    product_id: str
    currency: str
    value_minor: int  # sold in the weeks looked at, before discounts
    units: int
    xyz: str  # X steady, Y varying, Z wild (or never sold)
    demand: str  # smooth, erratic, intermittent, lumpy; none when nothing was sold
    adi_milli: int  # mean weeks from one week with demand to the next
    cv2_milli: int  # squared variation of the weeks with demand
    cv_milli: int  # variation of all weeks since the first sale
    computed_at: datetime
    abc: str = "C"
    policy: str = POOLED
    version: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """How weekly demand behaves."""

    adi: float
    cv2: float
    cv: float

    @property
    def demand(self) -> str:
        """Syntetos and Boylan's class of it."""
        if not self.adi:
            return "none"
        if self.adi < _ADI:
            return "smooth" if self.cv2 < _CV2 else "erratic"
        return "intermittent" if self.cv2 < _CV2 else "lumpy"

    @property
    def xyz(self) -> str:
        """X, Y or Z."""
        if not self.adi:
            return "Z"
        return "X" if self.cv <= _X else "Y" if self.cv <= _Y else "Z"


def named(kept: Table[SkuClass]) -> Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]:
    """The letters of many SKUs, in one read; of those that were classed."""

    async def letters(skus: Sequence[str]) -> Mapping[str, str]:
        found = await kept.by_keys(list(skus), {"abc": 1})
        return {sku: each["abc"] for sku, each in found.items()}

    return letters


def pattern(weeks: Sequence[float]) -> Pattern:
    """Of units a week, oldest first, from the first week that had any."""
    sizes = [units for units in weeks if units > 0]
    if not sizes:
        return Pattern(0, 0, 0)
    mean, all_mean = fmean(sizes), fmean(weeks)
    return Pattern(len(weeks) / len(sizes), (pstdev(sizes) / mean) ** 2, pstdev(weeks) / all_mean)


def by_week(sales: Sequence[tuple[str, float]], end: date) -> list[float]:
    """Units a week from the first sale to before `end`, the last week complete; from (day, units)."""
    ages = [((end - date.fromisoformat(day)).days - 1, units) for day, units in sales]
    ages = [(age // _WEEK, units) for age, units in ages if age >= 0]
    weeks = [0.0] * (max((age for age, _ in ages), default=-1) + 1)
    for age, units in ages:
        weeks[-1 - age] += units
    return weeks


def share_class(before: int, total: int, a_percent: int, b_percent: int) -> str:
    """A, B or C of a SKU before which, in order of value, others make `before` of `total`."""
    if total <= 0 or before * 100 >= b_percent * total:
        return "C"
    return "A" if before * 100 < a_percent * total else "B"


class Classes:
    """Classes all SKUs once a week, and when asked to."""

    def __init__(
        self,
        skus: Table[Sku],
        days: Table[SkuDay],
        classes: Table[SkuClass],
        jobs: Jobs,
        settings: CatalogSettings,
        clock: Clock,
    ) -> None:
        self._skus, self._days, self._classes = skus, days, classes
        self._jobs, self._settings, self._clock = jobs, settings, clock
        jobs.kinds[KIND] = self._step

    async def start(self, by: str) -> Job:
        """Begins; answers the run that is under way if there is one."""
        return await self._jobs.start(KIND, "ABC and XYZ classes of all SKUs", by, only="all")

    async def weekly(self) -> None:
        """Begins when the last run is a week old."""
        last, _ = await self._jobs.page(KIND, 1, "")
        if not last or last[0].created_at <= self._clock.now() - _EVERY:
            await self.start("catalog")

    async def of(self, skus: Sequence[str]) -> Mapping[str, SkuClass]:
        """The classes of those of these SKUs that have one."""
        return await self._classes.get_many(skus)

    async def page(self, abc: str, limit: int, cursor: str) -> tuple[list[SkuClass], str]:
        """Of one ABC class or all, most valuable first, and where the next page starts."""
        if abc not in ("", *POLICY_OF):
            raise Invalid("no such class", errors=[FieldError("/abc", "must be A, B or C")])
        size, where = min(limit or 20, 100), dict[str, Any]({"abc": abc} if abc else {})
        if cursor:
            value, key = decode_cursor(cursor, 2)
            where["$or"] = [{"value_minor": {"$lt": value}}, {"value_minor": value, "_id": {"$gt": key}}]
        found = await self._classes.find(where, [("value_minor", -1), ("_id", 1)], size + 1)
        last = found[size - 1] if len(found) > size else None
        return found[:size], encode_cursor(last.value_minor, last.id) if last else ""

    async def _step(self, job: Job) -> Progress:
        """First each SKU by itself, then all in order of value, a currency at a time."""
        if not job.cursor or job.cursor.startswith("sku:"):
            return await self._measure(job, job.cursor.removeprefix("sku:"))
        return await self._rank(job)

    async def _measure(self, job: Job, after: str) -> Progress:
        skus = await self._skus.parts({"_id": {"$gt": after}}, {"product_id": 1, "price": 1}, limit=_AT_ONCE)
        if not skus:
            return Progress(job.done, job.total, encode_cursor("", 0, 0, 0, ""))
        end = job.created_at.date()
        since = end - timedelta(weeks=self._settings.class_weeks)
        sold = await self._sold([each["_id"] for each in skus], since, end)
        rows = [_row(each, sold.get(each["_id"]), end, job.created_at) for each in skus]
        await self._classes.write_each([self._classes.setting(key, fields) for key, fields in rows])
        return Progress(job.done + len(skus), 0, f"sku:{skus[-1]['_id']}")

    async def _sold(self, skus: Sequence[str], since: date, end: date) -> dict[str, Any]:
        where = {"sku": {"$in": list(skus)}, "day": {"$gte": since.isoformat(), "$lt": end.isoformat()}}
        total = {
            "_id": "$sku",
            "sales": {"$push": {"day": "$day", "units": "$units"}},
            "units": {"$sum": "$units"},
            "value": {"$sum": "$gross_minor"},
        }
        return {row["_id"]: row for row in await self._days.aggregate([{"$match": where}, {"$group": total}])}

    async def _rank(self, job: Job) -> Progress:
        currency, total, before, value, after = decode_cursor(job.cursor, 5)
        if not after:
            following = await self._classes.find({"currency": {"$gt": currency}}, [("currency", 1)], 1)
            if not following:
                return Progress(job.done, job.done, over=True)
            currency = following[0].currency
            total, before, value, after = await self._worth(currency), 0, 2**62, ""
        where = {
            "currency": currency,
            "$or": [{"value_minor": {"$lt": value}}, {"value_minor": value, "_id": {"$gt": after}}],
        }
        found = await self._classes.find(where, [("value_minor", -1), ("_id", 1)], _AT_ONCE)
        counts = dict.fromkeys(POLICY_OF, 0)
        updates = []
        for row in found:
            abc = share_class(before, total, self._settings.abc_a_percent, self._settings.abc_b_percent)
            abc = abc if row.value_minor else "C"
            updates.append(({"_id": row.id}, {"$set": {"abc": abc, "policy": POLICY_OF[abc]}}))
            counts[abc] += 1
            before += row.value_minor
        await self._classes.touch(updates)
        last = found[-1] if len(found) == _AT_ONCE else None
        cursor = encode_cursor(currency, total, before, last.value_minor if last else 0, last.id if last else "")
        return Progress(job.done, job.total, cursor, {f"class_{abc.lower()}": n for abc, n in counts.items()})

    async def _worth(self, currency: str) -> int:
        total = {"_id": None, "value": {"$sum": "$value_minor"}}
        rows = await self._classes.aggregate([{"$match": {"currency": currency}}, {"$group": total}])
        return int(rows[0]["value"]) if rows else 0


def _row(sku: Mapping[str, Any], sold: Mapping[str, Any] | None, end: date, at: datetime) -> tuple[str, dict[str, Any]]:
    sales = [(sale["day"], sale["units"]) for sale in sold["sales"]] if sold else []
    found = pattern(by_week(sales, end))
    return sku["_id"], {
        "product_id": sku["product_id"],
        "currency": sku["price"]["currency"],
        "value_minor": int(sold["value"]) if sold else 0,
        "units": int(sold["units"]) if sold else 0,
        "xyz": found.xyz,
        "demand": found.demand,
        "adi_milli": round(found.adi * 1000),
        "cv2_milli": round(found.cv2 * 1000),
        "cv_milli": round(found.cv * 1000),
        "computed_at": at,
    }
