"""This is where earlier sales come in: row by row, again and again, beside what the shop sells itself."""

from datetime import timedelta

import pytest

from services.catalog.baskets import SkuDay
from services.catalog.store import Write
from services.catalog.supply.history import InvalidSales, SalesRow
from services.catalog.supply.pasts import DAYS
from tests.catalog.counter import Counter
from tests.catalog.supply.replicas import Replica, bring, sales

GOOD = {"day": "2026-01-05", "sku": "A", "units": "3", "revenue_minor": "2700", "currency": "CNY"}


async def test_each_row_is_answered_and_good_ones_go_in(counter: Counter) -> None:
    await counter.sell("A")
    bad = [
        {"day": "05.01.2026"},
        {"day": "2999-01-01"},
        {"sku": "NONE"},
        {"sku": "a b"},
        {"units": "-1"},
        {"units": "1e3"},
        {"revenue_minor": ""},
        {"currency": "yuan"},
    ]
    rows = [SalesRow(n, GOOD | wrong) for n, wrong in enumerate(({}, *bad), 2)]
    answered = (await bring(counter, [*rows, SalesRow(11, {}, "broken quoting")])).rows
    assert [row.ok for row in answered] == [True, *[False] * 9]
    columns = [row.errors[0].column for row in answered[1:]]
    assert columns == ["day", "day", "sku", "sku", "units", "units", "revenue_minor", "currency", ""]
    assert await counter.database["sales_days"].count_documents({"sku": "A", "day": {"$gte": ""}}) == 1


async def test_the_same_day_again_replaces_it(counter: Counter) -> None:
    await counter.sell("A")
    for units in ("3", "3", "8"):
        await bring(counter, [SalesRow(2, GOOD | {"units": units})])
    await bring(counter, [SalesRow(2, GOOD | {"units": "1"}), SalesRow(3, GOOD | {"units": "5"})])
    day = await counter.database["sales_days"].find_one({"_id": "A|2026-01-05"})
    assert day is not None and day["units"] == 5  # the last of a file counts


async def test_a_batch_is_bounded(replica: Replica) -> None:
    with pytest.raises(InvalidSales):
        await replica.wing.history.take_in([SalesRow(n, GOOD) for n in range(1_001)], "staff")


async def test_own_days_stand_and_are_never_added_to(counter: Counter, replica: Replica) -> None:
    await counter.sell("A")
    await replica.wing.history.take_in(sales("A", replica.today, 3, 10), "staff")
    yesterday = (replica.today - timedelta(days=1)).isoformat()
    own = SkuDay(f"A|{yesterday}", "A", "prd", yesterday, "CNY", units=2, orders=1)
    writes: list[Write] = [replica.core.days.inserting(own)]
    await replica.core.days.write_each(writes)
    skus = await replica.core.skus.parts({"live": True}, {"product_id": 1, "category": 1})
    past = await replica.wing.runs.pasts.of(skus, replica.today)
    units = dict(zip(past.units.columns, past.units.values, strict=True))  # later ones stand over earlier ones
    assert units == {DAYS - 3: 10 + 5, DAYS - 2: 10 + 4, DAYS - 1: 2} or units[DAYS - 1] == 2
    assert past.since[0] == DAYS - 3
