"""This is where it is tried that whoever follows orders by cursor misses nothing, whoever writes at the same time."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.errors import Invalid
from services.kit.service import Ground
from services.orders.following.feed import Change, Feed, FeedPage, Numbered
from tests.orders.world import World

AT = datetime(2026, 11, 22, tzinfo=UTC)


def _feed(world: World, size: int) -> Feed:
    ground: Ground[Any] = world.service.ground
    return Feed(ground.store("order_feed", FeedPage), size)


async def _follow(feed: Feed, until: int) -> list[Numbered]:
    """As an ERP does: all it gets, from where it was."""
    seen: list[Numbered] = []
    cursor = ""
    async with asyncio.timeout(30):
        while len(seen) < until:
            found, cursor = await feed.since(cursor, 7)
            seen += found
            await asyncio.sleep(0)
    assert (await feed.since(cursor, 7))[0] == []
    return seen


async def race(world: World, writers: int, each: int) -> None:
    """Many write in pieces of all sizes, on pages so small that they turn all the time; two follow meanwhile."""
    total = writers * each
    readers = [asyncio.create_task(_follow(_feed(world, 8), total)) for _ in range(2)]

    async def write(writer: int) -> None:
        feed, wrote = _feed(world, 8), 0
        while wrote < each:
            piece = min(1 + (wrote + writer) % 11, each - wrote)
            await feed.append([Change(f"ord_{writer}", str(wrote + n), AT) for n in range(piece)])
            wrote += piece

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    for seen in await asyncio.gather(*readers):
        assert [row.revision for row in seen] == list(range(1, total + 1))
        for writer in range(writers):
            mine = [int(row.change.what) for row in seen if row.change.order_id == f"ord_{writer}"]
            assert mine == list(range(each))


async def test_a_follower_misses_nothing_of_what_ten_write_at_once(world: World) -> None:
    await race(world, 10, 12)


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_a_follower_misses_nothing_in_fifty_runs(world: World, run: int) -> None:
    await race(world, 12, 20)


async def test_a_writer_that_stops_between_two_pages_stops_nobody_else(world: World) -> None:
    feed = _feed(world, 2)
    await feed.append([Change("ord_1", "paid", AT)] * 2)
    await world.service.ground.database["order_feed"].update_one(
        {"_id": "fed_000000000001"}, {"$set": {"closed": True}}
    )
    first, cursor = await feed.since("", 0)
    assert len(first) == 2
    assert (await feed.since(cursor, 0))[0] == []
    await _feed(world, 2).append([Change("ord_2", "paid", AT)] * 3)
    assert [row.revision for row in (await feed.since(cursor, 0))[0]] == [3, 4, 5]


async def test_no_cursor_of_anothers_list_is_taken(world: World) -> None:
    for cursor in ("zz", "5b312c325d5d", "5b226f72645f31225d"):
        with pytest.raises(Invalid):
            await _feed(world, 2).since(cursor, 0)
    with pytest.raises(Invalid):
        await _feed(world, 2).since("", 101)
