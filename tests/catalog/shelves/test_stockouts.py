"""This is where it is kept how long a SKU could not be ordered, whatever order its turns are told in."""

import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1.events_pb2 import AvailabilityChanged

from services.catalog.shelves.stockouts import DAY_S, StockoutDay, Stockouts, Turn, outages
from services.catalog.shelves.store import STOCKOUTS, TURNS
from services.catalog.store import keep
from services.kit.clock import rfc3339
from services.kit.events import Told
from tests.catalog.counter import Counter

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(days: float) -> datetime:
    return MONDAY + timedelta(days=days)


def test_an_outage_is_spread_over_its_days() -> None:
    days = outages(False, [(at(0.5), False), (at(2.25), True)], MONDAY.date(), at(3).date())
    assert [seconds for _, seconds, _ in days] == [DAY_S // 2, DAY_S, DAY_S // 4, 0]
    assert not any(still for *_, still in days)


def test_of_today_only_what_has_ended_is_counted() -> None:
    days = outages(True, [(at(1.1), True), (at(1.2), False)], MONDAY.date(), at(1).date())
    assert days == [("2026-11-23", DAY_S, False), ("2026-11-24", round(DAY_S * 0.1), True)]


@given(st.lists(st.integers(0, 9 * DAY_S), unique=True, max_size=12), st.booleans())
def test_no_day_is_out_for_longer_than_a_day_and_none_is_lost(moments: list[int], out: bool) -> None:
    turns = [(MONDAY + timedelta(seconds=s), n % 2 == int(not out)) for n, s in enumerate(sorted(moments))]
    days = outages(out, turns, MONDAY.date(), at(10).date())
    assert all(0 <= seconds <= DAY_S for _, seconds, _ in days)
    state, since, total = out, MONDAY, 0.0
    for moment, in_stock in [*turns, (at(10), True)]:
        total += (moment - since).total_seconds() if state else 0
        state, since = not in_stock, moment
    assert sum(seconds for _, seconds, _ in days) == total


def keeping(counter: Counter) -> Stockouts:
    ground = counter.started.ground
    return Stockouts(
        keep(ground, "turns", Turn, TURNS, tells=False),
        keep(ground, "stockouts", StockoutDay, STOCKOUTS, tells=False),
        counter.house.clock,
    )


async def kept(counter: Counter) -> list[tuple[str, int, bool]]:
    rows = counter.database["stockouts"].find({"sku": "A"}).sort("day", 1)
    return [(row["day"], row["seconds"], row["open"]) async for row in rows if row["seconds"] or row["open"]]


async def test_turns_in_any_order_and_twice_give_the_same_days(counter: Counter) -> None:
    counter.house.clock.at = at(4)
    stockouts = keeping(counter)
    turns = [(0.5, False), (1.5, True), (3.5, False)]
    events = [
        (AvailabilityChanged(sku="A", product_id="p", in_stock=in_stock, at=rfc3339(at(day))), Told("evt", ""))
        for day, in_stock in turns
    ]
    seen = []
    for order in itertools.permutations(events):
        for event in (*order, *order):
            await stockouts.on_availability_changed([event])
        seen.append(await kept(counter))
        await counter.database["stockouts"].delete_many({"sku": "A"})
        await counter.database["turns"].delete_many({"sku": "A"})
    half = DAY_S // 2
    expected = [("2026-11-23", half, False), ("2026-11-24", half, False), ("2026-11-26", half, False)]
    assert seen == [[*expected, ("2026-11-27", 0, True)]] * 6


async def test_what_sells_out_is_out_until_it_comes_back_over_midnight(counter: Counter) -> None:
    counter.house.clock.at = at(0.25)
    await counter.sell("A", stock=1)
    counter.house.clock.at = at(0.5)
    await counter.hold("ord_1", {"A": 1})
    await counter.confirm("ord_1", ("A", "main", 1))
    await counter.house.settled()
    assert await kept(counter) == [("2026-11-23", 0, True)]
    counter.house.clock.at = at(2.5)
    stockouts = keeping(counter)
    await stockouts.roll()
    await stockouts.roll()
    assert await kept(counter) == [
        ("2026-11-23", DAY_S // 2, False),
        ("2026-11-24", DAY_S, False),
        ("2026-11-25", 0, True),
    ]
    await counter.receive("A", 3)
    await counter.house.settled()
    assert await kept(counter) == [
        ("2026-11-23", DAY_S // 2, False),
        ("2026-11-24", DAY_S, False),
        ("2026-11-25", DAY_S // 2, False),
    ]
    out = await stockouts.seconds_out(["A", "B"], date(2026, 11, 23), date(2026, 11, 25))
    assert out == {"A": DAY_S + DAY_S // 2}
