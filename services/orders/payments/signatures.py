"""This is where a webhook proves who sent it (Standard Webhooks 1.0). Pure."""

import base64
import binascii
import hmac
from datetime import datetime

from services.kit.errors import NotSignedIn

_WINDOW_S = 300


class BadSignature(NotSignedIn):
    """Not signed by the provider, or not within five minutes of now."""


def verify(secret: str, webhook_id: str, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Refuses with BAD_SIGNATURE unless one of the signatures is ours: `v1,` + base64 HMAC-SHA256 of "id.timestamp.body"."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and 0 < len(webhook_id) <= 256):
        raise BadSignature("not a signed webhook")
    if abs(now.timestamp() - int(timestamp)) > _WINDOW_S:
        raise BadSignature("signed too long ago")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    if not any(hmac.compare_digest(expected, given) for given in _given(signature)):
        raise BadSignature("not signed by the provider")


def _given(signature: str) -> list[bytes]:
    """The signatures sent; several while a key rotates."""
    given: list[bytes] = []
    for part in signature.split(" ")[:10]:
        version, _, encoded = part.partition(",")
        if version == "v1":
            try:
                given.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return given
