"""This is where answers of neighbours are remembered for a moment: bounded, forgotten on time, dropped when told. Pure."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Least recently used goes first. An answer asked for before something was dropped is not remembered after it: it may
    be what was dropped."""

    def __init__(self, most: int, fresh_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._fresh_s, self._now = most, fresh_s, now
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._drops = 0

    def __len__(self) -> int:
        return len(self._kept)

    def stamp(self) -> int:
        """Taken before asking, given to `put` with the answer."""
        return self._drops

    def get(self, key: K, within_s: float = 0.0) -> V | None:
        """What is remembered, if it is fresh, or not older than `within_s`."""
        entry = self._kept.get(key)
        if entry is None or self._now() - entry[0] > max(self._fresh_s, within_s):
            return None
        self._kept.move_to_end(key)
        return entry[1]

    def put(self, key: K, value: V, stamp: int) -> None:
        """Remembers an answer asked for at `stamp`."""
        if stamp != self._drops:
            return
        self._kept[key] = (self._now(), value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forgets one."""
        self._drops += 1
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Forgets all."""
        self._drops += 1
        self._kept.clear()
