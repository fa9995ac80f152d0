"""This is where it stands when a delivery that failed is tried again: ten attempts over three days. Pure."""

from datetime import timedelta

_MINUTE, _HOUR = 60, 3600
# After the first attempt, the second, … (Standard Webhooks 1.0, "Deliverability and reliability").
DELAYS_S = (5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
JITTER = 0.1
_LONGEST_S = 24 * _HOUR


def next_wait(attempts: int, dice: float, retry_after_s: int = 0) -> timedelta | None:
    """How long to wait after so many attempts; None when that was the last. `dice` is from 0 to 1 and spreads the waits by
    up to a tenth either way; a `Retry-After` that is longer wins, up to a day."""
    if attempts > len(DELAYS_S):
        return None
    usual = DELAYS_S[attempts - 1] * (1 + JITTER * (2 * dice - 1))
    return timedelta(seconds=max(usual, min(retry_after_s, _LONGEST_S)))
