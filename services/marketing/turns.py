"""This is where new promotions and coupons take turns: two made at once would each be held to the floor without the other.

One document says whose turn it is. Who dies in the middle loses the turn after twenty seconds, longer than making a rule may
take.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict
from services.kit.ids import new_id
from services.kit.store import Store

_ONE = "rules"
_LEASE = timedelta(seconds=20)
_TRIES, _PAUSE_S = 80, (0.03, 0.12)


class RulesBusy(Conflict):
    """Others are making promotions or coupons: try again."""


@dataclass
class Turn:
    """Whose turn it is, and until when at the longest."""

    id: str
    holder: str
    until: datetime
    version: int = 0


class Turns:
    """Lets one make a rule at a time, whichever replica it is at."""

    def __init__(self, turns: Store[Turn], clock: Clock) -> None:
        self._turns, self._clock = turns, clock

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """It is this caller's turn. Refuses with RULES_BUSY when that takes too long."""
        holder = new_id("trn")
        await self._take(holder)
        try:
            yield
        finally:
            await self._turns.change({"_id": _ONE, "holder": holder}, {"$set": {"holder": ""}})

    async def _take(self, holder: str) -> None:
        for _ in range(_TRIES):
            now = self._clock.now()
            free = {"_id": _ONE, "$or": [{"holder": ""}, {"until": {"$lt": now}}]}
            if await self._turns.change(free, {"$set": {"holder": holder, "until": now + _LEASE}}):
                return
            with contextlib.suppress(AlreadyExists):
                await self._turns.insert(Turn(_ONE, "", now))
                continue
            await asyncio.sleep(random.uniform(*_PAUSE_S))
        raise RulesBusy("others are making promotions or coupons: try again", retry_after_s=1)
