"""This is where files, rows, differences and payouts get their indexes."""

from collections.abc import Awaitable
from typing import TypeVar

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

T = TypeVar("T")

FILES = [
    IndexModel([("turn", 1)], name="one_at_a_time", unique=True, partialFilterExpression={"turn": "now"}),
    IndexModel([("state", 1), ("_id", 1)], name="by_state"),
]
ROWS = [
    IndexModel([("file_id", 1), ("_id", 1)], name="of_a_file"),
    IndexModel([("file_id", 1), ("outcome", 1), ("_id", 1)], name="of_a_file_by_outcome"),
    IndexModel([("claim", 1)], name="by_claim"),
    IndexModel([("uid", 1)], name="by_line"),
]
DIFFERENCES = [IndexModel([("state", 1), ("_id", -1)], name="by_state")]


async def in_turn(taking: Awaitable[T]) -> T | None:
    """What was taken; None when another file has its turn."""
    try:
        return await taking
    except DuplicateKeyError:
        return None
