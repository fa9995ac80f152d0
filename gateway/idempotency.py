"""This is where an Idempotency-Key becomes the request id that makes a service do a thing once.

The service keeps the first answer, so the gateway needs no memory of its own and any replica answers the same.
"""

import hashlib
import re
from collections.abc import Mapping

from fastapi import Request

from gateway.bodies import header
from services.kit.errors import Invalid

HEADER = b"idempotency-key"
_VISIBLE_ASCII = re.compile(r"^[\x21-\x7e]{1,255}$")


class IdempotencyKeyMissing(Invalid):
    """This must not happen twice by accident: a key is needed."""


class IdempotencyKeyInvalid(Invalid):
    """Not 1 to 255 visible ASCII characters."""


def key_of(request: Request) -> str:
    """The key. Refuses with `IdempotencyKeyMissing`, `IdempotencyKeyInvalid`."""
    key = header(request.scope, HEADER)  # sent twice, it did not pass the door
    if not key and HEADER not in request.scope["shop.exchange"].headers:
        raise IdempotencyKeyMissing("send an Idempotency-Key header")
    if not _VISIBLE_ASCII.fullmatch(key):
        raise IdempotencyKeyInvalid("the Idempotency-Key is 1 to 255 visible ASCII characters, once")
    return key


def request_id_of(request: Request, principal: str, operation: str) -> str:
    """Who asks, for what, with which key, as one hash: one client's key never meets another's."""
    return hashlib.sha256(f"{principal}|{operation}|{key_of(request)}".encode()).hexdigest()


def fingerprint_of(request: Request) -> bytes:
    """SHA-256 of the body as it was sent: tells the same request from another one with the same key."""
    body: bytes = request.scope.get("shop.body", b"")
    return hashlib.sha256(body).digest()


def replayed(again: bool) -> Mapping[str, str]:
    """The header that says: this is the first answer once more."""
    return {"idempotent-replayed": "true"} if again else {}
