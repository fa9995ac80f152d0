"""This is where the driver waits for an answer with less ado: PyMongo 4.20 begins two tasks an answer, one of them only to
look whether the connection was given up meanwhile. Ours end by themselves (`timeoutMS`), so the answer is simply awaited:
a tenth of what an operation costs. Any other version is left as it is."""

import asyncio
import time
from typing import Any

import pymongo
from pymongo import _csot, network_layer
from pymongo.asynchronous import pool

MADE_FOR = "4.20.0"
_network: Any = network_layer  # what it keeps to itself
_as_it_was = network_layer.async_receive_message


async def _receive(conn: Any, request_id: int | None, max_message_size: int = _network.MAX_MESSAGE_SIZE) -> Any:
    if not _csot.get_timeout():  # the driver's own monitors have no end
        return await _as_it_was(conn, request_id, max_message_size)
    try:
        async with asyncio.timeout(max(0.0, _csot.get_deadline() - time.monotonic())):
            data, op_code = await conn.conn.get_conn.read(request_id, max_message_size)
    except TimeoutError as late:
        raise TimeoutError("timed out") from late
    return _network._UNPACK_REPLY[op_code](data)


def wait_with_less_ado() -> None:
    """From now on, in all of this process; again changes nothing."""
    if pymongo.version == MADE_FOR:
        pool.async_receive_message = _receive  # type: ignore[attr-defined]
