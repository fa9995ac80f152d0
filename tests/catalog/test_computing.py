"""This is where heavy sums are done apart, and nobody waits for them."""

import asyncio
import os
import time

import pytest

from services.kit.computing import apart
from services.kit.errors import Invalid


def heavy(seconds: float) -> int:
    """Keeps a core busy; answers whose core it was."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return os.getpid()


def refuses() -> None:
    """Says no."""
    raise Invalid("not like this")


async def test_the_work_is_done_by_another_process() -> None:
    assert await apart(heavy, 0.0) != os.getpid()


async def test_a_refusal_comes_back_as_one() -> None:
    with pytest.raises(Invalid, match="not like this"):
        await apart(refuses)


async def test_who_gives_up_does_not_wait_for_it() -> None:
    working = asyncio.create_task(apart(heavy, 3.0))
    await asyncio.sleep(0)
    started = time.monotonic()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert time.monotonic() - started < 2.0
