"""This is where access tokens are signed: EdDSA JWTs of ten minutes, checked by anybody who has the public keys."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from services.kit.clock import Clock
from services.kit.ids import new_id

ISSUER = "shop"
ACCESS_S = 600


class WrongKind(ValueError):
    """A token key that is not an Ed25519 private key."""


class SigningKey:
    """An Ed25519 key and the name its public half goes by (RFC 7638 thumbprint)."""

    def __init__(self, pem: str) -> None:
        # An environment variable often carries a PEM with its line ends written out.
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise WrongKind("TOKEN_KEY is not an Ed25519 private key")
        self.private = key
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._public = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
        canonical = json.dumps(self._public, sort_keys=True, separators=(",", ":"))
        self.kid = _base64url(hashlib.sha256(canonical.encode()).digest())

    @property
    def jwk(self) -> dict[str, str]:
        """The public half (RFC 8037)."""
        return self._public | {"kid": self.kid, "use": "sig", "alg": "EdDSA"}


class AccessTokens:
    """Signs; `previous` is the key before, shown still so that its tokens end by themselves."""

    def __init__(self, key: str, previous: str, clock: Clock) -> None:
        self._key, self._clock = SigningKey(key), clock
        keys = [self._key, *([SigningKey(previous)] if previous else [])]
        self.jwks = json.dumps({"keys": [known.jwk for known in keys]}).encode()

    def sign(self, subject: str, audience: str, roles: Sequence[str], merchant_id: str) -> str:
        """A token for `audience` (`shop` or `staff`); roles and the merchant are claimed for staff only."""
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": audience,
            "sub": subject,
            "iat": now,
            "exp": now + ACCESS_S,
            "jti": new_id("jti"),
        }
        if audience == "staff":
            claims |= {"roles": list(roles), "mer": merchant_id}
        return jwt.encode(claims, self._key.private, algorithm="EdDSA", headers={"kid": self._key.kid})


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
