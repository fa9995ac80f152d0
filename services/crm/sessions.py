"""This is where a session lives: an access token of ten minutes and a refresh token that is good for one rotation.

A used refresh token that comes again ends the whole session, whoever brings it: the shop cannot tell the thief from the
owner. That is strict on purpose: a client that lost the answer of a refresh signs in again.
"""

import hashlib
import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import NotSignedIn
from services.kit.ids import new_id
from services.kit.store import Store

from .tokens import ACCESS_S, AccessTokens

log = logging.getLogger(__name__)
SHOP, STAFF = "shop", "staff"
OWN_MERCHANT = "self"
_TOKEN = re.compile(r"rft_([0-9a-z]{26})([A-Za-z0-9_-]{43})")


@dataclass
class Session:
    """A family of refresh tokens, of which one is good: the newest. Only its hash is kept."""

    id: str
    subject: str
    audience: str
    good: bytes
    expires_at: datetime
    started_at: datetime
    roles: list[str] = field(default_factory=list)
    merchant_id: str = OWN_MERCHANT  # whose things a member of staff meets; `self` is the shop, which meets all
    ended: str = ""  # `signed_out` or `reused`
    version: int = 0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client is given; the access token ends in `expires_in` seconds."""

    access: str
    refresh: str
    subject: str
    expires_in: int = ACCESS_S


class InvalidRefreshToken(NotSignedIn):
    """Unknown, used already, ended or too old: sign in again."""


class Sessions:
    """Begins, prolongs and ends sessions. `idle` says how long one lasts unused, by audience."""

    def __init__(
        self, sessions: Store[Session], access: AccessTokens, clock: Clock, idle: Mapping[str, timedelta]
    ) -> None:
        self._sessions, self._access, self._clock, self._idle = sessions, access, clock, idle

    async def begin(
        self, subject: str, audience: str, roles: Sequence[str] = (), merchant_id: str = OWN_MERCHANT
    ) -> Tokens:
        """Somebody proved who they are."""
        now, key = self._clock.now(), new_id("ses")
        token = _new_token(key)
        session = Session(
            key, subject, audience, _hash(token), now + self._idle[audience], now, list(roles), merchant_id
        )
        await self._sessions.insert(session)
        return self._tokens(session, token)

    async def refresh(self, token: str) -> Tokens:
        """A new pair for the good token, once, whoever asks at the same moment. Refuses with INVALID_REFRESH_TOKEN."""
        key = _session_of(token)
        now, fresh = self._clock.now(), _new_token(key)
        session = await self._sessions.get(key)
        if session is None or session.ended or session.expires_at <= now:
            raise InvalidRefreshToken("sign in again")
        renewed = {"$set": {"good": _hash(fresh), "expires_at": now + self._idle[session.audience]}}
        # One update decides: of all who bring the same token at once, one finds it still good.
        if await self._sessions.change({"_id": key, "good": _hash(token), "ended": ""}, renewed):
            return self._tokens(session, fresh)
        if await self._end(key, "reused"):
            log.warning("a used refresh token came again: the session of %s is ended", session.subject)
        raise InvalidRefreshToken("sign in again")

    async def end(self, token: str) -> None:
        """Signs out, with the good token or a used one of the session; an unknown one changes nothing."""
        if _TOKEN.fullmatch(token):
            await self._end(_session_of(token), "signed_out")

    async def _end(self, key: str, how: str) -> Session | None:
        return await self._sessions.change({"_id": key, "ended": ""}, {"$set": {"ended": how}})

    def _tokens(self, session: Session, token: str) -> Tokens:
        access = self._access.sign(session.subject, session.audience, session.roles, session.merchant_id)
        return Tokens(access, token, session.subject)


def _new_token(key: str) -> str:
    # The session's own id is inside: one read by _id finds it, and an old token of it is known for what it is.
    return f"rft_{key.removeprefix('ses_')}{secrets.token_urlsafe(32)}"


def _session_of(token: str) -> str:
    known = _TOKEN.fullmatch(token)
    if not known:
        raise InvalidRefreshToken("sign in again")
    return f"ses_{known[1]}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
