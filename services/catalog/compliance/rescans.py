"""This is where live listings are looked at again because a rule has changed; what does not pass any more is taken down."""

from collections.abc import Sequence

from services.catalog.content import ListingState, Product
from services.catalog.core import Core
from services.catalog.gates import Finding, Moment
from services.catalog.jobs import Job, Progress

from .lists import Lists

KIND = "rescan"
_BATCH = 100
_TRIES = 3
_MOST_SAID = 5


class Rescans:
    """Starts scans and does them. There is one at a time; what is asked for meanwhile makes it go round once more."""

    def __init__(self, lists: Lists, core: Core) -> None:
        self._lists, self._core = lists, core
        core.jobs.kinds[KIND] = self.step

    async def ask(self, by: str, title: str = "Staff asked for all live listings to be looked at again") -> Job:
        """A scan that sees everything as it is from now on: a new one, or the one under way, which goes round again."""
        await self._lists.ask()
        return await self._start(by, title)

    async def begin_when_asked(self) -> None:
        """A changed list has asked for a scan that nobody has begun."""
        there = await self._lists.get()
        if there.asked > there.started:
            await self._start("compliance", f"Version {there.number} of the word list")

    async def _start(self, by: str, title: str) -> Job:
        return await self._core.jobs.start(KIND, title, by, only="all")

    async def step(self, job: Job) -> Progress:
        """Looks at the next hundred; after the last one begins anew when more was asked for meanwhile."""
        asked, _, after = job.cursor.partition("|")
        if not asked:
            return await self._round(job)
        where = {"state": ListingState.LIVE.value, "_id": {"$gt": after}}
        products = await self._core.products.find(where, [("_id", 1)], _BATCH)
        if not products:
            over = (await self._lists.get()).asked <= int(asked)
            return Progress(job.done, job.done, over=True) if over else await self._round(job)
        findings = await self._core.gates.look(products, Moment.RESCAN)
        down = [await self._judge(job, *pair) for pair in zip(products, findings, strict=True)]
        done = job.done + len(products)
        counts = {"looked_at": len(products), "taken_down": sum(down)}
        return Progress(done, max(job.total, done), f"{asked}|{products[-1].id}", counts)

    async def _round(self, job: Job) -> Progress:
        asked = (await self._lists.get()).asked
        await self._lists.started(asked)
        counted = await self._core.products.aggregate(
            [{"$match": {"state": ListingState.LIVE.value}}, {"$count": "live"}]
        )
        total = job.done + (counted[0]["live"] if counted else 0)
        return Progress(job.done, total, f"{asked}|")

    async def _judge(self, job: Job, product: Product, findings: Sequence[Finding]) -> bool:
        """Whether it was taken down. What an editor changed meanwhile is looked at anew."""
        for _ in range(_TRIES):
            against = [finding for finding in findings if finding.blocks]
            if not against:
                return False
            en = _said([f"{each.pointer}: {each.en}" for each in against])
            zh = _said([f"{each.pointer}：{each.zh}" for each in against])
            code, seen = against[0].code, product.version
            if await self._core.takedowns.take_down(product.id, code, en, zh, job.id, seen=seen):
                return True
            product = await self._core.writing.get(product.id)
            if product.state is not ListingState.LIVE:
                return False
            (findings,) = await self._core.gates.look([product], Moment.RESCAN)
        return False


def _said(lines: Sequence[str]) -> str:
    more = f" (+{len(lines) - _MOST_SAID})" if len(lines) > _MOST_SAID else ""
    return "; ".join(lines[:_MOST_SAID]) + more
