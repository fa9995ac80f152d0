"""This is where it is tried that nothing two wings share is lost when their maps become one."""

from typing import Any

from shop.catalog.v1.events_pb2 import PriceChanged

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Service
from services.kit.wings import joined

TOLD = Told("evt_1", "2026-11-26T00:00:00Z")


async def test_what_two_wings_hear_or_watch_both_are_told() -> None:
    heard: list[str] = []

    async def one(event: Any, told: Told) -> None:
        heard.append("one")

    async def many(events: Any) -> None:
        heard.append(f"many {len(events)}")

    both = joined(
        Service(answers=[], hears=Hears({PriceChanged: one}), watches={PriceChanged: lambda _: heard.append("w1")}),
        Service(
            answers=[], hears=Hears(batches={PriceChanged: many}), watches={PriceChanged: lambda _: heard.append("w2")}
        ),
    )
    await both.hears.handlers[PriceChanged](PriceChanged(), TOLD)
    both.watches[PriceChanged](PriceChanged())
    assert heard == ["one", "many 1", "w1", "w2"]
    assert not both.hears.batches
