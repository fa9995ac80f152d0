"""This is where it is kept what each endpoint is told, and what became of it; a carrier may look, and have it sent again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from services.kit.clock import Clock, parse_time, rfc3339
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound
from services.kit.ids import ALPHABET, id_of_moment, new_id
from services.kit.store import Change, Store
from services.logistics.words import is_id

from .endpoints import TEST, Endpoint, Endpoints

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
STATES = (WAITING, DELIVERED, FAILED)
MOST_ATTEMPTS_KEPT = 30
MOST_REPLAYED = 1000


@dataclass
class Attempt:
    """An attempt; `status` 0 when there was no answer."""

    at: datetime
    status: int
    outcome: str
    took_ms: int


@dataclass
class Delivery:
    """Something an endpoint is told. It waits until `next_at`; while it is sent, until that attempt is given up for lost."""

    id: str
    endpoint_id: str
    carrier: str
    type: str
    payload: bytes
    created_at: datetime
    state: str = WAITING
    next_at: datetime | None = None
    tries: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    version: int = 0


class DeliveryNotFound(NotFound):
    """No such delivery, or another carrier's."""


class InvalidRange(Invalid):
    """Not a span of time."""


def delivery_id(endpoint_id: str, key: str, at: datetime) -> str:
    """The same whenever an endpoint is told of the same thing, so that it is told once. Sorts by time."""
    digest = int.from_bytes(hashlib.sha256(f"{endpoint_id}/{key}".encode()).digest()[:10])
    random = "".join(ALPHABET[(digest >> (5 * i)) & 31] for i in range(15, -1, -1))
    return id_of_moment("whd", at)[:14] + random


class Deliveries:
    """What is told."""

    def __init__(self, kept: Store[Delivery], endpoints: Endpoints, clock: Clock) -> None:
        self._kept, self._endpoints, self._clock = kept, endpoints, clock

    async def queue(self, carrier: str, kind: str, key: str, data: Mapping[str, Any], at: datetime) -> None:
        """Each of the carrier's endpoints that wants this type is to be told; again changes nothing."""
        for endpoint in await self._endpoints.listening(carrier, kind):
            await self._queued(endpoint, kind, key, data, at)

    async def test(self, carrier: str, endpoint_id: str) -> Delivery:
        """A `webhook.test`. Refuses with `EndpointNotFound`, `EndpointDisabled`."""
        endpoint = await self._endpoints.enabled(carrier, endpoint_id)
        data = {"message": "If you can read this and the signature is right, it works."}
        return await self._queued(endpoint, TEST, new_id("test"), data, self._clock.now())

    async def _queued(self, endpoint: Endpoint, kind: str, key: str, data: Mapping[str, Any], at: datetime) -> Delivery:
        payload = msgspec.json.encode({"type": kind, "timestamp": rfc3339(at), "data": data})
        made = Delivery(delivery_id(endpoint.id, key, at), endpoint.id, endpoint.carrier, kind, payload, at, next_at=at)
        try:
            return await self._kept.insert(made)
        except AlreadyExists:
            return made

    async def page(
        self, carrier: str, endpoint_id: str, state: str, limit: int, cursor: str
    ) -> tuple[list[Delivery], str]:
        """What an endpoint was told, newest first. Refuses with `EndpointNotFound`, `InvalidPage`."""
        endpoint = await self._endpoints.get(carrier, endpoint_id)
        where = {"endpoint_id": endpoint.id, "state": state if state in STATES else {"$in": list(STATES)}}
        return await self._kept.page(where, limit, cursor)

    async def get(self, carrier: str, key: str) -> Delivery:
        """One, with its attempts. Refuses with `DeliveryNotFound`."""
        found = await self._kept.one({"_id": key, "carrier": carrier}) if is_id(key) else None
        return _there(found)

    async def replay(self, carrier: str, key: str) -> Delivery:
        """It is sent again, as if for the first time. Refuses with `DeliveryNotFound`, `EndpointDisabled`."""
        there = await self.get(carrier, key)
        await self._endpoints.enabled(carrier, there.endpoint_id)
        again = await self._kept.change({"_id": key, "carrier": carrier}, self._again())
        return _there(again)

    async def replay_range(self, carrier: str, endpoint_id: str, since: str, until: str) -> tuple[int, str]:
        """How many are sent again, and where to go on when there are more. Refuses with `EndpointNotFound`,
        `EndpointDisabled`, `InvalidRange`."""
        start, end = _moment(since, "/since"), _moment(until, "/until")
        if start >= end:
            raise InvalidRange("since is before until", errors=[FieldError("/since", "before until")])
        endpoint = await self._endpoints.enabled(carrier, endpoint_id)
        span = {"$gte": id_of_moment("whd", start), "$lt": id_of_moment("whd", end)}
        where = {"endpoint_id": endpoint.id, "state": {"$in": list(STATES)}, "_id": span}
        found = await self._kept.find(where, limit=MOST_REPLAYED + 1)
        changes = [Change({"_id": one.id, "carrier": carrier}, self._again()) for one in found[:MOST_REPLAYED]]
        if changes:
            await self._kept.change_many(changes)
        return len(changes), rfc3339(found[-1].created_at) if len(found) > MOST_REPLAYED else ""

    def _again(self) -> dict[str, Any]:
        return {"$set": {"state": WAITING, "next_at": self._clock.now(), "tries": 0}}


def _moment(text: str, pointer: str) -> datetime:
    try:
        found = parse_time(text)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise InvalidRange("a time is RFC 3339", errors=[FieldError(pointer, "an RFC 3339 time with a zone")])
    return found


def _there(delivery: Delivery | None) -> Delivery:
    if delivery is None:
        raise DeliveryNotFound("there is no such delivery")
    return delivery
