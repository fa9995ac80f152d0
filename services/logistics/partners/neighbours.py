"""This is where webhooks leave the house: over connections to addresses that were looked at, and nowhere else."""

import socket
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from services.kit.clock import Clock

from .posting import ADDRESS_REFUSED, TIMEOUT, UNREACHABLE, Answered
from .reach import Reach

MOST_S = 15.0
Lookup = Callable[[str, int, socket.AddressFamily], Awaitable[list[ResolveResult]]]


class AddressRefused(OSError):
    """The name stands for an address inside."""


class _Looked(AbstractResolver):
    """Looks a name up once a connection, refuses it when an address of it is inside, and hands on just what it looked at:
    a name that means something else a moment later (DNS rebinding) is not asked again."""

    def __init__(self, reach: Reach, lookup: Lookup) -> None:
        self._reach, self._lookup = reach, lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The name's addresses, all of them outside. Raises `AddressRefused`."""
        found = await self._lookup(host, port, family)
        if not found or not all(self._reach.allows(one["host"]) for one in found):
            raise AddressRefused(f"{host} is not outside")
        return found

    async def close(self) -> None:
        """Nothing is kept open."""


class HttpPost:
    """Posts. Follows no redirect, uses no proxy, keeps no cookie, reads no answer's body."""

    def __init__(self, reach: Reach, clock: Clock, lookup: Lookup | None = None, most_s: float = MOST_S) -> None:
        self._reach, self._clock, self._most_s = reach, clock, most_s
        self._lookup = lookup
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answered:
        """What came back, or why nothing did."""
        started = time.monotonic()
        host = URL(url).host or ""
        # A host that is a number is not looked up.
        if self._reach.fault_of(url) or not self._reach.literal_allowed(host):
            return Answered(0, fault=ADDRESS_REFUSED)
        try:
            async with self._opened().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                wait_s = _seconds(answer.headers.get("retry-after", ""), self._clock.now().timestamp())
                return Answered(answer.status, _ms(started), wait_s)
        except TimeoutError:
            return Answered(0, _ms(started), fault=TIMEOUT)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            refused = isinstance(error.__cause__, AddressRefused)
            return Answered(0, _ms(started), fault=ADDRESS_REFUSED if refused else UNREACHABLE)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            lookup = self._lookup or aiohttp.ThreadedResolver().resolve
            connector = aiohttp.TCPConnector(
                resolver=_Looked(self._reach, lookup), use_dns_cache=False, force_close=True, limit=0
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._most_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"user-agent": "shop-webhooks/1"},
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        """Closes what was opened."""
        if self._session is not None:
            await self._session.close()


def _ms(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _seconds(retry_after: str, now: float) -> int:
    """What `Retry-After` says (RFC 9110, 10.2.3: seconds, or a date); 0 for anything else."""
    if retry_after.isdecimal():
        return int(retry_after[:9])
    try:
        return max(0, int(parsedate_to_datetime(retry_after).timestamp() - now))
    except (ValueError, TypeError, OverflowError):
        return 0
