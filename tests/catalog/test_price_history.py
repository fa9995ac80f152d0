"""This is where it is asked what a thing cost before a reduction."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from shop.catalog.v1.prices_pb2 import GetPriceHistoryRequest, LowestAsked, SetPriceRequest
from shop.type.v1.page_pb2 import Page

from services.catalog.price_history import lowest_before, reduced_at, regular_of
from services.catalog.skus import PriceEntry, price_entry
from services.kit.clock import rfc3339
from services.kit.money import Money
from services.kit.rpc import call
from tests.catalog.counter import Counter, cny

DAY0 = datetime(2026, 1, 1, tzinfo=UTC)


def entries(*changes: tuple[float, int, str]) -> list[PriceEntry]:
    """(day, price, by), oldest first; answered newest first."""
    made = [
        price_entry("A", n, Money("CNY", price), DAY0 + timedelta(days=day), "", by)
        for n, (day, price, by) in enumerate(changes, 1)
    ]
    return made[::-1]


_CHANGES = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 50)), min_size=1, max_size=30)


@given(_CHANGES, st.integers(0, 100), st.integers(1, 40))
def test_the_lowest_price_is_what_a_scan_of_every_day_finds(
    changes: list[tuple[int, int]], day: int, days: int
) -> None:
    """Prices change at midnight here, so one look at each day's noon sees every price that was in force at all."""
    history = entries(*((d, price, "stf") for d, price in sorted(changes, key=lambda change: change[0])))
    seen: list[int] = []
    for each in range(day - days, day):
        noon = DAY0 + timedelta(days=each, hours=12)
        if in_force := [entry for entry in history if entry.at <= noon]:
            seen.append(in_force[0].price.minor)
    lowest = lowest_before(history, DAY0 + timedelta(days=day), days)
    assert (lowest.minor if lowest else None) == min(seen, default=None)


def test_a_reduction_begins_with_the_first_of_its_steps() -> None:
    history = entries((0, 1000, "stf"), (10, 800, "rule:prl_1"), (11, 900, "rule:prl_1"), (12, 700, "rule:prl_2"))
    assert reduced_at(history) == DAY0 + timedelta(days=10)
    regular = regular_of(history)
    assert regular is not None and regular.price.minor == 1000


def test_what_went_back_before_is_not_the_same_reduction() -> None:
    history = entries((0, 1000, "stf"), (10, 800, "rule:a"), (11, 1000, "rule:a"), (20, 900, "rule:a"))
    assert reduced_at(history) == DAY0 + timedelta(days=20)
    assert reduced_at(history[1:]) is None
    lowest = lowest_before(history, DAY0 + timedelta(days=20), 30)
    assert lowest is not None and lowest.minor == 800


def test_staff_who_lower_a_price_reduce_it_too() -> None:
    assert reduced_at(entries((0, 1000, "stf"), (5, 900, "stf"))) == DAY0 + timedelta(days=5)
    assert reduced_at(entries((0, 1000, "stf"), (5, 1100, "stf"))) is None


async def test_a_long_history_is_read_page_by_page_and_says_the_lowest(counter: Counter) -> None:
    await counter.sell("A", price_minor=900)
    began = counter.house.clock.now()
    for n in range(1, 8):
        counter.house.clock.advance(days=10)
        await call(counter.prices.SetPrice, SetPriceRequest(sku="A", price=cny(1000 + n), by="stf"))
    seen: list[int] = []
    asked = GetPriceHistoryRequest(sku="A", page=Page(limit=3))
    while True:
        answered = await call(counter.prices.GetPriceHistory, asked)
        seen += [entry.version for entry in answered.entries]
        if not answered.next_cursor:
            break
        asked.page.cursor = answered.next_cursor
    assert seen == [8, 7, 6, 5, 4, 3, 2, 1]
    asked = GetPriceHistoryRequest(sku="A", lowest=LowestAsked())
    lowest = (await call(counter.prices.GetPriceHistory, asked)).lowest
    assert (lowest.price.minor, lowest.days) == (
        1004,
        30,
    )  # no reduction: of the last 30 days, what ran into them included
    asked.lowest.before = rfc3339(began + timedelta(days=15))
    assert (await call(counter.prices.GetPriceHistory, asked)).lowest.price.minor == 900
    asked.lowest.before = rfc3339(began)
    assert not (await call(counter.prices.GetPriceHistory, asked)).lowest.HasField("price")
    await call(counter.prices.SetPrice, SetPriceRequest(sku="A", price=cny(950), by="stf"))
    counter.house.clock.advance(days=5)
    asked.lowest.before = ""
    lowest = (await call(counter.prices.GetPriceHistory, asked)).lowest
    assert (lowest.price.minor, lowest.before) == (1004, rfc3339(began + timedelta(days=70)))
