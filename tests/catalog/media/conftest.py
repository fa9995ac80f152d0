"""This is where pictures are worked on for most of these tests: in a thread of this process, which has the libraries.

That the service itself has a process of its own for it is tested by name (`test_computing`, `test_the_service_itself_…`).
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from services.catalog.media import library


async def _here(work: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.to_thread(work, *args)


@pytest.fixture(autouse=True)
def _no_process_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "apart", _here)
