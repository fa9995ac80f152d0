"""This is where it is counted how often a key is used: so many calls a second, twice as many at once. Pure."""

from collections.abc import Callable

_BURST_S = 2.0


class KeyRates:
    """A token bucket a key. One process counts for itself; only calls whose signature was right are counted, so nobody else
    can use a key's room up."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, key_id: str, rate_per_s: int) -> int:
        """Takes one call out of the key's bucket; 0 when there was one, else the whole seconds until there is."""
        full, now = rate_per_s * _BURST_S, self._now()
        left, seen = self._buckets.get(key_id, (full, now))
        left = min(full, left + max(0.0, now - seen) * rate_per_s)
        if left < 1.0:
            self._buckets[key_id] = (left, now)
            return int((1.0 - left) / rate_per_s) + 1
        self._buckets[key_id] = (left - 1.0, now)
        return 0
