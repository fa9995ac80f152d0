"""This is where a carrier proves who it is: an API key, and a signature after Standard Webhooks 1.0."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotSignedIn, VersionMismatch
from services.kit.seal import Seal
from services.kit.store import Store

from .remembered import Remembered

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
    """A carrier's key. Its secrets are sealed; two while one replaces the other."""

    id: str
    carrier: str
    sealed_secrets: list[bytes]
    version: int = 0


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
        self._kept, self._calls, self._seal, self._clock = kept, calls, seal, clock
        self._known = Remembered(self._read, _KEYS_STALE_S)

    async def _read(self) -> dict[str, tuple[str, list[bytes]]]:
        return {
            key.id: (key.carrier, [self._seal.open(sealed, _subject(key.id)) for sealed in key.sealed_secrets])
            for key in await self._kept.find({}, limit=_MOST_KEYS)
        }

    async def carrier_of(self, proof: Proof) -> str:
        """Who is asking. Refuses with `BadSignature`, `StaleTimestamp`."""
        # An unknown key is checked against a secret nobody has: it takes as long.
        carrier, secrets = (await self._known.get()).get(proof.key_id, ("", []))
        check(proof, secrets or [hashlib.sha256(self._seal.close(b"", "nobody")).digest()], self._clock.now())
        return carrier

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
        """Makes or changes a key; for overlap give the old secret beside the new. Refuses with `InvalidSecret`."""
        plain = [secret_bytes(secret) for secret in secrets]
        before = await self._kept.get(key_id)
        if before and before.carrier == carrier and self._opened(before) == plain:
            return
        key = CarrierKey(key_id, carrier, [self._seal.close(one, _subject(key_id)) for one in plain])
        try:
            if before is None:
                await self._kept.insert(key)
            else:
                key.version = before.version
                await self._kept.save(key)
        except (AlreadyExists, VersionMismatch):
            await self.put(key_id, carrier, secrets)  # another replica was quicker: look again
        self._known.forget()

    def _opened(self, key: CarrierKey) -> list[bytes]:
        return [self._seal.open(sealed, _subject(key.id)) for sealed in key.sealed_secrets]


def _subject(key_id: str) -> str:
    return f"carrier_key/{key_id}"


def _call(proof: Proof) -> str:
    return f"{proof.key_id}|{proof.call_id}"
