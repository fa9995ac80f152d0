"""This is where many buy at once, each holding on to one idempotency key through every outage, and keep a journal."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from deploy.local.client import Answer, Customer, Unexpected
from tests.shop import Shop

_PATIENCE_S = 60.0
_AGAIN = (500, 502, 503, 504)  # 500 is asked again too, but counted: there may be none


@dataclass
class Journal:
    """What buyers asked and were answered at last."""

    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)  # key → order
    refused: dict[str, Answer] = field(default_factory=dict)
    retries: int = 0
    fives: list[str] = field(default_factory=list)  # answers 500: a bug each

    @property
    def finished(self) -> int:
        """Buyers who are done."""
        return len(self.accepted) + len(self.refused)


class Persistent:
    """Asks until it is answered, as a good client does: the same request with the same key."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The first answer that is one. Raises `TimeoutError` after a minute."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                try:
                    answer = await ask()
                    if answer.status == 500:
                        self._journal.fives.append(str(answer.body))
                    if answer.status not in _AGAIN and not _in_progress(answer):
                        return answer
                except (TimeoutError, aiohttp.ClientError, OSError):
                    pass
                self._journal.retries += 1
                await asyncio.sleep(random.uniform(0.05, 0.4))


def _in_progress(answer: Answer) -> bool:
    return answer.status == 409 and answer.body.get("code") in ("KEY_IN_PROGRESS", "VERSION_MISMATCH")


class PatientCustomer(Customer):
    """A customer every one of whose requests is repeated until it is answered."""

    persistent: Persistent

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """One request, insisted upon."""
        ask = super().call
        return await self.persistent.insist(lambda: ask(method, path, body, **more))


async def buy_many(shop: Shop, skus: list[str], buyers: int, at_once: int, journal: Journal) -> None:
    """`buyers` guests buy two SKUs each, `at_once` at a time."""
    turnstile = asyncio.Semaphore(at_once)

    async def buy() -> None:
        async with turnstile:
            customer = PatientCustomer(shop.base, shop.session)
            customer.persistent = Persistent(journal)
            key = uuid.uuid4().hex
            lines = dict.fromkeys(random.sample(skus, 2), 1)
            answer = await customer.check_out(await customer.filled_cart(lines), key=key)
            if answer.status == 201:
                journal.accepted[key] = answer.body
            elif answer.status < 500:
                journal.refused[key] = answer
            else:
                raise Unexpected(f"{answer.status} {answer.body}")

    await asyncio.gather(*(buy() for _ in range(buyers)))
