"""This is where what front ends tell is held to be checked, bounded, and counted once."""

import asyncio
from typing import Any

import pytest

from services.kit.errors import Invalid
from tests.house import House
from tests.metrics.story import at, did, exported, record, start, values


async def test_an_event_seen_before_is_dropped(house: House) -> None:
    metrics = await start(house)
    first, second = did("page_view", "v1"), did("page_view", "v1")
    answer = await record(metrics, first, second, first)
    assert (answer.accepted, answer.duplicates) == (2, 1)
    answer = await record(metrics, second, did("page_view", "v2"))
    assert (answer.accepted, answer.duplicates) == (1, 1)
    assert await values(metrics, "pv") == {("", ""): 3}
    views = (("channel", "direct"), ("name", "page_view"))
    assert exported(metrics)["shop_behaviour_events_total", views] == 3


async def test_the_same_batch_from_many_at_once_counts_once(house: House) -> None:
    metrics = await start(house)
    batch = [did("view_item", f"v{n}", skus=["a-1"]) for n in range(100)]
    answers = await asyncio.gather(*(record(metrics, *batch) for _ in range(20)))
    assert sum(answer.accepted for answer in answers) == 100
    assert sum(answer.duplicates for answer in answers) == 1900
    assert exported(metrics)["shop_visitors_today", (("stage", "click"),)] == 100


async def test_nothing_is_nothing(house: House) -> None:
    answer = await record(await start(house))
    assert (answer.accepted, answer.duplicates) == (0, 0)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("event_id", {"event_id": ""}),
    ("event_id", {"event_id": "a b"}),
    ("event_id", {"event_id": "x" * 65}),
    ("event_id", {"event_id": "x\x00"}),
    ("name", {"name": "hack"}),
    ("name", {"name": ""}),
    ("at", {"at": ""}),
    ("at", {"at": "noon"}),
    ("at", {"at": "2026-11-18T04:00:00"}),
    ("at", {"at": "9999-12-31T23:59:59-23:59"}),
    ("at", {"at": at(hours=25)}),
    ("at", {"at": at(hours=-25)}),
    ("visitor_id", {"visitor_id": ""}),
    ("visitor_id", {"visitor_id": "someone@example.com"}),
    ("session_id", {"session_id": "$ne"}),
    ("channel", {"channel": "Search Ads"}),
    ("page", {"page": "/search?q=me"}),
    ("page", {"page": "https://example.com"}),
    ("page", {"page": "/" + "x" * 200}),
    ("skus", {"skus": ["-bad"]}),
    ("skus", {"skus": ["a-1"] * 101}),
    ("query", {"query": "x" * 201}),
    ("query", {"query": "a\nb"}),
    ("dwell_ms", {"dwell_ms": -1}),
    ("dwell_ms", {"dwell_ms": 2**62}),
]


async def test_what_cannot_have_happened_is_refused_and_named(house: House) -> None:
    metrics = await start(house)
    for field, change in WRONG:
        bad = did("page_view", "v1", "s1")
        for name, value in change.items():
            if isinstance(value, list):
                getattr(bad, name).extend(value)
            else:
                setattr(bad, name, value)
        with pytest.raises(Invalid) as refused:
            await record(metrics, did("page_view", "v2"), bad)
        assert refused.value.reason == "INVALID_EVENT", change
        assert [error.pointer for error in refused.value.errors] == [f"/events/1/{field}"], change
    assert await metrics.ground.database["facts"].estimated_document_count() == 0


async def test_more_than_a_hundred_are_refused(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await record(await start(house), *(did("page_view", "v1") for _ in range(101)))
    assert refused.value.reason == "INVALID_EVENT"


async def test_channels_are_few_whatever_is_sent(house: House) -> None:
    metrics = await start(house)
    await record(metrics, *(did("page_view", f"v{n}", channel=f"made-up-{n}") for n in range(100)))
    views = {
        labels: value for (name, labels), value in exported(metrics).items() if name == "shop_behaviour_events_total"
    }
    assert views == {(("channel", "other"), ("name", "page_view")): 100}


async def test_yesterdays_visitors_are_gone_at_midnight(house: House) -> None:
    metrics = await start(house)
    await record(metrics, did("page_view", "v1"))
    assert exported(metrics)["shop_visitors_today", (("stage", "any"),)] == 1
    house.clock.advance(hours=12)
    assert exported(metrics)["shop_visitors_today", (("stage", "any"),)] == 0
    await record(metrics, did("page_view", "v2", at=at(hours=12)), did("page_view", "v3", at=at(hours=11)))
    assert exported(metrics)["shop_visitors_today", (("stage", "any"),)] == 1
