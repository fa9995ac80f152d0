"""This is where it is found out who asks: a guest, a customer or a member of staff, by the access token crm signed."""

import asyncio
import contextlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import jwt
import orjson

from services.kit.errors import NotSignedIn, Unavailable

_SUBJECT = {"shop": re.compile(r"^cus_[0-9a-zA-Z]{1,40}$"), "staff": re.compile(r"^stf_[0-9a-zA-Z]{1,40}$")}
_MERCHANT = re.compile(r"^(self|mer_[0-9a-z]{1,40})$")
_OWN = "self"
_HEADER_FIELDS = {"alg", "kid", "typ"}
_REFETCH_S = 30.0
_KEYS_LIVE_S = 600.0
_TOKEN_BYTES = 4096
_VERIFIED = 20_000
_LEEWAY_S = 5


class InvalidToken(NotSignedIn):
    """Not a token of ours, or not any more."""


class TokenExpired(NotSignedIn):
    """A token of ours that has ended."""


class KeysAway(Unavailable):
    """The keys to check tokens with cannot be fetched."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `id` is `cus_…` or `stf_…`, empty for a guest."""

    kind: Literal["guest", "customer", "staff"] = "guest"
    id: str = ""
    roles: frozenset[str] = frozenset()
    merchant: str = _OWN

    @property
    def only_merchant(self) -> str:
        """The one merchant whose things this caller meets; empty for the shop's own people, who meet all."""
        return "" if self.merchant == _OWN else self.merchant

    @property
    def customer_id(self) -> str:
        """`cus_…`, or empty."""
        return self.id if self.kind == "customer" else ""

    @property
    def staff(self) -> bool:
        """Whether this is one of the shop's own people."""
        return self.kind == "staff"


GUEST = Caller()


class Keyring:
    """crm's public keys: fetched when first needed, every ten minutes, and for a key id never seen, at most every 30 s."""

    def __init__(self, fetch: Callable[[], Awaitable[bytes]], now: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._now = fetch, now
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -1e9
        self._fetching = asyncio.Lock()

    async def get(self, kid: str) -> jwt.PyJWK | None:
        """The key of this id, or None. Refuses with `KeysAway` when there is not a single key."""
        known = self._keys.get(kid)
        age = self._now() - self._fetched_at
        if (known and age < _KEYS_LIVE_S) or (self._keys and age < _REFETCH_S):
            return known
        async with self._fetching:
            if self._now() - self._fetched_at >= _REFETCH_S or not self._keys:
                await self._refetch()
        return self._keys.get(kid)

    async def _refetch(self) -> None:
        try:
            fetched = _keys_in(await self._fetch())
        except Unavailable as away:
            if not self._keys:
                raise KeysAway("tokens cannot be checked now") from away
            return  # the old ones serve until crm is back
        finally:
            self._fetched_at = self._now()
        self._keys = fetched


def _keys_in(jwks: bytes) -> dict[str, jwt.PyJWK]:
    keys: dict[str, jwt.PyJWK] = {}
    for row in orjson.loads(jwks).get("keys", []):
        if (
            row.get("kty") == "OKP"
            and row.get("crv") == "Ed25519"
            and row.get("use", "sig") == "sig"
            and "d" not in row
        ):
            with contextlib.suppress(jwt.PyJWTError):
                keys[str(row["kid"])] = jwt.PyJWK(row, "EdDSA")
    return keys


class Identity:
    """Checks access tokens; remembers the good ones until they end."""

    def __init__(self, keyring: Keyring, issuer: str, now: Callable[[], float] = time.time) -> None:
        self._keyring, self._issuer, self._now = keyring, issuer, now
        self._verified: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def known(self, authorization: str) -> Caller | None:
        """Who sent this header, if it was checked before and still holds; costs no cryptography."""
        entry = self._verified.get(authorization)
        return entry[0] if entry and entry[1] > self._now() else None

    async def caller(self, authorization: str) -> Caller:
        """Who sent this header; empty is a guest. Refuses with `InvalidToken`, `TokenExpired`, `KeysAway`."""
        if not authorization:
            return GUEST
        if known := self.known(authorization):
            return known
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > _TOKEN_BYTES or not token.isascii():
            raise InvalidToken("send `Authorization: Bearer <access_token>`")
        claims = await self._claims(token)
        caller = _caller_of(claims)
        self._verified[authorization] = (caller, float(claims["exp"]))
        if len(self._verified) > _VERIFIED:
            self._verified.popitem(last=False)
        return caller

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            # What else a header may name (jku, x5u, jwk, crit) is how others were talked into foreign keys.
            if (
                not set(header) <= _HEADER_FIELDS
                or header.get("alg") != "EdDSA"
                or not isinstance(header.get("kid"), str)
            ):
                raise InvalidToken("the access token is not one of ours")
            key = await self._keyring.get(header["kid"])
            if key is None:
                raise InvalidToken("the access token is not one of ours")
            return jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=["shop", "staff"],
                issuer=self._issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]},
            )
        except jwt.ExpiredSignatureError as ended:
            raise TokenExpired("the access token has ended") from ended
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as wrong:
            raise InvalidToken("the access token is not valid") from wrong


def _caller_of(claims: dict[str, Any]) -> Caller:
    audience, subject = claims["aud"], claims["sub"]
    if not isinstance(audience, str) or not _SUBJECT[audience].fullmatch(subject):
        raise InvalidToken("the access token is not valid")
    if audience == "shop":
        return Caller("customer", subject)
    roles = claims.get("roles")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidToken("the access token is not valid")
    merchant = claims.get("mer", _OWN)
    if not isinstance(merchant, str) or not _MERCHANT.fullmatch(merchant):
        raise InvalidToken("the access token is not valid")
    if ("merchant" in roles) != (merchant != _OWN):
        raise InvalidToken("the access token is not valid")
    return Caller("staff", subject, frozenset(roles), merchant)
