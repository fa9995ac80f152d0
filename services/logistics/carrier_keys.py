"""This is where a carrier proves who it is: an API key, and a signature after Standard Webhooks 1.0."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import (
    AlreadyExists,
    Exhausted,
    FieldError,
    Invalid,
    NotAllowed,
    NotSignedIn,
    VersionMismatch,
)
from services.kit.seal import Seal
from services.kit.store import Store

from .key_rates import KeyRates
from .key_uses import REFUSED, KeyUses
from .remembered import Remembered

SHIPMENTS_READ, SCANS_WRITE, LABELS_READ = "shipments.read", "scans.write", "labels.read"
PICKUPS_READ, MANIFESTS_READ, WEBHOOKS_MANAGE = "pickups.read", "manifests.read", "webhooks.manage"
SCOPES = (SHIPMENTS_READ, SCANS_WRITE, LABELS_READ, PICKUPS_READ, MANIFESTS_READ, WEBHOOKS_MANAGE)
USUAL_RATE_PER_S = 20

_OWN_RATE_PER_S = 10_000  # the shop's own key: nobody's partner
_WINDOW_S = 300
_MOST_KEYS = 1000
_KEYS_STALE_S = 5.0
_PREFIX = "whsec_"
_CALL_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Proof:
    """The key's id, the three Standard Webhooks headers, and the raw body; empty for GET."""

    key_id: str
    call_id: str
    timestamp: str
    signature: str
    body: bytes = field(repr=False, default=b"")


@dataclass
class CarrierKey:
    """A carrier's key and what it may do. Its secrets are sealed, the newest first; those after it are good until
    `overlap_until`, for ever when that is not said."""

    id: str
    carrier: str
    sealed_secrets: list[bytes]
    title: str = ""
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    rate_per_s: int = _OWN_RATE_PER_S
    created_at: datetime | None = None
    created_by: str = ""
    overlap_until: datetime | None = None
    revoked_at: datetime | None = None
    last_seen_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """A key as it is held in memory, its secrets open."""

    key: CarrierKey
    secrets: list[bytes] = field(repr=False)

    def good(self, now: datetime) -> list[bytes]:
        """The secrets that are good now."""
        over = self.key.overlap_until is not None and self.key.overlap_until <= now
        return self.secrets[:1] if over else self.secrets


@dataclass
class Call:
    """A call that has been answered: it is not answered again."""

    id: str
    at: datetime
    version: int = 0


class BadSignature(NotSignedIn):
    """No such key, or not signed with it."""


class StaleTimestamp(NotSignedIn):
    """Signed more than five minutes ago, or from now."""


class Replayed(AlreadyExists):
    """This `webhook-id` was taken in before."""


class KeyRevoked(NotSignedIn):
    """Rightly signed, with a key that opens nothing any more."""


class ScopeMissing(NotAllowed):
    """The key may not do that."""


class KeyRateLimited(Exhausted):
    """More calls a second than the key has."""


class InvalidSecret(Invalid):
    """Not a `whsec_` secret."""


def secret_bytes(secret: str) -> bytes:
    """The key in a `whsec_…` secret. Refuses with `InvalidSecret`."""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSecret("a secret is whsec_ and base64", errors=[FieldError("/secret", "whsec_…")]) from None


def sign(secret: bytes, call_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    digest = hmac.new(secret, f"{call_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def check(proof: Proof, secrets: list[bytes], now: datetime) -> None:
    """Refuses with `BadSignature` or `StaleTimestamp`. Pure; compares in constant time."""
    if not _CALL_ID.fullmatch(proof.call_id) or not _TIMESTAMP.fullmatch(proof.timestamp):
        raise BadSignature("webhook-id or webhook-timestamp is not one")
    offered = [one.encode() for one in proof.signature.split(" ")[:5]]
    expected = [sign(secret, proof.call_id, proof.timestamp, proof.body).encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in offered for other in expected]
    if not any(matches):
        raise BadSignature("the signature is not this key's")
    if abs(now.timestamp() - int(proof.timestamp)) > _WINDOW_S:
        raise StaleTimestamp(f"webhook-timestamp is more than {_WINDOW_S} s away from now")


class CarrierKeys:
    """The carriers' keys, in memory for a few seconds, and the calls that were answered."""

    def __init__(self, kept: Store[CarrierKey], calls: Store[Call], seal: Seal, clock: Clock) -> None:
        self.kept, self.uses = kept, KeyUses()
        self._calls, self._seal, self._clock = calls, seal, clock
        self._rates = KeyRates(lambda: clock.now().timestamp())
        self._known = Remembered(self._read, _KEYS_STALE_S)

    async def _read(self) -> dict[str, _Known]:
        keys = await self.kept.find({}, limit=_MOST_KEYS)
        return {key.id: _Known(key, self._opened(key)) for key in keys}

    async def carrier_of(self, proof: Proof, scope: str) -> str:
        """Who is asking. Refuses with `BadSignature`, `StaleTimestamp`, `KeyRevoked`, `ScopeMissing`, `KeyRateLimited`."""
        now, known = self._clock.now(), (await self._known.get()).get(proof.key_id)
        # An unknown key is checked against a secret nobody has: it takes as long.
        check(proof, known.good(now) if known else [_nobodys(self._seal)], now)
        if known is None or known.key.revoked_at:
            raise KeyRevoked("this key was revoked")
        if scope not in known.key.scopes:
            self.uses.count(proof.key_id, REFUSED, now)
            raise ScopeMissing(f"this key has no scope {scope}", scope=scope)
        if wait_s := self._rates.wait_s(proof.key_id, known.key.rate_per_s):
            self.uses.count(proof.key_id, REFUSED, now)
            raise KeyRateLimited(f"at most {known.key.rate_per_s} calls a second", retry_after_s=wait_s)
        self.uses.count(proof.key_id, scope, now)
        return known.key.carrier

    async def changed(self) -> None:
        """A key was made or changed: known here at once, in other processes within seconds."""
        self._known.forget()

    async def first_time(self, proof: Proof) -> None:
        """Refuses with `Replayed` what was answered before."""
        if await self._calls.get(_call(proof)):
            raise Replayed("this webhook-id was taken in before")

    async def answered(self, proof: Proof) -> None:
        """Remembers it. Afterwards, so that a call which failed may come again; its effect happens once in any case."""
        try:
            await self._calls.insert(Call(_call(proof), self._clock.now()))
        except AlreadyExists:
            raise Replayed("this webhook-id was taken in before") from None

    async def put(self, key_id: str, carrier: str, secrets: list[str]) -> None:
        """Makes or changes the shop's own key; for overlap give the old secret beside the new. Refuses with
        `InvalidSecret`."""
        plain = [secret_bytes(secret) for secret in secrets]
        before = await self.kept.get(key_id)
        if before and before.carrier == carrier and self._opened(before) == plain:
            return
        sealed = [self.sealed(key_id, one) for one in plain]
        try:
            if before is None:
                await self.kept.insert(CarrierKey(key_id, carrier, sealed))
            else:
                await self.kept.save(replace(before, carrier=carrier, sealed_secrets=sealed, overlap_until=None))
        except (AlreadyExists, VersionMismatch):
            await self.put(key_id, carrier, secrets)  # another replica was quicker: look again
        self._known.forget()

    def sealed(self, key_id: str, secret: bytes) -> bytes:
        """A secret as it is kept."""
        return self._seal.close(secret, _subject(key_id))

    def _opened(self, key: CarrierKey) -> list[bytes]:
        return [self._seal.open(sealed, _subject(key.id)) for sealed in key.sealed_secrets]


def _nobodys(seal: Seal) -> bytes:
    return hashlib.sha256(seal.close(b"", "nobody")).digest()


def _subject(key_id: str) -> str:
    return f"carrier_key/{key_id}"


def _call(proof: Proof) -> str:
    return f"{proof.key_id}|{proof.call_id}"
