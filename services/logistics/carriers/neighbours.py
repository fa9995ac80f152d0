"""This is where carriers are called over HTTP: in time, a few times, and not at all while they are away."""

import asyncio
import random
import time
from collections.abc import Mapping

import aiohttp

from services.kit.errors import Unavailable

_TIMEOUT_S, _CONNECT_S = 8.0, 2.0
_TRIES, _PAUSE_S = 3, 0.2
_FAILURES, _OPEN_S = 5, 30.0
_MOST_BYTES = 16 * 2**20  # a batch of labels


class CarrierAway(Unavailable):
    """The carrier was not reached: nothing happened there."""


class OutcomeUnknown(Unavailable):
    """The carrier was asked and its answer is lost: what became of it is to be found out by asking."""


class Circuit:
    """Opens after five failures in a row; then one call in thirty seconds tries whether the carrier is back."""

    def __init__(self) -> None:
        self._failures, self._until = 0, 0.0

    def enter(self) -> None:
        """Refuses with `CarrierAway` while it is open."""
        now = time.monotonic()
        if self._failures >= _FAILURES and now < self._until:
            raise CarrierAway("this carrier does not answer just now", retry_after_s=max(1, int(self._until - now)))
        if self._failures >= _FAILURES:
            self._until = now + _OPEN_S  # this call is the one that tries

    def failed(self) -> None:
        """It did not answer."""
        self._failures += 1
        self._until = time.monotonic() + _OPEN_S

    def answered(self) -> None:
        """It did."""
        self._failures = 0


class Line:
    """The line to one carrier; one session, opened when it is first needed."""

    def __init__(self, timeout_s: float = _TIMEOUT_S, pause_s: float = _PAUSE_S) -> None:
        self._timeout, self._pause_s = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S), pause_s
        self._session: aiohttp.ClientSession | None = None
        self._circuit = Circuit()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, *, again: bool) -> bytes:
        """The answer's body. What was not sent is tried again; what was, only if it bears being asked `again`. Refuses
        with `CarrierAway`, `OutcomeUnknown`."""
        for tried in range(1, _TRIES + 1):
            self._circuit.enter()
            try:
                answer = await self._posted(url, headers, body)
            except (CarrierAway, OutcomeUnknown) as failure:
                self._circuit.failed()
                if tried == _TRIES or (isinstance(failure, OutcomeUnknown) and not again):
                    raise
                await asyncio.sleep(self._pause_s * tried * random.uniform(0.5, 1.5))
            else:
                self._circuit.answered()
                return answer
        raise CarrierAway("this carrier does not answer")

    async def _posted(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                answer = await response.content.read(_MOST_BYTES)
                if response.status != 200:
                    raise OutcomeUnknown(f"the carrier answered {response.status}")
                return answer
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as away:
            raise CarrierAway("the carrier is not reached") from away
        except (aiohttp.ClientError, TimeoutError) as lost:
            raise OutcomeUnknown("the carrier's answer is lost") from lost

    async def close(self) -> None:
        """Closes the session, if there ever was one."""
        if self._session is not None:
            await self._session.close()
