"""This is where counting is raced: many buyers at once, each seen once, none seeing less than who came before."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.orders.fraud.store import Keeping
from services.orders.fraud.trails import MOST, Listing, Sighting, Trail, Trails
from tests.orders.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sighting(key: str) -> Sighting:
    return Sighting(key, NOW, 1_000, "CNY", "w1", "c1")


class Memory:
    """Trails in memory; breaks when told, and counts how often it is gone to."""

    def __init__(self) -> None:
        self.trails: dict[str, Trail] = {}
        self.writes, self.breaks = 0, False

    async def add(self, seen: Mapping[str, Sequence[Sighting]]) -> None:
        self.writes += 1
        await asyncio.sleep(0)
        if self.breaks:
            raise ConnectionError("away")
        for mark, each in seen.items():
            self.trails.setdefault(mark, Trail(mark)).seen.extend(each)

    async def of(self, marks: Sequence[str]) -> dict[str, Trail]:
        return {mark: Trail(mark, list(self.trails[mark].seen)) for mark in marks if mark in self.trails}


async def test_a_rush_costs_a_few_writes_and_each_finds_itself_counted() -> None:
    memory = Memory()
    trails = Trails(memory)
    found = await asyncio.gather(*(trails.follow([f"device.{n % 3}"], sighting(f"k{n}")) for n in range(60)))
    assert memory.writes <= 3
    assert all(f"k{n}" in {each.key for each in found[n][f"device.{n % 3}"].seen} for n in range(60))
    assert all(list(each) == [f"device.{n % 3}"] for n, each in enumerate(found))


async def test_what_is_away_is_said_to_all_who_wait_and_the_next_try_is_a_new_one() -> None:
    memory = Memory()
    trails, memory.breaks = Trails(memory), True
    said = await asyncio.gather(*(trails.follow(["ip.1"], sighting(f"k{n}")) for n in range(5)), return_exceptions=True)
    assert [type(each) for each in said] == [ConnectionError] * 5
    memory.breaks = False
    assert await trails.follow(["ip.1"], sighting("k9"))


async def test_who_gives_up_does_not_keep_the_others() -> None:
    trails = Trails(Memory())
    impatient = asyncio.create_task(trails.follow(["ip.1"], sighting("k1")))
    patient = asyncio.create_task(trails.follow(["ip.1"], sighting("k2")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert len((await patient)["ip.1"].seen) == 2


@pytest.fixture
def keeping(world: World) -> Keeping:
    ground = world.service.ground
    orders: Any = next(store for store in ground.stores if store.name == "orders")
    return Keeping(ground, orders, world.house.clock)


async def test_of_fifty_requests_at_once_the_tenth_sees_the_nine_before_it(keeping: Keeping) -> None:
    """Two replicas count: whoever is counted later sees all who were counted before."""
    replicas = Trails(keeping), Trails(keeping)
    start = asyncio.Event()

    async def come(n: int) -> int:
        await start.wait()
        return len((await replicas[n % 2].follow(["device.d", f"card.{n}"], sighting(f"k{n}")))["device.d"].seen)

    coming = [asyncio.create_task(come(n)) for n in range(50)]
    await asyncio.sleep(0)
    start.set()
    counts = sorted(await asyncio.gather(*coming))
    assert counts[-1] == MOST and all(count >= min(n, MOST) for n, count in enumerate(counts, 1))


async def test_the_same_request_is_one_sighting_and_keeps_what_it_came_to(keeping: Keeping) -> None:
    for key in ("k1", "k1", "k2"):
        await keeping.add({"card.1": [sighting(key), sighting(key)][:1]})
    await keeping.came_to(["card.1", "card.none"], "k1", "declined")
    await keeping.add({"card.1": [sighting("k1")]})
    trail = (await keeping.of(["card.1"]))["card.1"]
    assert [(each.key, each.outcome) for each in trail.seen] == [("k1", "declined"), ("k2", "")]


async def test_a_trail_keeps_its_last_32_and_a_listing_outlives_its_sightings(keeping: Keeping) -> None:
    far = NOW + timedelta(days=2_000)
    await keeping.list_many({"card.1": Listing("deny", far, "stf_1", "", NOW)}, far)
    for at in range(0, 100, 20):
        await keeping.add({"card.1": [sighting(f"k{n}") for n in range(at, at + 20)]})
    trail = (await keeping.of(["card.1"]))["card.1"]
    assert [each.key for each in trail.seen] == [f"k{n}" for n in range(100 - MOST, 100)]
    assert trail.until == far and trail.verdict(NOW) == "deny" and trail.version == 6


async def test_nothing_that_comes_is_read_as_an_expression(keeping: Keeping) -> None:
    await keeping.add({"card.1": [Sighting("$seen", NOW, 1, "$$ROOT", "$who", "$card")]})
    (seen,) = (await keeping.of(["card.1"]))["card.1"].seen
    assert (seen.key, seen.currency, seen.who) == ("$seen", "$$ROOT", "$who")
