"""This is where outcomes are told to the merchant: Standard Webhooks, from a queue in SQLite, until they are taken."""

import asyncio
import base64
import hashlib
import hmac
import logging
import random
import time
from collections.abc import Sequence

import aiohttp

from deploy.sandbox.psp.ledger import Ledger

log = logging.getLogger(__name__)
RETRIES_AFTER_S = (1.0, 5.0, 30.0, 120.0, 600.0)
_TIMEOUT = aiohttp.ClientTimeout(total=5)


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the base64 HMAC-SHA256 of "id.timestamp.body"; the key is what follows `whsec_`, base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


class Webhooks:
    """Sends what is due, then sleeps until something is."""

    def __init__(
        self, ledger: Ledger, url: str, secret: str, retries_after_s: Sequence[float] = RETRIES_AFTER_S
    ) -> None:
        self._ledger, self._url, self._secret, self._retries_after_s = ledger, url, secret, retries_after_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def send_for_ever(self) -> None:
        """Until cancelled; what was on its way then is sent again after the next start."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                self._woken.clear()
                due = self._ledger.webhooks_due(time.time())
                await asyncio.gather(*(self._send(session, *webhook) for webhook in due))
                if not due:
                    await self._sleep()

    async def _sleep(self) -> None:
        due = self._ledger.next_webhook_at()
        wait = None if due is None else max(0.0, due - time.time())
        try:
            await asyncio.wait_for(self._woken.wait(), wait)
        except TimeoutError:
            return

    async def _send(self, session: aiohttp.ClientSession, webhook_id: str, body: bytes, attempts: int) -> None:
        timestamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self._secret, webhook_id, timestamp, body),
        }
        try:
            async with session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                taken = 200 <= answer.status < 300
        except (TimeoutError, aiohttp.ClientError, OSError):
            taken = False
        if taken:
            self._ledger.webhook_delivered(webhook_id)
        elif attempts < len(self._retries_after_s):
            after = self._retries_after_s[attempts] * random.uniform(0.8, 1.2)
            self._ledger.webhook_failed(webhook_id, time.time() + after)
        else:
            log.warning("webhook %s is given up", webhook_id)
            self._ledger.webhook_failed(webhook_id, None)
