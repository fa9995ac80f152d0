"""This is where it is said how long something is somebody's own, and where chores take what is due, one after the other.

Whoever holds the lease goes on with it, nobody else.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from services.kit.errors import Refused
from services.kit.store import Kept, Store

log = logging.getLogger(__name__)
T = TypeVar("T", bound=Kept)

LEASE = timedelta(seconds=10)  # longer than a checkout may take, so that nobody takes over from the living
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the index of what is due holds what is later than this


async def go_on_with_due(
    kept: Store[T],
    due: str,
    now: datetime,
    go_on: Callable[[T], Awaitable[object]],
    most: int,
    where: Mapping[str, Any] | None = None,
) -> int:
    """Goes on with those whose time has come (the field `due`, and `where`), the first first; answers how many there were.

    Each is taken by one conditional write that also says until when: what is refused now is taken again after that.
    """
    found = await kept.find({**(where or {}), due: {"$gt": EPOCH, "$lte": now}}, sort=[(due, 1)], limit=most)
    for each in found:
        mine = await kept.change({"_id": each.id, "version": each.version}, {"$set": {due: now + LEASE}})
        if mine is not None:
            try:
                await go_on(mine)
            except Refused as no:
                log.warning("%s of %s is not finished yet: %s", each.id, kept.name, no.reason)
    return len(found)
