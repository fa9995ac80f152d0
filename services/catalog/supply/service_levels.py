"""This is where each class gets its service level: found on the past of some of its SKUs, by the target (C44, C45)."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.catalog.purchasing.supplier_items import Offer, SupplierItems
from services.catalog.shelves.classes import share_class
from services.catalog.skus import Sku
from services.catalog.store import Table

from . import sums
from .forecasts import SkuForecast
from .pasts import Pasts
from .policies import CLASSES, Chosen, ReplenishmentPolicy
from .sums import Compute, Sample

AIM = 0.6  # of the stock-out rate that is wanted, for the future is not the past
UNTRIED = 0.975  # while there is no past to try on
_SAMPLE = 500
_PAGE = 20_000
_ID = "levels"


@dataclass
class ServiceLevels:
    """One document. `ends[c]` is (value, SKU) of the last of class A and B, most valuable first; `curves[c]` the service
    levels tried for a class and the stock-out rates they would have had."""

    id: str
    made_at: datetime
    run: str
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    version: int = 0

    def class_of(self, sku: str, value_minor: int) -> str:
        """ABC by value; what sells nothing is C."""
        for name, (value, last) in sorted(self.ends.items()):
            if value_minor > 0 and (-value_minor, sku) <= (-value, last):
                return name
        return "C"

    def level(self, stock_class: str, service_bp: int) -> tuple[float, bool]:
        """The lowest quantile that keeps the stock-out rate, and whether it was found on the past."""
        curve = self.curves.get(stock_class)
        if not curve:
            return UNTRIED, False
        return level_for(curve, 1 - service_bp / 10_000), True


def level_for(curve: Sequence[tuple[float, float]], target: float) -> float:
    """The lowest level of a tuned curve that keeps the stock-out rate well within the target; the highest when none does."""
    return next((level for level, rate in curve if rate <= AIM * target), curve[-1][0])


class LevelTuning:
    """Works out classes and levels once a run."""

    def __init__(
        self,
        levels: Table[ServiceLevels],
        forecasts: Table[SkuForecast],
        skus: Table[Sku],
        items: SupplierItems,
        pasts: Pasts,
        shares: tuple[int, int],
        compute: Compute,
    ) -> None:
        self._compute = compute
        self._shares = shares  # percent of value that class A makes, and A and B together
        self._levels, self._forecasts, self._skus, self._items, self._pasts = levels, forecasts, skus, items, pasts

    async def current(self) -> ServiceLevels | None:
        """As they were last tuned."""
        return await self._levels.get(_ID)

    async def tune(self, run: str, today: date, at: datetime, policies: Chosen) -> None:
        """Finds the classes by value and tries the levels on a sample of each."""
        total = 0
        async for value, _ in self._valued(run):
            total += value
        found = ServiceLevels(_ID, at, run)
        samples = await self._sampled(run, total, found)
        tried = {name: await self._sample(some, policies.of("", name), today) for name, some in samples.items() if some}
        curves: list[list[tuple[float, float]]] = await self._compute(sums.tune, list(tried.values()))
        found.curves = dict(zip(tried, curves, strict=True))
        await self._levels.write_each([self._levels.replacing(found)])

    async def _valued(self, run: str) -> AsyncIterator[tuple[int, str]]:
        """(value, SKU) of all that were forecast in this run, most valuable first; read a page at a time."""
        where: dict[str, object] = {"value_minor": {"$gte": 0}}
        while page := await self._forecasts.parts(
            where, {"value_minor": 1, "run": 1}, [("value_minor", -1), ("_id", 1)], _PAGE
        ):
            for row in page:
                if row["run"] == run:
                    yield row["value_minor"], row["_id"]
            value, key = page[-1]["value_minor"], page[-1]["_id"]
            where = {"$or": [{"value_minor": {"$lt": value, "$gte": 0}}, {"value_minor": value, "_id": {"$gt": key}}]}

    async def _sampled(self, run: str, total: int, found: ServiceLevels) -> dict[str, list[str]]:
        """A few hundred SKUs of each class, any of them as likely; notes where classes end."""
        samples: dict[str, list[str]] = {name: [] for name in CLASSES}
        seen, before, chance = dict.fromkeys(CLASSES, 0), 0, random.Random(run)
        async for value, sku in self._valued(run):
            name = share_class(before, total, *self._shares) if value else "C"
            before += value
            if name != "C":
                found.ends[name] = (value, sku)
            seen[name] += 1
            if len(samples[name]) < _SAMPLE:
                samples[name].append(sku)
            elif (place := chance.randrange(seen[name])) < _SAMPLE:
                samples[name][place] = sku
        return samples

    async def _sample(self, some: Sequence[str], policy: ReplenishmentPolicy, today: date) -> Sample:
        skus = list((await self._skus.by_keys(sorted(some), {"product_id": 1, "category": 1})).values())
        offers = await self._items.of([sku["_id"] for sku in skus])
        leads = [lead_time(offers, sku["_id"], policy.lead_days) for sku in skus]
        past = await self._pasts.of(skus, today)
        return Sample(past, [mean for mean, _ in leads], [sd for _, sd in leads], policy.review_days)


def lead_time(offers: Mapping[str, Sequence[Offer]], sku: str, default_days: int) -> tuple[float, float]:
    """Mean and standard deviation of its best supplier's lead time, in days; the policy's while nobody quotes."""
    if best := next(iter(offers.get(sku, ())), None):
        return best.lead_mean_days, best.lead_sd_days
    return float(default_days), 0.0
