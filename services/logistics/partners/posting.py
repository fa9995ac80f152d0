"""This is where deliveries are sent: each attempt by one process, until the endpoint says 2xx, or three days are over."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.kit.clock import Clock
from services.kit.store import Store, encode
from services.logistics.carrier_keys import sign

from .deliveries import DELIVERED, FAILED, MOST_ATTEMPTS_KEPT, WAITING, Attempt, Delivery
from .endpoints import ENABLED, Endpoint, Endpoints
from .schedule import next_wait

log = logging.getLogger(__name__)
OK, REFUSED_STATUS, REDIRECT, IS_GONE = "delivered", "refused_status", "redirect", "gone"
TIMEOUT, UNREACHABLE, ADDRESS_REFUSED, NOT_SENT = "timeout", "unreachable", "address_refused", "endpoint_disabled"
_LEASE = timedelta(
    seconds=60
)  # an attempt takes at most 15 s; who has not said after this long what became of it is dead
_AT_ONCE, _EACH = 64, 4
_GONE = 410


@dataclass(frozen=True, slots=True)
class Answered:
    """What an endpoint answered: `status` 0 and why, when it did not."""

    status: int
    took_ms: int = 0
    retry_after_s: int = 0
    fault: str = ""

    @property
    def outcome(self) -> str:
        """In a word."""
        if self.fault:
            return self.fault
        if 200 <= self.status < 300:
            return OK
        if self.status == _GONE:
            return IS_GONE
        return REDIRECT if 300 <= self.status < 400 else REFUSED_STATUS


class Post(Protocol):
    """Sends bytes to an address outside, and follows nothing."""

    async def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answered:
        """What came back, within 15 s."""
        ...


class Posting:
    """Sends what is due. An endpoint that is slow keeps nobody else waiting."""

    def __init__(
        self,
        kept: Store[Delivery],
        endpoints: Endpoints,
        post: Post,
        clock: Clock,
        count: Callable[[str, str], object],
    ) -> None:
        self._kept, self._endpoints, self._post, self._clock, self._count = kept, endpoints, post, clock, count
        self._busy: Counter[str] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()

    async def start_due(self) -> None:
        """Starts what is due, and does not wait for it."""
        room = _AT_ONCE - len(self._under_way)
        full = [endpoint for endpoint, busy in self._busy.items() if busy >= _EACH]
        where = {"state": WAITING, "next_at": {"$lte": self._clock.now()}, "endpoint_id": {"$nin": full}}
        for due in await self._kept.find(where, [("next_at", 1)], room) if room > 0 else ():
            if self._busy[due.endpoint_id] < _EACH:
                self._busy[due.endpoint_id] += 1
                task = asyncio.create_task(self._attempted(due))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def drained(self) -> None:
        """Waits for what is under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _attempted(self, due: Delivery) -> None:
        try:
            now = self._clock.now()
            # Of all who found it due one gets it.
            where = {"_id": due.id, "state": WAITING, "next_at": due.next_at, "tries": due.tries}
            mine = await self._kept.change(where, {"$set": {"next_at": now + _LEASE}, "$inc": {"tries": 1}})
            if mine is not None:
                await self._record(mine, now, await self._sent(mine, now))
        except Exception:
            log.exception("the attempt at %s broke off; it is due again when its lease is over", due.id)
        finally:
            self._busy[due.endpoint_id] -= 1
            if not self._busy[due.endpoint_id]:
                del self._busy[due.endpoint_id]

    async def _sent(self, delivery: Delivery, now: datetime) -> Answered:
        endpoint = await self._endpoints.get(delivery.carrier, delivery.endpoint_id)
        if endpoint.state != ENABLED:
            return Answered(0, fault=NOT_SENT)
        answered = await self._post(endpoint.url, self._headers(endpoint, delivery, now), delivery.payload)
        if answered.outcome == IS_GONE:
            await self._endpoints.gone(endpoint)
        return answered

    def _headers(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> dict[str, str]:
        at = str(int(now.timestamp()))
        signatures = [sign(one, delivery.id, at, delivery.payload) for one in self._endpoints.secrets_of(endpoint)]
        return {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(signatures),
        }

    async def _record(self, delivery: Delivery, at: datetime, answered: Answered) -> None:
        outcome = answered.outcome
        wait = None
        if outcome not in (OK, IS_GONE, NOT_SENT):
            wait = next_wait(delivery.tries, random.random(), answered.retry_after_s)
        state = DELIVERED if outcome == OK else WAITING if wait else FAILED
        attempt = Attempt(at, answered.status, outcome, answered.took_ms)
        update = {
            "$set": {"state": state, "next_at": self._clock.now() + wait if wait else None},
            "$push": {"attempts": {"$each": [encode(attempt)], "$slice": -MOST_ATTEMPTS_KEPT}},
        }
        self._count("attempt", outcome)
        # Sent again by its carrier meanwhile, it is that turn's now.
        where = {"_id": delivery.id, "tries": delivery.tries, "state": WAITING}
        if await self._kept.change(where, update) and state != WAITING:
            self._count("delivery", state)
