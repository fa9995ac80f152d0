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
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        future = pool.submit(work, *args, **kwargs)
        return await asyncio.wrap_future(future)
