"""This is where the stock ledger is written: one entry for every time units came or went, once an event."""

from collections.abc import Sequence

from .availability import Availability
from .skus import Movement
from .store import Table


class Movements:
    """The ledger."""

    def __init__(self, movements: Table[Movement], availability: Availability) -> None:
        self._movements, self._availability = movements, availability

    async def record(self, entries: Sequence[Movement], look_at: set[str]) -> None:
        """Writes entries that are not there yet, and looks whether the SKUs `look_at` can be ordered."""
        unique = {entry.id: entry for entry in entries}
        await self._movements.write_each([self._movements.inserting(entry) for entry in unique.values()])
        await self._availability.look(sorted(look_at))
