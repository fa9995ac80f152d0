"""This is where categories say which licences they demand; what one demands, all below it demand too (C23)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.catalog.categories import Categories
from services.catalog.fields import Faults
from services.catalog.jobs import Job, Jobs
from services.catalog.store import Table
from services.kit.errors import Invalid

from .papers import KINDS
from .sweeps import KIND, by_category


class InvalidRequirements(Invalid):
    """Not kinds of licences."""


@dataclass
class Demand:
    """What a category demands by itself; its id is the category's."""

    id: str
    kinds: list[str] = field(default_factory=list)
    version: int = 0


class Requirements:
    """Says and reads what categories demand."""

    def __init__(self, demands: Table[Demand], categories: Categories, jobs: Jobs) -> None:
        self._demands, self._categories, self._jobs = demands, categories, jobs

    async def put(self, category: str, kinds: Sequence[str], by: str) -> Job:
        """From now on; what is on sale there is looked at again by the job. Refuses with UNKNOWN_CATEGORY,
        INVALID_REQUIREMENTS."""
        faults = Faults()
        for i, kind in enumerate(kinds):
            if kind not in KINDS:
                faults.add(f"/kinds/{i}", f"must be one of {', '.join(KINDS)}")
        faults.refuse(InvalidRequirements)
        await self._categories.must_exist(category)
        await self._demands.write_each([self._demands.putting(Demand(category))])
        kept = await self._demands.change({"_id": category}, {"$set": {"kinds": sorted(set(kinds))}})
        version = kept.version if kept else 0
        title = f"Category {category} demands {', '.join(sorted(set(kinds))) or 'nothing'}"
        return await self._jobs.start(KIND, title, by, by_category(category), only=f"{category}:{version}")

    async def of(self, category: str) -> list[tuple[str, str]]:
        """Kinds and the category that demands each, from this one up to the root. Refuses with UNKNOWN_CATEGORY."""
        await self._categories.must_exist(category)
        return (await self.of_many([category]))[category]

    async def of_many(self, categories: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """The same of many, in one read."""
        lineages = {each: await self._categories.lineage(each) for each in set(categories)}
        named = {above for lineage in lineages.values() for above in lineage}
        kinds = {each.id: each.kinds for each in (await self._demands.get_many(sorted(named))).values()}
        return {
            each: [(kind, above) for above in lineage for kind in kinds.get(above, [])]
            for each, lineage in lineages.items()
        }
