"""This is where facts are held to be recorded once: told twice, shuffled, after a restart, by two replicas."""

import asyncio
import hashlib
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from services.kit.clock import SystemClock
from services.kit.events import subject_of
from services.kit.store import Turnstile
from services.metrics.days import Calendar
from services.metrics.facts import Fact, Facts
from services.metrics.live import Live
from services.metrics.messages.told import FACTS
from services.metrics.store import FactStore
from tests.house import House, Started
from tests.metrics.story import NOON, at, did, exported, history, line, paid, record, start, told, values


async def digest(metrics: Started) -> str:
    """A hash of all facts, without the ids of their events."""
    rows = await metrics.ground.database["facts"].find({"type": {"$gt": ""}}).to_list()
    plain = sorted(str({name: row[name] for name in sorted(row) if name != "_id"}) for row in rows)
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()


async def taken_in(
    house: House, told_twice: Sequence[tuple[int, Any]], metrics: Started
) -> tuple[str, dict[Any, float]]:
    """What facts and exported values a sequence of (id, event) makes."""
    for number, event in told_twice:
        await house.tell(event, event_id=f"evt_{number:04}")
    await house.settled()
    return await digest(metrics), exported(metrics)


@pytest.mark.parametrize("orders", [4, pytest.param(20, marks=pytest.mark.long)])
async def test_duplicates_and_shuffles_change_nothing(house: House, orders: int) -> None:
    """Many orders of telling, each event one to three times: the same facts, the same exported values."""
    metrics = await start(house)
    events = list(enumerate(history()))
    expected = await taken_in(house, events, metrics)
    assert expected[1]["shop_gmv_minor_total", (("channel", "storefront"), ("currency", "CNY"))] == 40000
    for seed in range(orders):
        dice = random.Random(seed)
        repeated = [event for event in events for _ in range(dice.randint(1, 3))]
        dice.shuffle(repeated)
        await metrics.stop()
        await facts_of(house).delete_many({"type": {"$gt": ""}})
        metrics = await start(house)
        assert await taken_in(house, repeated, metrics) == expected, f"seed {seed}"


def facts_of(house: House) -> Any:
    """The collection, by the test's own client."""
    return house.mongo[f"{house.settings['database_prefix']}metrics"]["facts"]


async def test_an_order_is_paid_once_whatever_is_told_again(house: House) -> None:
    """Another event id for the same order: told again from a rebuilt outbox, say."""
    metrics = await start(house)
    order = paid("ord_1", [line("a-1", 1, 100)], at())
    await told(house, [order, order, order])
    assert await values(metrics, "orders") == {("", ""): 1}
    assert exported(metrics)["shop_units_sold_total", ()] == 1


async def test_a_restart_shows_the_same_values(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    await record(
        metrics, did("view_item", "v1"), did("add_to_cart", "v1"), did("purchase", "v2"), did("page_view", "v3")
    )
    await metrics.ground.bus.connected.wait()
    before = exported(metrics)
    assert before["shop_visitors_today", (("stage", "any"),)] == 3
    assert before["shop_sessions_today", (("did", "abandoned"),)] == 1
    await metrics.stop()
    metrics = await start(house)
    after = exported(metrics)
    shelf = {"shop_skus_on_sale", "shop_skus_out_of_stock", "shop_stock_units"}
    assert {key: after[key] for key in after if key[0] not in shelf} == {
        key: before[key] for key in before if key[0] not in shelf
    }
    assert [after[name, ()] for name in sorted(shelf)] == [3, 1, 15]


async def test_a_value_moves_within_two_seconds_of_its_event(house: House) -> None:
    house.clock.at = NOON
    metrics = await house.start("metrics")  # gathering as long as in production
    await told(house, [paid("ord_1", [line("a-1", 1, 100)], at())])
    begun = time.monotonic()
    await house.tell(paid("ord_2", [line("a-1", 1, 100)], at()))
    while exported(metrics)["shop_units_sold_total", ()] < 2:
        await asyncio.sleep(0.01)
        assert time.monotonic() - begun < 2


async def test_an_order_that_does_not_say_when_is_paid_when_it_is_told(house: House) -> None:
    metrics = await start(house)
    told_on = SystemClock().now().date()
    order = paid("ord_1", [line("a-1", 1, 100)], "yesterday")
    await told(house, [order, paid("ord_2", [line("a-1", 1, 100)], at())])
    rows = await facts_of(house).find({"type": "order_paid"}).to_list()
    days = {row["reference"]: row["at"].date() for row in rows}
    assert days["ord_1"] - told_on <= timedelta(days=1)
    assert days["ord_2"] == NOON.date()
    assert exported(metrics)["shop_units_sold_total", ()] == 2


async def test_facts_name_nobody(house: House) -> None:
    metrics = await start(house)
    order = paid("ord_1", [line("a-1", 1, 100)], at(), "cus_1")
    order.sealed_address = b"canary-address"
    order.region.city, order.region.district = "canary-city", "canary-district"
    await told(house, [order])
    await record(
        metrics,
        did("search", "v1", query="canary@example.com"),
        did("search", "v1", query="call 138 0013 8000"),
        did("search", "v1", query="Canvas Bag 2026"),
    )
    rows = str(await metrics.ground.database["facts"].find({"type": {"$gt": ""}}).to_list())
    assert "canary" not in rows
    assert "8000" not in rows
    assert "canvas bag 2026" in rows


def test_every_event_of_every_service_is_heard() -> None:
    """A new event in any events.proto is heard here, or this fails."""
    import importlib

    services = ("catalog", "crm", "logistics", "marketing", "orders")
    files = [importlib.import_module(f"shop.{service}.v1.events_pb2").DESCRIPTOR for service in services]
    told = {message.full_name for file in files for message in file.message_types_by_name.values()}
    assert told - {subject_of(kind) for kind in FACTS} == {"shop.orders.v1.OrderedLine"}


class Memory:
    """Keeps facts in a set; fails when told to."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.writes: list[int] = []
        self.poison = ""

    async def insert(self, facts: Sequence[Fact]) -> list[bool]:
        await asyncio.sleep(0)
        self.writes.append(len(facts))
        if any(fact.id == self.poison for fact in facts):
            raise OverflowError("too big")
        new = []
        for fact in facts:
            new.append(fact.id not in self.kept)
            self.kept.add(fact.id)
        return new

    async def count(self) -> int:
        return len(self.kept)


def some(key: str) -> Fact:
    """A fact."""
    return Fact(key, "order_paid", datetime(2026, 1, 1, tzinfo=UTC))


async def test_what_waits_is_written_together() -> None:
    memory, shown = Memory(), list[Fact]()
    facts = Facts(memory, shown.append, gather_s=0.05)
    answers = await asyncio.gather(*(facts.record([some(f"evt_{n % 30}")], soon=True) for n in range(40)))
    assert sum(new for answer in answers for new in answer) == 30 == len(shown)
    assert len(memory.writes) <= 2


async def test_a_hundred_wait_for_nobody() -> None:
    memory = Memory()
    facts = Facts(memory, lambda fact: None, gather_s=3600)
    await asyncio.wait_for(facts.record([some(f"evt_{n}") for n in range(100)], soon=True), 1)
    assert memory.writes == [100]


async def test_one_that_cannot_be_kept_spoils_it_for_nobody_else() -> None:
    memory = Memory()
    memory.poison = "evt_13"
    facts = Facts(memory, lambda fact: None, gather_s=0.01)
    answers = await asyncio.gather(
        *(facts.record([some(f"evt_{n}")], soon=True) for n in range(20)), return_exceptions=True
    )
    assert [n for n, answer in enumerate(answers) if isinstance(answer, OverflowError)] == [13]
    assert [answer for n, answer in enumerate(answers) if n != 13] == [[True]] * 19


async def test_who_leaves_takes_nobody_along() -> None:
    memory = Memory()
    facts = Facts(memory, lambda fact: None, gather_s=0.02)
    leaver = asyncio.create_task(facts.record([some("evt_1")]))
    stayer = asyncio.create_task(facts.record([some("evt_2")], soon=True))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await asyncio.wait_for(stayer, 1) == [True]
    with pytest.raises(asyncio.CancelledError):
        await leaver


async def test_what_another_replica_recorded_is_shown_here_too(house: House) -> None:
    """Two replicas live for a moment in every rolling update; each comes to show what both heard."""
    calendar, database = Calendar.of("Asia/Shanghai"), house.mongo[f"{house.settings['database_prefix']}metrics"]
    store, lives = FactStore(database, calendar, Turnstile()), [Live(calendar, house.clock, "CNY") for _ in "ab"]
    await store.prepare()
    replicas = [Facts(store, live.take, gather_s=0) for live in lives]
    try:
        await replicas[0].record([some("evt_1"), some("evt_2")])
        await replicas[1].record([some("evt_3")])
        for facts, live in zip(replicas, lives, strict=True):
            assert await facts.agree(partial(live.rebuild, store))
            assert live.counted()["shop_orders_paid_total"] == {("", ""): 3, ("CNY", "storefront"): 0}
            assert not await facts.agree(partial(live.rebuild, store))
    finally:
        await house.mongo.drop_database(database.name)
