"""This is where it is held that a sweep looks where something may be left behind, and comes round everywhere."""

from collections.abc import Sequence
from typing import Any

from services.kit.events import Envelope
from services.kit.relay import Relay
from services.kit.telemetry import Metrics

NAMES = [f"c{number}" for number in range(20)]


class Deaf:
    """Publishes nothing."""

    async def publish_all(self, rows: Sequence[tuple[str, Envelope]]) -> list[bool]:
        return [False] * len(rows)


def relay() -> Relay:
    nowhere: Any = None
    swept = Relay(nowhere, Deaf(), Metrics("relay"), 1.0)
    swept.collections.extend(NAMES)
    return swept


def test_who_has_just_started_looks_everywhere() -> None:
    assert all(relay()._to_sweep(turn) == NAMES for turn in range(4))


def test_every_collection_has_its_turn_within_eight_sweeps() -> None:
    swept = relay()
    for first in (4, 9):
        seen = [name for turn in range(first, first + 8) for name in swept._to_sweep(turn)]
        assert sorted(seen) == sorted(NAMES)


def test_where_something_is_told_is_looked_into_each_time() -> None:
    swept = relay()
    swept.look_into("c3")
    assert all("c3" in swept._to_sweep(turn) for turn in range(4, 20))
    swept._told_at["c3"] -= 60
    assert sum("c3" in swept._to_sweep(turn) for turn in range(4, 20)) == 2
