"""This is where a file of products waits in batches, is taken in batch by batch by a job, and keeps an answer per row.

A batch is written once, taken in as often as it takes (rows are upserts), and carries its answers. Batches are thrown away a
month after the file was sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.catalog.fields import Faults
from services.catalog.imports import MOST_ROWS
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.rows import Answer
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, WrongState
from services.kit.store import decode_cursor, encode_cursor

KIND = "import"
_KEPT = timedelta(days=30)
_MOST_BATCHES = 2_000
_PAGE = 100
_BATCHES_READ = 5
_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class ImportNotFound(NotFound):
    """There is no such file, or it is another's."""


class InvalidBatch(Invalid):
    """Not a batch of a file."""


class ImportBegun(WrongState):
    """The file is being taken in already."""


@dataclass
class BatchRow:
    """A row as read; `problem` says why it could not be read."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass
class RowOutcome:
    """What became of a row; no errors: it went in."""

    number: int
    sku: str
    errors: list[FieldError] = field(default_factory=list)


@dataclass
class Batch:
    """A batch of a file. The id is `file:number`."""

    id: str
    import_id: str
    number: int
    rows: list[BatchRow]
    by: str
    expires_at: datetime
    outcomes: list[RowOutcome] = field(default_factory=list)
    rejected: int = 0
    done: bool = False
    version: int = 0


@dataclass
class ImportFile:
    """A file that is whole. The id is the sender's for it."""

    id: str
    job_id: str
    batches: int
    rows: int
    publish: bool
    by: str
    expires_at: datetime
    version: int = 0


class TakesIn(Protocol):
    """Takes rows in, as a call with few of them does."""

    async def take_in(self, rows: Sequence[tuple[int, Mapping[str, str]]], *, publish: bool, by: str) -> list[Answer]:
        """An answer a row."""
        ...


class Files:
    """Keeps files and has jobs take them in."""

    def __init__(
        self, batches: Table[Batch], files: Table[ImportFile], imports: TakesIn, jobs: Jobs, clock: Clock
    ) -> None:
        self._batches, self._files, self._imports = batches, files, imports
        self._jobs, self._clock = jobs, clock
        jobs.kinds[KIND] = self._step

    async def add(self, import_id: str, number: int, rows: Sequence[BatchRow], by: str) -> None:
        """Keeps a batch, once. Refuses with INVALID_BATCH, and IMPORT_BEGUN when it comes too late."""
        faults = Faults()
        if not _ID.fullmatch(import_id):
            faults.add("/import_id", "must be 1 to 64 letters and digits")
        faults.number("/number", number, 0, _MOST_BATCHES - 1)
        faults.number("/rows", len(rows), 1, MOST_ROWS)
        faults.refuse(InvalidBatch)
        key = f"{import_id}:{number:06}"
        batch = Batch(key, import_id, number, list(rows), by, self._clock.now() + _KEPT)
        taken = await self._batches.write_each([self._batches.inserting(batch)])
        if not taken and await self._files.get(import_id):
            raise ImportBegun("this file is being taken in already")

    async def begin(self, import_id: str, batches: int, rows: int, *, publish: bool, by: str) -> tuple[Job, bool]:
        """The job that takes a whole file in, and whether it had begun before. Refuses with IMPORT_NOT_FOUND."""
        if there := await self._files.get(import_id):
            return await self._jobs.get(there.job_id), True
        if not await self._batches.get(f"{import_id}:{batches - 1:06}"):
            raise ImportNotFound("there is no such file")
        parameters = {"import_id": import_id, "batches": str(batches), "rows": str(rows), "publish": str(int(publish))}
        job = await self._jobs.start(KIND, f"{rows:,} rows", by, parameters, only=import_id)
        file = ImportFile(import_id, job.id, batches, rows, publish, by, self._clock.now() + _KEPT)
        try:
            await self._files.insert(file)
        except AlreadyExists:
            return await self.begin(import_id, batches, rows, publish=publish, by=by)
        return job, False

    async def _step(self, job: Job) -> Progress:
        """Takes one batch in."""
        number, batches = int(job.cursor or 0), int(job.parameters["batches"])
        batch = await self._batches.get(f"{job.parameters['import_id']}:{number:06}")
        if batch is None:
            raise ImportNotFound(f"batch {number} of the file is gone")
        readable = [(row.number, row.cells) for row in batch.rows if not row.problem]
        answers = await self._imports.take_in(readable, publish=job.parameters["publish"] == "1", by=batch.by)
        outcomes = [RowOutcome(row.number, "", [FieldError("", row.problem)]) for row in batch.rows if row.problem]
        outcomes += [RowOutcome(answer.number, answer.sku, list(answer.errors)) for answer in answers]
        batch.outcomes = sorted(outcomes, key=lambda outcome: outcome.number)
        batch.rejected, batch.done = sum(bool(outcome.errors) for outcome in outcomes), True
        batch.rows = []
        await self._batches.save(batch)
        counts = {"accepted": len(outcomes) - batch.rejected, "rejected": batch.rejected}
        done, total = job.done + len(outcomes), int(job.parameters["rows"])
        return Progress(done, total, str(number + 1), counts, over=number + 1 == batches)

    async def outcomes(self, job_or_file: str, rejected: bool, limit: int, cursor: str) -> tuple[list[RowOutcome], str]:
        """A page of what became of the rows, and where the next starts. Refuses with IMPORT_NOT_FOUND."""
        file = await self._files.one(
            {"job_id": job_or_file} if job_or_file.startswith("job_") else {"_id": job_or_file}
        )
        if file is None:
            raise ImportNotFound("there is no such file")
        number, skip = decode_cursor(cursor, 2) if cursor else (0, 0)
        where = {"import_id": file.id, "number": {"$gte": number}, "done": True}
        if rejected:
            where["rejected"] = {"$gt": 0}
        size = min(limit or _PAGE, MOST_ROWS)
        found: list[RowOutcome] = []
        for batch in await self._batches.find(where, [("number", 1)], _BATCHES_READ):
            rows = [outcome for outcome in batch.outcomes if outcome.errors or not rejected]
            start = int(skip) if batch.number == number else 0
            end = start + size - len(found)
            found += rows[start:end]
            if end <= len(rows):  # a full page
                return found, encode_cursor(batch.number, end)
            number, skip = batch.number + 1, 0
        return found, encode_cursor(number, 0) if found and number < file.batches else ""
