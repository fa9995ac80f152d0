"""This is where the shelf is gone over when costs have changed: what sells below the floor is counted, and staff told."""

from typing import Any

from services.catalog.categories import Categories
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.notices import Notices

from .cost_models import scope_of_sku
from .overrides import Overrides
from .searching import Shelf

KIND = "margin_scan"
NOTICE = "below_margin_floor"


class Scanning:
    """Goes over the shelf. It takes nothing down: what sells below the floor waits for a person."""

    def __init__(
        self, jobs: Jobs, notices: Notices, categories: Categories, shelf: Shelf, overrides: Overrides
    ) -> None:
        self._jobs, self._notices, self._categories = jobs, notices, categories
        self._shelf, self._overrides = shelf, overrides

    async def start(self, scope: str, by: str) -> Job:
        """A job for what the scope is about."""
        return await self._jobs.start(
            KIND, f"What the change of {scope} means for prices on sale", by, {"scope": scope}
        )

    async def lapse(self) -> None:
        """A job for each SKU whose leave to sell below the floor has run out."""
        for sku in await self._overrides.lapse():
            await self.start(scope_of_sku(sku), "catalog")

    async def step(self, job: Job) -> Progress:
        """A thousand SKUs."""
        scope = job.parameters["scope"]
        margins, cursor = await self._shelf.walk(job.cursor, where=await self._about(scope))
        counts = {
            "below_floor": sum(not margin.keeps_floor for _, margin in margins),
            "cost_unknown": sum(not margin.cost_known for _, margin in margins),
        }
        below = job.counts.get("below_floor", 0) + counts["below_floor"]
        if not cursor and below:
            await self._tell(job, scope, below)
        return Progress(job.done + len(margins), job.total, cursor, counts, over=not cursor)

    async def _about(self, scope: str) -> dict[str, Any]:
        kind, _, key = scope.partition(":")
        if kind == "category":
            return {"category": {"$in": await self._categories.with_descendants(key)}}
        return {"_id": key} if kind == "sku" else {}

    async def _tell(self, job: Job, scope: str, below: int) -> None:
        await self._notices.raise_once(
            job.id,
            NOTICE,
            scope,
            f"{below} SKUs on sale are below the margin floor since {scope} changed: see GET /v1/margins/below-floor",
            f"{scope} 的成本变更后，{below} 个在售 SKU 低于毛利底线：见 GET /v1/margins/below-floor",
        )
