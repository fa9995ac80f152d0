"""This is where SKUs are classed by value, steadiness and the pattern of their demand."""

import asyncio
from collections import Counter as Tally
from datetime import UTC, date, datetime, timedelta

import pytest
from shop.catalog.v1 import classes_pb2, classes_pb2_grpc, jobs_pb2, jobs_pb2_grpc

from services.catalog.baskets import SkuDay
from services.catalog.shelves.classes import by_week, pattern, share_class
from services.kit.rpc import call
from services.kit.store import encode
from tests.catalog.counter import Counter
from tests.catalog.supply.extract import FIRST, LAST
from tests.catalog.supply.retail import retail

END = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("weeks", "demand", "xyz"),
    [
        ([10, 11, 9, 10], "smooth", "X"),
        ([1, 30, 2, 40], "erratic", "Y"),
        ([5, 0, 5, 0, 0, 5, 0, 0], "intermittent", "Z"),
        ([1, 0, 0, 50, 0, 0, 2, 0], "lumpy", "Z"),
        ([], "none", "Z"),
    ],
)
def test_demand_is_classed_by_how_often_and_how_evenly_it_comes(weeks: list[float], demand: str, xyz: str) -> None:
    found = pattern(weeks)
    assert (found.demand, found.xyz) == (demand, xyz)


def test_weeks_are_whole_and_begin_with_the_first_sale() -> None:
    sales = [("2026-11-22", 1), ("2026-11-16", 2), ("2026-11-15", 4), ("2026-10-26", 8), ("2026-11-23", 99)]
    assert by_week(sales, END) == [8, 0, 4, 3]
    assert by_week([], END) == []


def test_class_a_ends_with_the_sku_that_reaches_its_share() -> None:
    assert [share_class(before, 100, 80, 95) for before in (0, 79, 80, 94, 95, 100)] == list("AABBCC")
    assert share_class(0, 0, 80, 95) == "C"


def test_the_real_sales_are_classed_by_value_and_pattern() -> None:
    """Ten of the thirteen months; the published split of them all is A 776, B 922, C 1,967 of 3,665 SKUs."""
    data = retail()
    values = sorted(
        (int(units.sum() * price) for units, price in zip(data.units, data.prices, strict=True)), reverse=True
    )
    total, before, tally = sum(values), 0, Tally[str]()
    for value in values:
        tally[share_class(before, total, 80, 95)] += 1
        before += value
    days = [(FIRST + timedelta(days=n)).isoformat() for n in range((LAST - FIRST).days + 1)]
    end = LAST + timedelta(days=1)
    demands = Tally(
        pattern(by_week([(days[n], float(units[n])) for n in units.nonzero()[0]], end)).demand for units in data.units
    )
    assert tally == {"A": 787, "B": 940, "C": 1_908}
    assert demands == {"lumpy": 1_481, "erratic": 1_073, "intermittent": 762, "smooth": 319}


def sold(sku: str, day: int, units: int, price: int = 100) -> dict[str, object]:
    when = (END - timedelta(days=day)).isoformat()
    row = encode(SkuDay(f"{sku}|{when}", sku, "prd", when, "CNY", units, 1, units * price, units * price, 1))
    row["_id"] = row.pop("id")
    return dict(row)


async def test_a_run_classes_every_sku_and_lists_the_most_valuable_first(counter: Counter) -> None:
    counter.house.clock.at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    await counter.sell("A", "B", "C", "D")
    weekly = [sold("A", 7 * week + 1, 100) for week in range(8)]
    await counter.database["days"].insert_many([*weekly, sold("B", 3, 70), sold("B", 30, 80), sold("C", 2, 9)])
    stub = classes_pb2_grpc.ClassesServiceStub(counter.started.channel)
    first, again = [
        (await call(stub.ClassifyStock, classes_pb2.ClassifyStockRequest(by="stf_1"))).job.id for _ in range(2)
    ]
    assert first == again
    await done(counter, first)
    found = (await call(stub.ListClasses, classes_pb2.ListClassesRequest())).classes
    assert [(each.sku, each.abc, each.policy, each.demand, each.xyz) for each in found] == [
        ("A", "A", "just_in_time", "smooth", "X"),
        ("B", "B", "standard", "intermittent", "Z"),
        ("C", "C", "pooled", "smooth", "X"),
        ("D", "C", "pooled", "none", "Z"),
    ]
    assert [each.value_minor for each in found] == [80_000, 15_000, 900, 0]
    asked, seen = classes_pb2.ListClassesRequest(abc="C"), []
    asked.page.limit = 1
    while True:
        page = await call(stub.ListClasses, asked)
        seen += [each.sku for each in page.classes]
        if not page.next_cursor:
            break
        asked.page.cursor = page.next_cursor
    assert seen == ["C", "D"]


async def done(counter: Counter, job_id: str) -> jobs_pb2.Job:
    """The job, once it is over."""
    stub = jobs_pb2_grpc.JobsServiceStub(counter.started.channel)
    async with asyncio.timeout(15):
        while (job := (await call(stub.GetJob, jobs_pb2.GetJobRequest(id=job_id))).job).state < jobs_pb2.JOB_STATE_DONE:
            await asyncio.sleep(0.02)
    assert job.state == jobs_pb2.JOB_STATE_DONE, job
    return job
