"""This is where guessing passwords is made slow: five failures, then a wait that doubles."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Exhausted
from services.kit.store import Store

_FREE = 5
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(hours=4)
_REMEMBERED = timedelta(hours=24)


@dataclass
class Tries:
    """The failures to sign in as somebody; there need not be such an account."""

    id: str  # audience and blind index of the e-mail address
    failures: int
    last_at: datetime
    forget_at: datetime
    version: int = 0

    def wait(self, now: datetime) -> timedelta:
        """How long the next try must wait; zero or less: not at all."""
        if self.failures < _FREE or now >= self.forget_at:
            return timedelta()
        doubled: timedelta = _FIRST_WAIT * 2 ** min(self.failures - _FREE, 10)
        return self.last_at + min(doubled, _LONGEST_WAIT) - now


class TooManyTries(Exhausted):
    """Too many failures; `retry_after_s` in meta says when to try again."""


class TryLimit:
    """Counts failures an account, known or not: what is limited tells nothing about who exists."""

    def __init__(self, tries: Store[Tries], clock: Clock) -> None:
        self._tries, self._clock = tries, clock

    async def check(self, key: str) -> bool:
        """Refuses with TOO_MANY_TRIES while the wait lasts; answers whether there were failures."""
        tries = await self._tries.get(key)
        if tries is None:
            return False
        wait = tries.wait(self._clock.now())
        if wait > timedelta():
            raise TooManyTries("too many failed tries", retry_after_s=int(wait.total_seconds()) + 1)
        return tries.failures > 0

    async def failed(self, key: str) -> None:
        """One more failure; after a day without any they are forgotten."""
        now = self._clock.now()
        times = {"last_at": now, "forget_at": now + _REMEMBERED}
        for _ in range(2):  # a second time when somebody else was the first to fail
            if await self._tries.change(
                {"_id": key, "forget_at": {"$gt": now}}, {"$inc": {"failures": 1}, "$set": times}
            ):
                return
            if await self._tries.change({"_id": key, "forget_at": {"$lte": now}}, {"$set": times | {"failures": 1}}):
                return
            try:
                await self._tries.insert(Tries(key, 1, now, now + _REMEMBERED))
            except AlreadyExists:
                continue
            return

    async def succeeded(self, key: str) -> None:
        """Forgets the failures."""
        await self._tries.change({"_id": key}, {"$set": {"failures": 0}})
