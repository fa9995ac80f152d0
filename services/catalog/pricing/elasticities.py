"""This is where elasticities are kept: estimated anew every week from the shop's own days, by a job in two parts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.catalog.baskets import SkuDay
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.price_history import BY_RULE, PriceHistory
from services.catalog.skus import PriceEntry, Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.computing import apart
from services.kit.errors import AlreadyExists, NotFound
from services.kit.store import Document

from .estimating import WEEKS_NEEDED, Estimate, Fit, Week, fit, shrink, suggested
from .proposals import Proposals, Wanted

JOB = "elasticities"
KIND = "elastic"
FLOOR_BP = 3_000
STEP_BP = 1_000
_HISTORY = timedelta(weeks=104)
_AT_ONCE = 500
_WRITTEN = 500
_MOST_FITS = 20_000
_PROMOTED = 0.98  # of the list price
_SEEN = {"price": 1, "price_version": 1, "cost": 1, "title": 1, "category": 1}
_THEN_SHRINK = "|"  # sorts after every SKU


class ElasticityNotKnown(NotFound):
    """It has not sold in enough weeks at different prices."""


@dataclass
class Elasticity:
    """What is known of a SKU, whose id this is: its own regression, and once all are done the estimate."""

    id: str
    category: str
    fit: Fit
    run: str
    at: datetime
    estimate: Estimate | None = None
    version: int = 0


@dataclass
class ElasticityRun:
    """A week's work has begun; the id is the week, `2026-W12`."""

    id: str
    at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class ElasticityShown:
    """An estimate, and the price it suggests beside the regular one."""

    sku: str
    known: Elasticity
    estimate: Estimate
    regular: PriceEntry
    cost: int
    suggested: int | None


class Elasticities:
    """Estimates and shows."""

    def __init__(
        self,
        known: Table[Elasticity],
        runs: Table[ElasticityRun],
        skus: Table[Sku],
        days: Table[SkuDay],
        entries: Table[PriceEntry],
        history: PriceHistory,
        proposals: Proposals,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._known, self._runs, self._skus, self._days, self._entries = known, runs, skus, days, entries
        self._history, self._proposals, self._jobs, self._clock = history, proposals, jobs, clock
        jobs.kinds[JOB] = self.work_out

    async def weekly(self) -> None:
        """Begins a week's work, once a week; a crash between the two writes repeats it, which changes nothing."""
        year, week, _ = self._clock.now().isocalendar()
        run = f"{year}-W{week:02}"
        if await self._runs.get(run) is None:
            await self.begin("catalog")
            try:
                await self._runs.insert(ElasticityRun(run, self._clock.now()))
            except AlreadyExists:
                return  # another replica

    async def begin(self, by: str) -> Job:
        """Estimates all of them anew."""
        return await self._jobs.start(JOB, "Elasticity of demand", by, only="all")

    async def work_out(self, job: Job) -> Progress:
        """One step: a batch of SKUs fitted; when all are, a batch of estimates written and prices proposed."""
        if job.cursor.startswith(_THEN_SHRINK):
            return await self._shrink(job)
        skus = await self._skus.parts({"_id": {"$gt": job.cursor}}, {"category": 1}, limit=_AT_ONCE)
        fits = await self._fit([sku["_id"] for sku in skus])
        category = {sku["_id"]: sku["category"] for sku in skus}
        now = self._clock.now()
        new = [Elasticity(each.sku, category[each.sku], each, job.id, now) for each in fits]
        await self._known.write_each([self._known.putting(each) for each in new])
        await self._known.touch([({"_id": each.id}, {"$set": _fitted(each)}) for each in new])
        cursor = skus[-1]["_id"] if len(skus) == _AT_ONCE else _THEN_SHRINK
        return Progress(job.done + len(skus), 0, cursor, {"fitted": len(fits)})

    async def _fit(self, skus: Sequence[str]) -> list[Fit]:
        weeks = await self._weeks(skus)
        enough = {sku: each for sku, each in weeks.items() if len(each) >= WEEKS_NEEDED}
        return await apart(fit, enough) if enough else []

    async def _weeks(self, skus: Sequence[str]) -> dict[str, list[Week]]:
        since = self._clock.now() - _HISTORY
        fields = {"sku": 1, "day": 1, "units": 1, "gross_minor": 1, "paid_minor": 1}
        where = {"sku": {"$in": list(skus)}, "day": {"$gte": since.date().isoformat()}}
        ruled = await self._ruled_weeks(skus, since)
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for day in await self._days.parts(where, fields, [("sku", 1), ("day", 1)]):
            of_week = sums[day["sku"], _week(date.fromisoformat(day["day"]))]
            for i, name in enumerate(("units", "gross_minor", "paid_minor")):
                of_week[i] += day[name]
        weeks: dict[str, list[Week]] = defaultdict(list)
        for (sku, week), (units, gross, paid) in sums.items():
            if units > 0 and paid > 0:
                weeks[sku].append(Week(units, paid, paid < _PROMOTED * gross or (sku, week) in ruled))
        return weeks

    async def _ruled_weeks(self, skus: Sequence[str], since: datetime) -> set[tuple[str, str]]:
        """The weeks in which a rule set a price: demand then is a promotion's."""
        where = {"sku": {"$in": list(skus)}, "at": {"$gte": since}, "by": {"$regex": f"^{BY_RULE}"}}
        return {(e["sku"], _week(e["at"].date())) for e in await self._entries.parts(where, {"sku": 1, "at": 1})}

    async def _shrink(self, job: Job) -> Progress:
        rows = await self._known.parts({"run": job.id}, {"fit": 1, "category": 1}, [("_id", 1)], _MOST_FITS)
        fits = [Fit(**row["fit"]) for row in rows]
        after = job.cursor.removeprefix(_THEN_SHRINK)
        estimates = shrink(fits, {row["_id"]: row["category"] for row in rows})
        batch = sorted(sku for sku in estimates if sku > after)[:_WRITTEN]
        await self._known.touch([({"_id": sku}, {"$set": {"estimate": _kept(estimates[sku])}}) for sku in batch])
        seen = await self._skus.by_keys(batch, _SEEN)
        regular = await self._history.regulars(seen)
        wanted = {
            sku: Wanted(price, _why(estimates[sku]))
            for sku in seen
            if (price := _price(seen[sku], estimates[sku], regular[sku])) is not None
        }
        count = await self._proposals.propose(KIND, "", seen, wanted)
        over = len(batch) < _WRITTEN
        cursor = _THEN_SHRINK + (batch[-1] if batch else after)
        return Progress(job.done, job.done, cursor, {"estimated": len(batch), "proposed": count}, over=over)

    async def show(self, sku_or_product: str) -> ElasticityShown:
        """A SKU's elasticity, or that of a product's first one. Refuses with SKU_NOT_FOUND, ELASTICITY_NOT_KNOWN."""
        sku = await self._history.sku_of(sku_or_product)
        await self._history.page(sku, 1, "")
        known, seen = await self._known.get(sku), await self._skus.by_keys([sku], _SEEN)
        if known is None or known.estimate is None:
            raise ElasticityNotKnown("it has not sold in enough weeks at different prices")
        regular = (await self._history.regulars(seen))[sku]
        price = _price(seen[sku], known.estimate, regular)
        return ElasticityShown(sku, known, known.estimate, regular, seen[sku]["cost"]["minor"], price)


def _price(sku: Document, estimate: Estimate, regular: PriceEntry) -> int | None:
    cost, current = sku["cost"]["minor"], regular.price.minor
    return suggested(cost, estimate.elasticity, estimate.error, current, FLOOR_BP, STEP_BP)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-{week:02}"


def _fitted(known: Elasticity) -> Mapping[str, object]:
    fit_kept = {name: getattr(known.fit, name) for name in Fit.__slots__}
    return {"category": known.category, "fit": fit_kept, "run": known.run, "at": known.at}


def _kept(estimate: Estimate) -> Mapping[str, object]:
    return {name: getattr(estimate, name) for name in Estimate.__slots__}


def _why(estimate: Estimate) -> str:
    return f"elasticity {estimate.elasticity:.2f} ± {estimate.error:.2f} from {estimate.weeks} weeks"
