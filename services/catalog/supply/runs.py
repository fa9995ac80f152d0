"""This is where the autopilot flies: once a night, step by step, each step kept and fit to be repeated.

All that is on sale is forecast, the classes get their service levels, each SKU its line of the plan, what is to be ordered
is drafted, and it is added up how right the forecasts have been. A step takes some two thousand SKUs, computes apart, and
keeps what it found: memory stays bounded however many there are.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.catalog.content import OWN_MERCHANT
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.store import Document

from . import sums
from .drafting import BY, Drafting
from .forecasts import Forecasts, SkuForecast
from .pasts import Pasts
from .plan import PlanLine
from .planning import Planning, Run
from .policies import ReplenishmentPolicies
from .service_levels import LevelTuning, ServiceLevels
from .sums import Compute, Foreseen

KIND = "replenishment"
_CHUNK = 2_000
_NIGHT = range(2, 6)  # UTC hours in which a run begins by itself
_SWEPT = 1_000


class Runs:
    """Starts runs and does their steps."""

    def __init__(
        self,
        jobs: Jobs,
        skus: Table[Sku],
        kept: Table[SkuForecast],
        lines: Table[PlanLine],
        pasts: Pasts,
        forecasts: Forecasts,
        tuning: LevelTuning,
        planning: Planning,
        drafting: Drafting,
        policies: ReplenishmentPolicies,
        clock: Clock,
        compute: Compute,
    ) -> None:
        self._jobs, self._skus, self._kept, self._lines, self.pasts = jobs, skus, kept, lines, pasts
        self._forecasts, self._tuning, self._planning = forecasts, tuning, planning
        self._drafting, self._policies, self._clock = drafting, policies, clock
        self._compute = compute
        self.chunk = _CHUNK
        jobs.kinds[KIND] = self._step

    async def start(self, by: str) -> Job:
        """A run, or the one that is under way."""
        return await self._jobs.start(KIND, f"Replenishment of {self._clock.now().date()}", by, only="all")

    async def nightly(self) -> None:
        """Starts the night's run, once."""
        now = self._clock.now()
        if now.hour not in _NIGHT:
            return
        (latest, _) = await self._jobs.page(KIND, 1, "")
        since = now.replace(hour=_NIGHT.start, minute=0, second=0, microsecond=0)
        if not latest or latest[0].created_at < since:
            await self.start(BY)

    async def _step(self, job: Job) -> Progress:
        phase, _, after = (job.cursor or "foresee|").partition("|")
        steps: dict[str, Callable[[Job, str], Awaitable[Progress]]] = {
            "foresee": self._foresee,
            "tune": self._tune,
            "plan": self._plan,
            "draft": self._draft,
            "score": self._score,
        }
        return await steps[phase](job, after)

    async def _live(self, after: str, **more: object) -> list[Document]:
        fields = {"product_id": 1, "category": 1, "price": 1, "merchant_id": 1}
        return await self._skus.parts({"live": True, "_id": {"$gt": after}, **more}, fields, limit=self.chunk)

    async def _foresee(self, job: Job, after: str) -> Progress:
        total = job.total or 2 * await self._count()
        skus = await self._live(after)
        if not skus:
            return Progress(job.done, total, "tune|")
        foreseen: list[Foreseen] = await self._compute(sums.foresee, await self.pasts.of(skus, job.created_at.date()))
        writes = []
        for sku, each in zip(skus, foreseen, strict=True):
            value = round(sum(each.recent) * sku["price"]["minor"])
            fields = {name: getattr(each, name) for name in Foreseen.__slots__}
            fields |= {"product_id": sku["product_id"], "category": sku["category"], "value_minor": value}
            fields |= {"made_at": job.created_at, "run": job.id}
            writes.append(self._kept.merging({"_id": sku["_id"]}, {"$set": fields}))
        await self._kept.write_each(writes)
        return Progress(job.done + len(skus), total, f"foresee|{skus[-1]['_id']}", {"forecast": len(skus)})

    async def _count(self) -> int:
        rows = await self._skus.aggregate([{"$match": {"live": True}}, {"$count": "n"}])
        return int(rows[0]["n"]) if rows else 0

    async def _tune(self, job: Job, _after: str) -> Progress:
        await self._tuning.tune(job.id, job.created_at.date(), job.created_at, await self._policies.of([]))
        return Progress(job.done, job.total, "plan|")

    async def _plan(self, job: Job, after: str) -> Progress:
        skus = await self._live(after)
        if not skus:
            return Progress(job.total, job.total, "draft|")
        run = Run(job.id, job.created_at.date(), job.created_at)
        levels = await self._tuning.current() or ServiceLevels("", run.at, run.id)
        own = [sku["_id"] for sku in skus if sku["merchant_id"] == OWN_MERCHANT]  # merchants buy for themselves
        ordered = await self._planning.plan(own, levels, run)
        return Progress(
            job.done + len(skus), job.total, f"plan|{skus[-1]['_id']}", {"planned": len(own), "to_order": ordered}
        )

    async def _draft(self, job: Job, _after: str) -> Progress:
        drafted = await self._drafting.draft_batch(job.id)
        phase = "draft|" if drafted else "score|"
        return Progress(job.done, job.total, phase, {"drafted": drafted} if drafted else {})

    async def _score(self, job: Job, _after: str) -> Progress:
        """Adds up, and throws away what is said of goods that are off sale."""
        await self._forecasts.score(job.id, job.created_at.date().isoformat(), job.created_at)
        stale = {"made_at": {"$lt": job.created_at - timedelta(days=1)}}
        for table in (self._kept, self._lines):
            rows = await table.parts(stale, {"_id": 1}, [("made_at", 1)], _SWEPT)
            await table.remove([row["_id"] for row in rows])
        return Progress(job.done, job.total, over=True)
