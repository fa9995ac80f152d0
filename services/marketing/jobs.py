"""This is where work of marketing that takes longer than a call is done: step by step, each step kept (decision 16).

A kind of work is one function that does a bounded step from where the last one ended and says how far it came. A crash
repeats the step that was under way: steps bear repeating.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, NotFound, Refused, VersionMismatch
from services.kit.ids import new_id
from services.kit.store import Store

log = logging.getLogger(__name__)
_AT_ONCE = 4  # looked at: should another replica take the first, there is a second
_LEASE = timedelta(seconds=30)
_TRIES = 5


class JobState(StrEnum):
    """The life of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Job:
    """A piece of work. `done` of `total` (0: not known yet); `cursor` is where the next step begins, `counts` what came of
    it."""

    id: str
    kind: str
    by: str
    created_at: datetime
    updated_at: datetime
    state: JobState = JobState.WAITING
    done: int = 0
    total: int = 0
    cursor: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    detail: str = ""  # why it failed
    tries: int = 0  # of the step under way
    lease_until: datetime | None = None
    request_id: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step came. `counts` are added to the job's."""

    done: int
    total: int
    cursor: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    over: bool = False


Step = Callable[[Job], Awaitable[Progress]]


class JobNotFound(NotFound):
    """There is no such work."""


class Jobs:
    """Starts jobs, does them, tells how far they are. One at a time a replica."""

    def __init__(self, jobs: Store[Job], clock: Clock) -> None:
        self._jobs, self._clock = jobs, clock
        self.kinds: dict[str, Step] = {}

    async def start(self, prefix: str, kind: str, by: str, parameters: Mapping[str, str], request_id: str) -> Job:
        """A new job under `prefix_…`; or what the same request started before."""
        now, job_id = self._clock.now(), new_id(prefix)
        job = Job(job_id, kind, by, now, now, parameters=dict(parameters), request_id=request_id or job_id)
        try:
            return await self._jobs.insert(job)
        except AlreadyExists:
            there = await self._jobs.one({"request_id": job.request_id})
            return there or job

    async def get(self, job_id: str, kind: str) -> Job:
        """One of a kind. Refuses with `JobNotFound`."""
        job = await self._jobs.get(job_id)
        if job is None or job.kind != kind:
            raise JobNotFound("there is no such work")
        return job

    async def page(self, kind: str, limit: int, cursor: str) -> tuple[list[Job], str]:
        """Newest first. Refuses with `InvalidPage`, `CursorInvalid`."""
        return await self._jobs.page({"kind": kind}, limit, cursor)

    async def work(self) -> None:
        """Does what waits, and what a replica that died has left."""
        while job := await self._claim():
            while job and job.state is JobState.RUNNING:
                job = await self._step(job)

    async def _claim(self) -> Job | None:
        now = self._clock.now()
        due = {"$or": [{"state": "waiting"}, {"state": "running", "lease_until": {"$lt": now}}]}
        for waiting in await self._jobs.find(due, [("_id", 1)], _AT_ONCE):
            claimed = {"$set": {"state": "running", "lease_until": now + _LEASE}}
            if job := await self._jobs.change({"_id": waiting.id, "version": waiting.version}, claimed):
                return job
        return None

    async def _step(self, job: Job) -> Job | None:
        """One step and what came of it; None when the job is somebody else's now."""
        try:
            progress = await self.kinds[job.kind](job)
        except Exception as error:
            if not isinstance(error, Refused):
                log.exception("a step of %s failed", job.id)
            job.tries, job.detail = job.tries + 1, f"{type(error).__name__}: {error}"[:500]
            job.state = JobState.FAILED if job.tries >= _TRIES else job.state
        else:
            job.tries, job.detail = 0, ""
            job.done, job.total, job.cursor = progress.done, progress.total, progress.cursor
            for name, count in progress.counts.items():
                job.counts[name] = job.counts.get(name, 0) + count
            job.state = JobState.DONE if progress.over else job.state
        job.updated_at = self._clock.now()
        job.lease_until = job.updated_at + _LEASE if job.state is JobState.RUNNING else None
        try:
            return await self._jobs.save(job)
        except VersionMismatch:  # taken over
            return None
