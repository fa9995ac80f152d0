"""This is where the promotions that run are held ready in memory."""

import asyncio
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from services.kit.clock import Clock
from services.kit.store import Store

from .promotions import Promotion

_FRESH = timedelta(seconds=1)
_MOST_RUNNING = 10_000
T = TypeVar("T", covariant=True)


class Ready(Protocol, Generic[T]):
    """Puts promotions on their shelves."""

    def __call__(self, promotions: list[Promotion], /) -> T:
        """What a cart is evaluated with."""
        ...


class Running(Generic[T]):
    """The promotions that run, ready in memory: read again when one has changed, and each second in any case."""

    def __init__(self, promotions: Store[Promotion], clock: Clock, ready: Ready[T]) -> None:
        self._promotions, self._clock, self._ready = promotions, clock, ready
        self._held: tuple[T] | None = None
        self._read_at: datetime | None = None
        self._changes = 0
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """Something has changed."""
        self._changes += 1
        self._read_at = None

    async def rules(self) -> T:
        """What runs now; at most a second old, and never older than the last change told here."""
        if fresh := self._fresh():
            return fresh[0]
        async with self._reading:  # one reads, the others wait for it
            if fresh := self._fresh():
                return fresh[0]
            rules = await self._read()
            self._held = (rules,)
            return rules

    def _fresh(self) -> tuple[T] | None:
        if self._read_at is None or not self._read_at <= self._clock.now() < self._read_at + _FRESH:
            return None
        return self._held

    async def _read(self) -> T:
        seen, now = self._changes, self._clock.now()
        running = {"ends_at": {"$gt": now}, "starts_at": {"$lte": now + _FRESH}}
        rules = self._ready(await self._promotions.find(running, sort=[("ends_at", 1)], limit=_MOST_RUNNING))
        self._read_at = now if seen == self._changes else None  # changed while it was read: read again next time
        return rules
