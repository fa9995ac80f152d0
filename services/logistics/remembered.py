"""This is where the few things every call needs are kept in memory: read anew when told of a change, or when too old."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
STALE_S = 2.0


class Remembered(Generic[T]):
    """What `load` answered, for at most `stale_s` seconds; forgotten at once when something changed."""

    def __init__(self, load: Callable[[], Awaitable[T]], stale_s: float = STALE_S) -> None:
        self._load, self._stale_s = load, stale_s
        self._known: T | None = None
        self._until = 0.0
        self._loading = asyncio.Lock()
        self._changes = 0

    async def get(self) -> T:
        """The thing; one caller reads it while the others wait."""
        if self._known is not None and time.monotonic() < self._until:
            return self._known
        async with self._loading:
            while self._known is None or time.monotonic() >= self._until:
                changes = self._changes
                self._known = await self._load()
                # What changed while it was being read may not be in it.
                self._until = time.monotonic() + self._stale_s if changes == self._changes else 0.0
            return self._known

    def forget(self, _event: object = None) -> None:
        """The next caller reads it anew."""
        self._changes += 1
        self._until = 0.0
