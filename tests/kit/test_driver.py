"""This is where it is held that answers of the database are awaited, and not for longer than was said."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pymongo
import pytest
from pymongo.asynchronous import pool

from services.kit import driver
from tests.house import House


def conn(read: Any) -> Any:
    """A connection whose next message is read so."""
    return SimpleNamespace(conn=SimpleNamespace(get_conn=SimpleNamespace(read=read), gettimeout=None))


def test_it_is_made_for_the_driver_that_is_pinned() -> None:
    assert pymongo.version == driver.MADE_FOR, "read pymongo's async_receive_message anew, and services/kit/driver.py"


async def test_an_answer_that_does_not_come_is_not_waited_for_longer_than_was_said() -> None:
    async def never(*_: object) -> tuple[bytes, int]:
        await asyncio.Event().wait()
        raise AssertionError

    with pymongo.timeout(0.02), pytest.raises(TimeoutError, match="timed out"):
        await driver._receive(conn(never), 1)


async def test_every_client_of_ours_waits_so(house: House) -> None:
    assert getattr(pool, "async_receive_message") is driver._receive  # noqa: B009 - it is not exported
    things = house.mongo[f"{house.settings['database_prefix']}driver"]["things"]
    await things.insert_many([{"_id": number} for number in range(20)])
    answers = await asyncio.gather(*(things.find_one({"_id": number}) for number in range(20)))
    assert answers == [{"_id": number} for number in range(20)]
