"""This is where it is judged how sound the stock is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1 import counts_pb2, counts_pb2_grpc, stockhealth_pb2, stockhealth_pb2_grpc

from services.catalog.shelves.selling import Pace
from services.catalog.shelves.soundness import UNTOLD, Action, Age, Flag, Standing, action_of, age_of, flag_of
from services.catalog.shelves.stockouts import DAY_S
from services.kit.rpc import call
from tests.catalog.counter import Counter
from tests.catalog.shelves.test_classes import END, done, sold
from tests.catalog.shelves.test_lowstock import Desk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def standing(**more: object) -> Standing:
    known: dict[str, object] = {
        "units": 100,
        "available": 100,
        "daily_milli": 2_000,
        "last_sale": "2026-11-22",
        "age": Age(90, 120),
        "target_days": 60,
        "low": False,
        "low_elsewhere": False,
    }
    return Standing(**(known | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "flag", "action"),
    [
        ({}, Flag.HEALTHY, Action.NONE),
        ({"low_elsewhere": True}, Flag.HEALTHY, Action.TRANSFER),
        ({"units": 0, "available": 0}, Flag.OUT, Action.REORDER),
        ({"available": 0}, Flag.OUT, Action.REORDER),
        ({"low": True}, Flag.LOW, Action.REORDER),
        ({"target_days": 49}, Flag.OVERSTOCK, Action.PROMOTE),
        ({"target_days": 49, "low_elsewhere": True}, Flag.OVERSTOCK, Action.TRANSFER),
        ({"target_days": 49, "age": Age(20, 30)}, Flag.OVERSTOCK, Action.RETURN),
        ({"last_sale": "2026-08-01", "daily_milli": 0}, Flag.DEAD, Action.PROMOTE),
        ({"last_sale": "", "daily_milli": 0}, Flag.DEAD, Action.RETURN),
        ({"last_sale": "", "daily_milli": 0, "age": Age(5, 89)}, Flag.HEALTHY, Action.NONE),  # new: give it time
        ({"last_sale": "", "daily_milli": 0, "age": Age()}, Flag.HEALTHY, Action.NONE),  # nobody knows since when
    ],
)
def test_stock_is_judged_and_something_proposed(known: dict[str, object], flag: Flag, action: Action) -> None:
    one = standing(**known)
    assert flag_of(one, END, 90) is flag
    assert action_of(flag, one) is action


def test_cover_and_excess_are_of_what_sells_a_day() -> None:
    assert (standing().cover_tenths, standing().excess) == (500, 0)
    assert (standing(target_days=30).excess, standing(daily_milli=0).excess) == (40, 100)
    assert standing(daily_milli=0).cover_tenths == UNTOLD


def test_a_day_without_stock_or_before_the_first_sale_does_not_slow_the_pace() -> None:
    assert Pace(56, 56, "2026-01-01").daily_milli(END) == 2_000
    assert Pace(56, 56, "2026-01-01", out_s=14 * DAY_S).daily_milli(END) == 4_000
    assert Pace(56, 56, "2026-11-16").daily_milli(END) == 8_000
    assert Pace(56, 56, "2026-11-16", out_s=7 * DAY_S).daily_milli(END) == 56_000
    assert Pace(first="2026-01-01").daily_milli(END) == 0


def test_the_first_to_come_are_the_first_to_go() -> None:
    came = [(NOON - timedelta(days=days), units) for days, units in ((2, 10), (10, 30), (90, 100))]
    assert age_of(5, came, NOON) == Age(2, 2)
    assert age_of(40, came, NOON) == Age(8, 10)
    assert age_of(300, came, NOON) == Age((20 + 300 + 260 * 90) // 300, 90)
    assert age_of(0, came, NOON) == age_of(3, [], NOON) == Age()


@given(st.integers(1, 50), st.lists(st.tuples(st.integers(0, 400), st.integers(1, 20)), min_size=1, max_size=9))
def test_the_mean_age_is_between_none_and_the_oldest(units: int, came: list[tuple[int, int]]) -> None:
    receipts = [(NOON - timedelta(days=days), quantity) for days, quantity in sorted(came)]
    age = age_of(units, receipts, NOON)
    assert min(days for days, _ in came) <= age.mean_days <= age.oldest_days <= max(days for days, _ in came)


async def test_a_run_finds_what_is_dead_too_much_or_low_and_what_it_ties_up(counter: Counter) -> None:
    counter.house.clock.at = NOON - timedelta(days=100)
    await counter.sell("DEAD", "MUCH", "FINE", "LOW", stock=280)
    counter.house.clock.at = NOON - timedelta(days=50)
    await counter.sell("NEW", "OUT", stock=0)
    await counter.receive("NEW", 40)
    counter.house.clock.at = NOON
    every_day = [
        sold(sku, day, units) for sku, units in (("MUCH", 1), ("FINE", 10), ("LOW", 50)) for day in range(1, 91)
    ]
    await counter.database["days"].insert_many(every_day)
    await counter.house.settled()
    stub = stockhealth_pb2_grpc.StockHealthServiceStub(counter.started.channel)
    run = (await call(stub.ComputeStockHealth, stockhealth_pb2.ComputeStockHealthRequest(by="stf_1"))).job
    tally = {row.name: row.count for row in (await done(counter, run.id)).counts}
    assert tally == {"dead": 1, "overstock": 1, "healthy": 2, "low": 1, "out": 1}

    items = (await call(stub.ListStockHealth, stockhealth_pb2.ListStockHealthRequest())).items
    found = {item.sku: item for item in items}
    assert {sku: item.flag for sku, item in found.items()} == {
        "DEAD": "dead", "MUCH": "overstock", "FINE": "healthy", "LOW": "low", "NEW": "healthy", "OUT": "out"
    }  # fmt: skip
    much = found["MUCH"]
    assert (much.daily_milli, much.cover_tenths, much.target_days, much.excess_units) == (1_000, 2_800, 90, 190)
    assert (much.value_minor, much.excess_minor, much.age_days) == (280 * 400, 190 * 400, 100)
    assert much.turnover_milli == 90 * 365 // 90 * 1000 // 280
    assert (found["DEAD"].action, found["DEAD"].action_en, found["DEAD"].action_zh) == (
        "return_to_supplier", "Return it to the supplier", "退回供应商"
    )  # fmt: skip
    assert (found["LOW"].action, found["OUT"].action) == ("reorder", "reorder")
    assert await Desk(counter).low() == [("LOW", "", 280)]  # 350 sell in a week
    await Desk(counter).told("LOW", 1)

    dead = await call(stub.ListStockHealth, stockhealth_pb2.ListStockHealthRequest(flag="dead"))
    assert [item.sku for item in dead.items] == ["DEAD"]
    totals = (await call(stub.GetStockHealth, stockhealth_pb2.GetStockHealthRequest())).totals
    assert sum(total.value_minor for total in totals) == (4 * 280 + 40) * 400
    assert sum(total.daily_cost_minor for total in totals) == 61 * 400
    assert {total.currency for total in totals} == {"CNY"}


async def test_turnover_divides_by_what_lay_there_on_average(counter: Counter) -> None:
    counter.house.clock.at = NOON - timedelta(days=2)
    await counter.sell("A", stock=90)
    stub = stockhealth_pb2_grpc.StockHealthServiceStub(counter.started.channel)
    for left in (90, 60, 30):
        await counter.house.settled()
        on_hand, _, _ = await counter.there("A")
        if on_hand["main"] != left:
            await counter.receive("A", left - on_hand["main"], reason="sample")
        run = await call(stub.ComputeStockHealth, stockhealth_pb2.ComputeStockHealthRequest(by="stf_1"))
        await done(counter, run.job.id)
        counter.house.clock.advance(days=1)
    (month,) = await counter.database["shelf_months"].find({"_id": "A|2026-11"}).to_list(2)
    assert month["days"] == {"21": 90, "22": 60, "23": 30}
    (item,) = (await call(stub.ListStockHealth, stockhealth_pb2.ListStockHealthRequest())).items
    assert (item.value_minor, item.turnover_milli) == (30 * 400, 0)
    (kept,) = await counter.database["health"].find({"_id": "A"}).to_list(2)
    assert kept["average_minor"] == 60 * 400


async def test_cycle_counts_are_proposed_by_class_until_they_are_done(counter: Counter) -> None:
    counter.house.clock.at = NOON
    await counter.sell("A", "B", "C")
    await counter.database["classes"].insert_one(a_class("A"))
    health = stockhealth_pb2_grpc.StockHealthServiceStub(counter.started.channel)
    counts = counts_pb2_grpc.CountsServiceStub(counter.started.channel)

    async def proposed() -> list[tuple[str, str]]:
        run = await call(health.ComputeStockHealth, stockhealth_pb2.ComputeStockHealthRequest(by="stf_1"))
        await done(counter, run.job.id)
        found = await call(counts.ListCountProposals, counts_pb2.ListCountProposalsRequest(warehouse="main"))
        return [(row.sku, row.abc) for row in found.proposals]

    assert await proposed() == [("A", "A"), ("B", "C"), ("C", "C")]
    sheet = (await call(counts.OpenCount, counts_pb2.OpenCountRequest(proposed=2, by="stf_1"))).count
    lines = [counts_pb2.FoundUnits(sku=sku, units=10) for sku in ("A", "B")]
    await call(counts.PutCountLines, counts_pb2.PutCountLinesRequest(id=sheet.id, lines=lines, by="stf_1"))
    await call(counts.ApproveCount, counts_pb2.ApproveCountRequest(id=sheet.id, by="stf_1"))
    assert await proposed() == [("C", "C")]
    counter.house.clock.advance(days=31)
    assert await proposed() == [("A", "A"), ("C", "C")]
    asked, seen = counts_pb2.ListCountProposalsRequest(), []
    asked.page.limit = 1
    while True:
        page = await call(counts.ListCountProposals, asked)
        seen += [row.sku for row in page.proposals]
        if not page.next_cursor:
            break
        asked.page.cursor = page.next_cursor
    assert seen == ["A", "C"]


def a_class(sku: str) -> dict[str, object]:
    return {
        "_id": sku, "product_id": "p", "currency": "CNY", "value_minor": 1, "units": 1, "xyz": "X", "demand": "smooth",
        "adi_milli": 0, "cv2_milli": 0, "cv_milli": 0, "computed_at": NOON, "abc": "A", "policy": "just_in_time",
        "version": 1,
    }  # fmt: skip
