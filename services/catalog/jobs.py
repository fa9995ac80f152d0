"""This is where work that takes longer than a call is done: step by step, each step kept, so that any replica can go on.

A kind of work is one function that does a bounded step from where the last one ended and says how far it came. A crash
repeats the step that was under way: steps bear repeating.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound, Refused, VersionMismatch
from services.kit.ids import new_id
from services.kit.store import decode_cursor, encode_cursor, found

from .store import Table

log = logging.getLogger(__name__)
_AT_ONCE = 4  # looked at: should another replica take the first, there is a second
_LEASE = timedelta(seconds=30)
_TRIES = 5
_MOST = 100


class JobState(StrEnum):
    """The life of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (JobState.WAITING.value, JobState.RUNNING.value)


@dataclass
class Job:
    """A piece of work. `done` of `total` (0: not known yet); `cursor` is where the next step begins."""

    id: str
    kind: str
    title: str
    by: str
    created_at: datetime
    updated_at: datetime
    state: JobState = JobState.WAITING
    done: int = 0
    total: int = 0
    cursor: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # what came of it
    detail: str = ""  # why it failed
    tries: int = 0  # of the step under way
    lease_until: datetime | None = None
    # While it is open: what there may be only one of at a time; a fresh id otherwise.
    only: str = ""
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
    """There is no such job."""


class UnknownJobKind(Invalid):
    """Nobody knows how to do that."""


class Jobs:
    """Starts jobs, does them, tells how far they are."""

    def __init__(self, jobs: Table[Job], clock: Clock) -> None:
        self._jobs, self._clock = jobs, clock
        self.kinds: dict[str, Step] = {}

    async def start(
        self, kind: str, title: str, by: str, parameters: Mapping[str, str] | None = None, *, only: str = ""
    ) -> Job:
        """A new job; or the one that is open already, when there may be `only` one of that name."""
        if kind not in self.kinds:
            raise UnknownJobKind(f"no job is called {kind}")
        now, job_id = self._clock.now(), new_id("job")
        name = f"{kind}:{only}" if only else job_id
        job = Job(job_id, kind, title, by, now, now, parameters=dict(parameters or {}), only=name)
        for _ in range(_TRIES):
            try:
                return await self._jobs.insert(job)
            except AlreadyExists:
                if there := await self._jobs.one({"only": name}):
                    return there
        return job

    async def get(self, job_id: str) -> Job:
        """Refuses with JOB_NOT_FOUND."""
        return found(await self._jobs.get(job_id), JobNotFound("there is no such job"))

    async def page(self, kind: str, limit: int, cursor: str) -> tuple[list[Job], str]:
        """Newest first, of one kind or all, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if kind:
            where["kind"] = kind
        items = await self._jobs.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def cancel(self, job_id: str) -> Job:
        """Ends it after the step under way; what is over stays as it is. Refuses with JOB_NOT_FOUND."""
        ended = self._over(JobState.CANCELLED)
        where = {"_id": job_id, "state": {"$in": list(OPEN)}}
        return await self._jobs.change(where, {"$set": ended | {"only": f"over:{job_id}"}}) or await self.get(job_id)

    async def work(self) -> None:
        """Does what waits, and what a replica that died has left; one job at a time."""
        while job := await self._claim():
            while job and job.state is JobState.RUNNING:
                job = await self._step(job)

    async def _claim(self) -> Job | None:
        now = self._clock.now()
        left = {"state": JobState.RUNNING.value, "lease_until": {"$lt": now}}
        due = {"$or": [{"state": JobState.WAITING.value}, left]}
        for waiting in await self._jobs.find(due, [("_id", 1)], _AT_ONCE):
            claimed = {"$set": {"state": JobState.RUNNING.value, "lease_until": now + _LEASE}}
            if job := await self._jobs.change({"_id": waiting.id, "version": waiting.version}, claimed):
                return job
        return None

    async def _step(self, job: Job) -> Job | None:
        """One step and what came of it; None when the job is somebody else's now."""
        try:
            progress = await self.kinds[job.kind](job)
        except Exception as error:
            if not isinstance(error, Refused):
                log.exception("a step of job %s failed", job.id)
            job.tries += 1
            job.detail = f"{type(error).__name__}: {error}"[:500]
            if job.tries >= _TRIES:
                self._end(job, JobState.FAILED)
        else:
            job.tries, job.detail = 0, ""
            job.done, job.total, job.cursor = progress.done, progress.total, progress.cursor
            for name, count in progress.counts.items():
                job.counts[name] = job.counts.get(name, 0) + count
            if progress.over:
                self._end(job, JobState.DONE)
        job.updated_at = self._clock.now()
        if job.state is JobState.RUNNING:
            job.lease_until = job.updated_at + _LEASE
        try:
            return await self._jobs.save(job)
        except VersionMismatch:  # cancelled meanwhile, or taken over
            return None

    def _end(self, job: Job, state: JobState) -> None:
        job.state, job.only, job.lease_until = state, f"over:{job.id}", None

    def _over(self, state: JobState) -> dict[str, object]:
        return {"state": state.value, "updated_at": self._clock.now(), "lease_until": None}
