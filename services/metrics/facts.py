"""This is where facts are recorded: each once, whatever is told again, many of them in one write.

A fact is what is left of an event: its day, a few numbers, a few words with few values. Its id is the event's id and its
`reference` names what happened (the order that was paid), both unique: keeping a fact is the inbox.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

_ENOUGH = 100  # facts waiting: no reason to wait for more


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened. `values` are whole numbers, words and `lines`; money is minor units beside `currency`."""

    id: str
    type: str
    at: datetime
    reference: str = ""
    values: dict[str, Any] = field(default_factory=dict)


class Keeping(Protocol):
    """Where facts are kept."""

    async def insert(self, facts: Sequence[Fact]) -> list[bool]:
        """Keeps those that are new; answers which were."""
        ...

    async def count(self) -> int:
        """How many there are."""
        ...


@dataclass(eq=False)
class _Job:
    facts: Sequence[Fact]
    done: asyncio.Future[list[bool]]
    taken: bool = False


class Facts:
    """Records facts and passes the new ones on to what shows them live.

    Whoever writes takes along what others have waiting, so a busy moment costs one write, not hundreds.
    """

    def __init__(self, keeping: Keeping, show: Callable[[Fact], None], gather_s: float) -> None:
        self._keeping, self._show, self._gather_s = keeping, show, gather_s
        self._waiting: list[_Job] = []
        self._writing = asyncio.Lock()
        self._known = 0

    async def record(self, facts: Sequence[Fact], *, soon: bool = False) -> list[bool]:
        """Keeps facts; answers which are new. `soon` gives others a moment to come along."""
        if not facts:
            return []
        job = _Job(facts, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if soon and sum(len(waiting.facts) for waiting in self._waiting) < _ENOUGH:
            await asyncio.wait({job.done}, timeout=self._gather_s)
        if not job.taken:
            # In a task of its own: a caller who leaves must not leave the others without their answer.
            await asyncio.shield(asyncio.create_task(self._write()))
        return await job.done

    async def agree(self, rebuild: Callable[[], Any]) -> bool:
        """Rebuilds what is shown when there are facts this replica has not recorded itself; answers whether it did.

        At start that is all of them; later it is what another replica heard (during a rolling update, say).
        """
        async with self._writing:
            count = await self._keeping.count()
            if count == self._known:
                return False
            await rebuild()
            self._known = count
            return True

    async def _write(self) -> None:
        async with self._writing:
            jobs, self._waiting = self._waiting, []
            for job in jobs:
                job.taken = True
            try:
                await self._keep(jobs)
            except Exception:
                # One of them spoils it for all: each by itself.
                for job in jobs:
                    await self._keep_alone(job)

    async def _keep(self, jobs: Sequence[_Job]) -> None:
        facts = [fact for job in jobs for fact in job.facts]
        if not facts:
            return
        new = await self._keeping.insert(facts)
        self._known += sum(new)
        for fact, is_new in zip(facts, new, strict=True):
            if is_new:
                self._show(fact)
        start = 0
        for job in jobs:
            if not job.done.done():
                job.done.set_result(new[start : start + len(job.facts)])
            start += len(job.facts)

    async def _keep_alone(self, job: _Job) -> None:
        if job.done.done():
            return
        try:
            await self._keep([job])
        except Exception as error:
            if not job.done.done():
                job.done.set_exception(error)
