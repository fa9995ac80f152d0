"""This is where carriers say where they want to be told: their webhook endpoints."""

import base64
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import Store
from services.logistics.remembered import Remembered
from services.logistics.words import is_id

from .reach import Reach

PLANNED, ADDRESS_CHANGED, CANCELLED = "shipment.planned", "shipment.address_changed", "shipment.cancelled"
REROUTED = "shipment.rerouted"
PICKUP_BOOKED, RETURN_BOOKED, TEST = "pickup.booked", "return.booked", "webhook.test"
PICKUP_CHANGED, RETURN_CANCELLED = "pickup.changed", "return.cancelled"
TYPES = (
    PLANNED,
    ADDRESS_CHANGED,
    REROUTED,
    CANCELLED,
    PICKUP_BOOKED,
    PICKUP_CHANGED,
    RETURN_BOOKED,
    RETURN_CANCELLED,
)
ENABLED, DISABLED = "enabled", "disabled"
ASKED, GONE = "asked", "gone"
MOST_ENDPOINTS = 10
MOST_OVERLAP_H = 168
_MOST_IN_ALL = 2000
_STALE_S = 5.0


@dataclass
class Endpoint:
    """Where a carrier is told, in one of its ten `slot`s. Secrets are sealed, the newest first; with the one after it
    deliveries are signed too until `overlap_until`."""

    id: str
    carrier: str
    slot: int
    url: str
    types: list[str]
    sealed_secrets: list[bytes]
    created_at: datetime
    state: str = ENABLED
    reason: str = ""
    overlap_until: datetime | None = None
    version: int = 0


class EndpointNotFound(NotFound):
    """No such endpoint, or another carrier's."""


class EndpointDisabled(WrongState):
    """Nothing is sent there."""


class InvalidEndpoint(Invalid):
    """Not an endpoint."""


class TooManyEndpoints(WrongState):
    """A carrier has at most ten."""


def fresh_secret() -> bytes:
    """32 bytes nobody can guess."""
    return secrets.token_bytes(32)


def shown_secret(secret: bytes) -> str:
    """`whsec_` and base64."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def overlap_until(hours: int, now: datetime) -> datetime:
    """When the older secret ceases. Refuses with `InvalidEndpoint`."""
    if not 0 <= hours <= MOST_OVERLAP_H:
        what = [FieldError("/overlap_hours", f"0 to {MOST_OVERLAP_H}")]
        raise InvalidEndpoint("secrets overlap for at most a week", errors=what)
    return now + timedelta(hours=hours)


class Endpoints:
    """The endpoints."""

    def __init__(self, kept: Store[Endpoint], reach: Reach, seal: Seal, clock: Clock) -> None:
        self._kept, self._reach, self._seal, self._clock = kept, reach, seal, clock
        self._known = Remembered(self._read, _STALE_S)

    async def _read(self) -> dict[str, list[Endpoint]]:
        listening = defaultdict(list)
        for one in await self._kept.find({"state": ENABLED}, limit=_MOST_IN_ALL):
            listening[one.carrier].append(one)
        return listening

    async def any(self) -> bool:
        """Whether anybody listens at all; costs nothing."""
        return bool(await self._known.get())

    async def listening(self, carrier: str, kind: str) -> list[Endpoint]:
        """Who of a carrier's wants to be told of this type; known at once in this process, in others within seconds."""
        return [one for one in (await self._known.get()).get(carrier, ()) if kind in one.types]

    async def create(self, carrier: str, url: str, types: Sequence[str]) -> tuple[Endpoint, str]:
        """A new endpoint and its secret. Refuses with `InvalidEndpoint`, `TooManyEndpoints`."""
        self._check(url, types)
        key, secret, now = new_id("whe"), fresh_secret(), self._clock.now()
        taken = {one.slot for one in await self.of(carrier)}
        for slot in sorted(set(range(MOST_ENDPOINTS)) - taken):
            made = Endpoint(key, carrier, slot, url, list(types), [self._sealed(key, secret)], now)
            try:
                await self._kept.insert(made)
            except AlreadyExists:
                continue  # somebody was quicker
            self._known.forget()
            return made, shown_secret(secret)
        raise TooManyEndpoints(f"at most {MOST_ENDPOINTS}: change one of them")

    async def of(self, carrier: str) -> list[Endpoint]:
        """A carrier's, oldest first."""
        found = await self._kept.find({"carrier": carrier}, [("slot", 1)], MOST_ENDPOINTS)
        return sorted(found, key=lambda one: one.id)

    async def get(self, carrier: str, key: str) -> Endpoint:
        """One of a carrier's. Refuses with `EndpointNotFound`."""
        found = await self._kept.one({"_id": key, "carrier": carrier}) if is_id(key) else None
        return _there(found)

    async def enabled(self, carrier: str, key: str) -> Endpoint:
        """One that is told. Refuses with `EndpointNotFound`, `EndpointDisabled`."""
        found = await self.get(carrier, key)
        if found.state != ENABLED:
            raise EndpointDisabled("enable the endpoint first")
        return found

    async def change(self, carrier: str, key: str, url: str, types: Sequence[str], state: str) -> Endpoint:
        """What is empty stays. Refuses with `EndpointNotFound`, `InvalidEndpoint`."""
        before = await self.get(carrier, key)
        self._check(url or before.url, types or before.types)
        if state not in ("", ENABLED, DISABLED):
            raise InvalidEndpoint("enabled or disabled", errors=[FieldError("/state", "enabled or disabled")])
        new: dict[str, object] = {"url": url} if url else {}
        if types:
            new["types"] = list(types)
        if state:
            new |= {"state": state, "reason": ASKED if state == DISABLED else ""}
        if not new:
            return before
        changed = await self._kept.change({"_id": key, "carrier": carrier}, {"$set": new})
        self._known.forget()
        return _there(changed)

    async def rotate(self, carrier: str, key: str, hours: int) -> tuple[Endpoint, str]:
        """A new secret; the one before it signs too for so long. Refuses with `EndpointNotFound`, `InvalidEndpoint`."""
        until, secret = overlap_until(hours, self._clock.now()), fresh_secret()
        before = await self.get(carrier, key)
        sealed = [self._sealed(key, secret), before.sealed_secrets[0]]
        where = {"_id": key, "carrier": carrier, "sealed_secrets": before.sealed_secrets}
        changed = await self._kept.change(where, {"$set": {"sealed_secrets": sealed, "overlap_until": until}})
        if changed is None:  # another rotation was quicker: its secret is the one before
            return await self.rotate(carrier, key, hours)
        return changed, shown_secret(secret)

    async def gone(self, endpoint: Endpoint) -> None:
        """It said that it is gone for good: nothing is sent there any more, unless its address changed meanwhile."""
        where = {"_id": endpoint.id, "url": endpoint.url, "state": ENABLED}
        await self._kept.change(where, {"$set": {"state": DISABLED, "reason": GONE}})
        self._known.forget()

    def secrets_of(self, endpoint: Endpoint) -> list[bytes]:
        """What deliveries are signed with now, the newest first."""
        both = endpoint.overlap_until is not None and self._clock.now() < endpoint.overlap_until
        good = endpoint.sealed_secrets if both else endpoint.sealed_secrets[:1]
        return [self._seal.open(one, _subject(endpoint.id)) for one in good]

    def _sealed(self, key: str, secret: bytes) -> bytes:
        return self._seal.close(secret, _subject(key))

    def _check(self, url: str, types: Sequence[str]) -> None:
        faults = [FieldError("/url", fault)] if (fault := self._reach.fault_of(url)) else []
        if not types or len(set(types)) != len(types) or not set(types) <= set(TYPES):
            faults.append(FieldError("/types", f"of {', '.join(TYPES)}, each once"))
        if faults:
            raise InvalidEndpoint(faults[0].message, errors=faults)


def _there(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise EndpointNotFound("there is no such endpoint")
    return endpoint


def _subject(key: str) -> str:
    return f"webhook_endpoint/{key}"
