"""This is where heavy sums are done: in a process of their own, so that nobody who buys waits for them. Pure."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def apart(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a pure function of a module answers, worked out by a fresh process that ends with it; its libraries (numpy,
    scipy, Pillow) are never loaded into the service."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    try:
        return await asyncio.wrap_future(pool.submit(work, *args, **kwargs))
    finally:
        pool.shutdown(
            wait=False
        )  # it goes by itself: waiting for its end would hold the loop up for 50 ms, or for the work
