"""This is where long work is done step by step, once, whoever does it."""

import asyncio

import pytest
from shop.catalog.v1 import jobs_pb2, jobs_pb2_grpc

from services.catalog.jobs import Job, Jobs, JobState, Progress, UnknownJobKind
from services.catalog.store import JOBS, Table
from services.kit.errors import NotFound
from services.kit.rpc import call
from services.kit.store import Turnstile
from tests.catalog.counter import Counter
from tests.house import House


class Silent:
    """Jobs tell nothing."""

    def hint(self, *_: object) -> None:
        raise AssertionError

    def look_into(self, *_: object) -> None:
        raise AssertionError


@pytest.fixture
async def jobs(house: House) -> Jobs:
    """Jobs in a database of the test's own."""
    name = f"{house.settings['database_prefix']}catalog"
    table = Table(house.mongo[name], "jobs", Job, Silent(), JOBS, Turnstile())
    await table.prepare()
    return Jobs(table, house.clock)


def counting_to(jobs: Jobs, most: int, seen: list[int]) -> None:
    """A job that counts, one step a number."""

    async def step(job: Job) -> Progress:
        number = int(job.cursor or 0) + 1
        seen.append(number)
        return Progress(number, most, str(number), {"counted": 1}, over=number == most)

    jobs.kinds["count"] = step


async def test_a_job_is_done_step_by_step_and_says_how_far_it_is(jobs: Jobs) -> None:
    seen: list[int] = []
    counting_to(jobs, 5, seen)
    started = await jobs.start("count", "To five", "staff")
    assert (started.state, started.done) == (JobState.WAITING, 0)
    await jobs.work()
    done = await jobs.get(started.id)
    assert (done.state, done.done, done.total, done.counts) == (JobState.DONE, 5, 5, {"counted": 5})
    assert seen == [1, 2, 3, 4, 5]


async def test_three_workers_do_each_step_once(jobs: Jobs) -> None:
    seen: list[int] = []
    counting_to(jobs, 20, seen)
    for _ in range(3):
        await jobs.start("count", "To twenty", "staff")
    await asyncio.gather(*(jobs.work() for _ in range(3)))
    assert sorted(seen) == sorted(list(range(1, 21)) * 3)


async def test_what_a_dead_worker_left_goes_on_where_it_was(jobs: Jobs, house: House) -> None:
    seen: list[int] = []

    async def dies(job: Job) -> Progress:
        number = int(job.cursor or 0) + 1
        seen.append(number)
        if number == 3 and seen.count(3) == 1:
            raise asyncio.CancelledError
        return Progress(number, 5, str(number), over=number == 5)

    jobs.kinds["count"] = dies
    started = await jobs.start("count", "To five", "staff")
    with pytest.raises(asyncio.CancelledError):
        await jobs.work()
    await jobs.work()  # its lease still runs
    assert (await jobs.get(started.id)).done == 2
    house.clock.advance(minutes=1)
    await jobs.work()
    assert (await jobs.get(started.id)).state is JobState.DONE
    assert seen == [1, 2, 3, 3, 4, 5]


async def test_a_step_that_keeps_failing_ends_the_job_and_says_why(jobs: Jobs) -> None:
    async def fails(_job: Job) -> Progress:
        raise NotFound("the file is gone")

    jobs.kinds["count"] = fails
    started = await jobs.start("count", "Never", "staff")
    await jobs.work()
    failed = await jobs.get(started.id)
    assert (failed.state, failed.detail) == (JobState.FAILED, "NotFound: the file is gone")


async def test_there_is_one_open_job_of_a_name(jobs: Jobs) -> None:
    seen: list[int] = []
    counting_to(jobs, 2, seen)
    started = await asyncio.gather(*(jobs.start("count", "Once", "staff", only="all") for _ in range(10)))
    assert len({job.id for job in started}) == 1
    await jobs.work()
    assert (await jobs.start("count", "Again", "staff", only="all")).id != started[0].id


async def test_a_cancelled_job_ends_after_the_step_under_way(jobs: Jobs) -> None:
    seen: list[int] = []

    async def cancelled_midway(job: Job) -> Progress:
        seen.append(1)
        await jobs.cancel(job.id)
        return Progress(1, 2, "1")

    jobs.kinds["count"] = cancelled_midway
    started = await jobs.start("count", "Cut short", "staff")
    await jobs.work()
    assert (await jobs.get(started.id)).state is JobState.CANCELLED
    assert seen == [1]


async def test_jobs_are_listed_newest_first_by_page(jobs: Jobs) -> None:
    counting_to(jobs, 1, [])
    started = [(await jobs.start("count", f"n{n}", "staff")).id for n in range(5)]
    first, cursor = await jobs.page("count", 3, "")
    second, end = await jobs.page("", 3, cursor)
    assert [job.id for job in first + second] == sorted(started, reverse=True)
    assert end == ""
    with pytest.raises(UnknownJobKind):
        await jobs.start("dance", "", "staff")


async def test_they_are_asked_for_over_grpc(counter: Counter) -> None:
    stub = jobs_pb2_grpc.JobsServiceStub(counter.started.channel)
    with pytest.raises(NotFound) as refused:
        await call(stub.GetJob, jobs_pb2.GetJobRequest(id="job_none"))
    assert refused.value.reason == "JOB_NOT_FOUND"
    with pytest.raises(NotFound):
        await call(stub.CancelJob, jobs_pb2.CancelJobRequest(id="job_none"))
    assert (await call(stub.ListJobs, jobs_pb2.ListJobsRequest())).jobs == []
