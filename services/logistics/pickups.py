"""This is where a carrier learns what waits for it, warehouse by warehouse."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.kit.errors import FieldError, Invalid

FORWARD, REVERSE = "forward", "reverse"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Waiting = Callable[[str, datetime], Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Pickup:
    """Waybills that are ready at a warehouse."""

    warehouse: str
    direction: str
    waybills: Sequence[str]


def is_day(text: str) -> bool:
    """Whether it has the shape of a day."""
    return _DAY.fullmatch(text) is not None


class InvalidDate(Invalid):
    """Not a day."""


class Pickups:
    """What is to be picked up."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting

    async def on(self, carrier: str, day: str) -> list[Pickup]:
        """What waits for a carrier at the end of a day (`YYYY-MM-DD`, UTC), by warehouse and
        direction; what comes back is picked up at its customer's. Refuses with `InvalidDate`."""
        try:
            end = datetime.combine(date.fromisoformat(day if is_day(day) else ""), time(), UTC) + timedelta(1)
        except (ValueError, OverflowError):
            raise InvalidDate("a day is YYYY-MM-DD", errors=[FieldError("/date", "YYYY-MM-DD")]) from None
        ready: dict[tuple[str, str], list[str]] = defaultdict(list)
        for parcel in await self._waiting(carrier, end):
            direction = REVERSE if parcel.get("return_id") else FORWARD
            ready[parcel["warehouse"], direction].append(parcel["waybill"])
        return [Pickup(warehouse, way, waybills) for (warehouse, way), waybills in sorted(ready.items())]
