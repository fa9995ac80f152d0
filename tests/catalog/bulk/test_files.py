"""This is where a large file goes in batch by batch, whoever dies meanwhile, and each row is answered."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from shop.catalog.v1 import bulk_pb2, bulk_pb2_grpc
from shop.catalog.v1.products_pb2 import ImportRow, RowAnswer

from services.catalog.bulk.files import Batch, BatchRow, Files, ImportFile
from services.catalog.bulk.service import BATCHES, FILES
from services.catalog.jobs import Job, Jobs, JobState
from services.catalog.rows import Answer
from services.catalog.store import JOBS, Table
from services.kit.errors import FieldError, Invalid, NotFound, WrongState
from services.kit.rpc import call
from services.kit.store import Turnstile
from tests.catalog.counter import Counter, all_at_once, cells, reasons
from tests.catalog.test_jobs import Silent
from tests.house import House


class Shelf:
    """Takes rows in, and dies at the batch it is told to."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.dies_at = 0

    async def take_in(self, rows: Sequence[tuple[int, Mapping[str, str]]], *, publish: bool, by: str) -> list[Answer]:
        if rows and rows[0][0] == self.dies_at:
            self.dies_at = 0
            raise asyncio.CancelledError
        self.taken += [number for number, _ in rows]
        return [
            Answer(number, row["sku"], (FieldError("stock", "is missing"),) if number % 10 == 0 else ())
            for number, row in rows
        ]


@pytest.fixture
def shelf() -> Shelf:
    """Where rows go."""
    return Shelf()


@pytest.fixture
async def jobs(house: House) -> Jobs:
    """Jobs in a database of the test's own."""
    table = Table(house.mongo[_database(house)], "jobs", Job, Silent(), JOBS, Turnstile())
    await table.prepare()
    return Jobs(table, house.clock)


@pytest.fixture
async def files(house: House, shelf: Shelf, jobs: Jobs) -> Files:
    """Files in a database of the test's own."""
    database = house.mongo[_database(house)]
    batches = Table(database, "import_batches", Batch, Silent(), BATCHES, Turnstile())
    kept = Table(database, "import_files", ImportFile, Silent(), FILES, Turnstile())
    await batches.prepare()
    await kept.prepare()
    return Files(batches, kept, shelf, jobs, house.clock)


def _database(house: House) -> str:
    return f"{house.settings['database_prefix']}catalog"


def rows(first: int, count: int) -> list[BatchRow]:
    return [BatchRow(n, {"sku": f"S{n}"}) for n in range(first, first + count)]


async def sent(files: Files, batches: int, each: int = 50) -> str:
    for number in range(batches):
        await files.add("file1", number, rows(2 + number * each, each), "stf_1")
    return "file1"


async def test_a_file_goes_in_in_its_order_and_every_row_is_answered(files: Files, jobs: Jobs, shelf: Shelf) -> None:
    await sent(files, 8)
    job, again = await files.begin("file1", 8, 400, publish=True, by="stf_1")
    assert not again
    await jobs.work()
    done = await jobs.get(job.id)
    assert (done.state, done.done, done.total) == (JobState.DONE, 400, 400)
    assert done.counts == {"accepted": 360, "rejected": 40}
    assert shelf.taken == list(range(2, 402))
    seen: list[int] = []
    cursor = ""
    while True:
        page, cursor = await files.outcomes(job.id, False, 30, cursor)
        seen += [outcome.number for outcome in page]
        if not cursor:
            break
    assert seen == list(range(2, 402))


@pytest.mark.parametrize("size", [1, 3, 7, 40, 100])
async def test_the_rows_that_stayed_out_are_listed_by_page(files: Files, jobs: Jobs, size: int) -> None:
    await sent(files, 8)
    job, _ = await files.begin("file1", 8, 400, publish=True, by="stf_1")
    await jobs.work()
    seen: list[int] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        page, cursor = await files.outcomes(job.id, True, size, cursor)
        assert all(outcome.errors for outcome in page)
        seen, pages = seen + [outcome.number for outcome in page], pages + 1
    assert seen == list(range(10, 402, 10))


async def test_who_dies_midway_is_followed_by_another(files: Files, jobs: Jobs, shelf: Shelf, house: House) -> None:
    await sent(files, 4)
    job, _ = await files.begin("file1", 4, 200, publish=True, by="stf_1")
    shelf.dies_at = 102
    with pytest.raises(asyncio.CancelledError):
        await jobs.work()
    assert (await jobs.get(job.id)).done == 100
    house.clock.advance(minutes=1)
    await jobs.work()
    assert (await jobs.get(job.id)).counts == {"accepted": 180, "rejected": 20}
    assert shelf.taken == list(range(2, 202))


async def test_the_same_file_sent_twenty_times_is_one_job(files: Files, jobs: Jobs, shelf: Shelf) -> None:
    await asyncio.gather(*(sent(files, 3) for _ in range(20)))
    begun = await asyncio.gather(*(files.begin("file1", 3, 150, publish=True, by="stf_1") for _ in range(20)))
    assert len({job.id for job, _ in begun}) == 1
    await jobs.work()
    assert shelf.taken == list(range(2, 152))
    job, again = await files.begin("file1", 3, 150, publish=True, by="stf_1")
    assert again
    assert job.state is JobState.DONE


async def test_what_cannot_be_is_refused(files: Files) -> None:
    for number, batch in ((-1, rows(2, 1)), (0, []), (0, rows(2, 501))):
        with pytest.raises(Invalid) as refused:
            await files.add("file1", number, batch, "stf_1")
        assert refused.value.reason == "INVALID_BATCH"
    with pytest.raises(Invalid):
        await files.add("fi le", 0, rows(2, 1), "stf_1")
    with pytest.raises(NotFound):
        await files.begin("file1", 1, 1, publish=True, by="stf_1")
    with pytest.raises(NotFound):
        await files.outcomes("file1", False, 10, "")
    await sent(files, 1)
    await files.begin("file1", 1, 50, publish=True, by="stf_1")
    with pytest.raises(WrongState):
        await files.add("file1", 1, rows(52, 1), "stf_1")


async def test_over_grpc_real_rows_go_on_sale_and_broken_ones_say_why(counter: Counter) -> None:
    stub = bulk_pb2_grpc.BulkImportsServiceStub(counter.started.channel)
    sent_rows = [ImportRow(row=n, cells=cells(f"S{n}")) for n in range(2, 20)]
    sent_rows[3] = ImportRow(row=5, problem="broken quoting")
    sent_rows[5].cells["price_minor"] = "-1"
    batch = bulk_pb2.AddImportRowsRequest(import_id="f1", number=0, rows=sent_rows, by="stf_1")
    begin = bulk_pb2.BeginImportRequest(import_id="f1", batches=1, rows=18, publish=True, by="stf_1")
    await all_at_once(*(call(stub.AddImportRows, batch) for _ in range(3)))
    begun = await all_at_once(*(call(stub.BeginImport, begin) for _ in range(3)))
    assert reasons(begun) == []
    asked = bulk_pb2.ListImportRowsRequest(id=begun[0].job.id, rejected=True)
    while not (answered := await call(stub.ListImportRows, asked)).rows:
        await asyncio.sleep(0.02)
    assert [(row.row, row.sku, row.ok) for row in answered.rows] == [(5, "", False), (7, "S7", False)]
    assert answered.rows[0].errors[0].message == "broken quoting"
    assert answered.rows[1].errors[0].column == "price_minor"
    found = await counter.search()
    assert len(found.items) == 16
    assert isinstance(answered.rows[0], RowAnswer)
