"""This is where facts are appended: whoever writes takes along what others have waiting; each fact once, and no fork.

A block is one insert under its number, so of two replicas that write at once one loses, reads the end again and follows. An
event's id is unique over all entries: told again it is found, and not written again. In a rush a block waits a moment for
company.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict

from .chain import Block, Noted, Tip, next_block, tip_of

_APART_S = 0.05  # from one block to the next, at the least
_MOST_ENTRIES = 500
_MOST_CHARACTERS = 1_000_000
_TRIES = 60


class LedgerBusy(Conflict):
    """Others write all the time; it will be told again."""


class Pages(Protocol):
    """Where blocks are kept."""

    async def tip(self) -> Tip:
        """Where the chain ends."""
        ...

    async def known(self, event_ids: Sequence[str]) -> set[str]:
        """Those of these events that are written down."""
        ...

    async def add(self, block: Block) -> None:
        """Keeps a block. Refuses with `AlreadyExists` when its number, or an event of it, is there."""
        ...


@dataclass(eq=False)
class _Job:
    facts: Sequence[Noted]
    done: asyncio.Future[None]


class Recording:
    """Appends facts."""

    def __init__(self, pages: Pages, clock: Clock, wrote: Callable[[Block], None]) -> None:
        self._pages, self._clock, self._wrote = pages, clock, wrote
        self._waiting: list[_Job] = []
        self._writing = asyncio.Lock()
        self._not_before = 0.0
        self._tip: Tip | None = None

    async def note(self, facts: Sequence[Noted]) -> None:
        """Comes back when all of them are written down. Refuses with LEDGER_BUSY."""
        if not facts:
            return
        job = _Job(facts, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        # In a task of its own: who leaves must not leave the others without their answer.
        await asyncio.shield(asyncio.create_task(self._write(job)))
        await job.done

    async def _write(self, mine: _Job) -> None:
        async with self._writing:
            while not mine.done.done():
                await self._company()
                jobs = self._some()
                try:
                    await self._append([fact for job in jobs for fact in job.facts])
                except Exception as error:
                    for job in jobs:
                        job.done.set_exception(error)
                        job.done.exception()  # asked for, should its caller have left
                else:
                    for job in jobs:
                        job.done.set_result(None)

    async def _company(self) -> None:
        """Lets a moment pass since the last block: who comes meanwhile goes into this one."""
        now = asyncio.get_running_loop().time
        if (wait_s := self._not_before - now()) > 0:
            await asyncio.sleep(wait_s)
        self._not_before = now() + _APART_S

    def _some(self) -> list[_Job]:
        """As many as go into a block; one at the least."""
        jobs: list[_Job] = []
        entries = characters = 0
        for job in self._waiting:
            entries += len(job.facts)
            characters += sum(len(fact.content) for fact in job.facts)
            if jobs and (entries > _MOST_ENTRIES or characters > _MOST_CHARACTERS):
                break
            jobs.append(job)
        del self._waiting[: len(jobs)]
        return jobs

    async def _append(self, facts: Sequence[Noted]) -> None:
        fresh = list({fact.event_id: fact for fact in facts}.values())
        for _ in range(_TRIES):
            tip = self._tip or await self._pages.tip()
            block = next_block(tip, fresh, self._clock.now())
            try:
                await self._pages.add(block)
            except AlreadyExists:
                self._tip = None
                known = await self._pages.known([fact.event_id for fact in fresh])
                fresh = [fact for fact in fresh if fact.event_id not in known]
                if not fresh:
                    return
                await asyncio.sleep(random.uniform(0, 0.01))
                continue
            except BaseException:
                self._tip = None  # whether it was written is not known
                raise
            self._tip = tip_of(block)
            self._wrote(block)
            return
        raise LedgerBusy("others write all the time", retry_after_s=1)
