"""This is where a race that was lost is run again: read, decide and save once more, on what is there now."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.kit.errors import VersionMismatch

R = TypeVar("R")
_RUNS = 60
_PAUSE_S = 0.02


async def until_saved(attempt: Callable[[], Awaitable[R]]) -> R:
    """Runs `attempt` until nobody else saved in between. In every round somebody wins, so sixty rounds bear sixty rivals;
    then the `VersionMismatch` is the caller's."""
    for run in range(_RUNS):
        try:
            return await attempt()
        except VersionMismatch:
            if run == _RUNS - 1:
                raise
            await asyncio.sleep(random.uniform(0, _PAUSE_S))
    raise AssertionError("unreachable")
