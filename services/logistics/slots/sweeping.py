"""This is where places nobody needs are found: of checkouts that came to nothing, of changes that broke off half-way."""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import TooLate, Unavailable

from .slots import Slots

log = logging.getLogger(__name__)
MOST_ORDERS = 500


class Orders(Protocol):
    """Knows which slots orders have."""

    async def slots_of(self, order_ids: Sequence[str]) -> Mapping[str, str]:
        """By order; empty for one that is dead, unknown, or has none. Raises `Unavailable` or `TooLate`."""
        ...


class Sweeper:
    """Frees them. As many may sweep at once as like."""

    def __init__(self, slots: Slots, orders: Orders, clock: Clock) -> None:
        self._slots, self._orders, self._clock = slots, orders, clock

    async def sweep(self) -> int:
        """One round; answers how many places it freed. While orders is away, everything stays as it is."""
        now, freed = self._clock.now(), 0
        for slot in await self._slots.due(now):
            due = [place for place in slot.places if place.until <= now][:MOST_ORDERS]
            try:
                theirs = await self._orders.slots_of([place.order_id for place in due]) if due else {}
            except (Unavailable, TooLate) as away:
                log.info("places in slots wait for orders: %s", away.reason)
                return freed
            for place in due:
                if (has := theirs.get(place.order_id)) is not None and has != slot.id:
                    await self._slots.not_theirs(slot, place, has)
                    freed += 1
            if left := await self._slots.get(slot.id):
                await self._slots.looked(left, now)
        return freed
