"""This is where it is seen at one look where all parcels are: by warehouse and carrier, from counters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.logistics.shipments import EXCEPTION

from .measures import PLACES


class Places(Protocol):
    """What was counted."""

    async def places(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """By warehouse and carrier."""
        ...


class Alerts(Protocol):
    """What devices say is wrong."""

    async def open_by_place(self) -> Mapping[tuple[str, str], int]:
        """Open alerts by warehouse and carrier."""
        ...


@dataclass
class Row:
    """A warehouse's parcels with a carrier. What could not be allocated has neither."""

    warehouse: str
    carrier: str
    states: dict[str, int] = field(default_factory=dict)
    late: int = 0
    stuck: int = 0
    lost: int = 0
    troubled: int = 0
    alerts: int = 0
    exceptions: int = 0


class Tower:
    """The view from above."""

    def __init__(self, places: Places, alerts: Alerts) -> None:
        self._places, self._alerts = places, alerts

    async def look(self) -> list[Row]:
        """By warehouse and carrier."""
        counted, alerts = await self._places.places(), await self._alerts.open_by_place()
        rows = []
        for key in sorted(counted.keys() | alerts.keys()):
            counts = {name: count for name, count in counted.get(key, {}).items() if count > 0}
            row = Row(*key, alerts=alerts.get(key, 0), exceptions=counts.get(EXCEPTION, 0))
            row.late, row.stuck, row.lost, row.troubled = (counts.pop(name, 0) for name in PLACES)
            row.states = counts
            if counts or row.alerts:
                rows.append(row)
        return rows
