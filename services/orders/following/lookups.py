"""This is where a guest finds an order again by its number and what only its buyer knows, a few times only (O26)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Exhausted
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders import limits
from services.orders.looking import OrderNotFound
from services.orders.orders import Order

_MOST_TRIES = 5
_WINDOW = timedelta(minutes=15)
_SAME_NUMBER = 5  # so many channels may call an order alike


class TooManyLookups(Exhausted):
    """This number was asked for too often (metadata: retry_after_s)."""


@dataclass
class LookupTries:
    """How often a number was asked for since `until` less a quarter of an hour."""

    id: str
    tries: int
    until: datetime
    version: int = 0


class Lookups:
    """Finds guests' orders."""

    def __init__(
        self,
        orders: Store[Order],
        tries: Store[LookupTries],
        phone_of: Callable[[bytes], str],
        seal: Seal,
        clock: Clock,
    ) -> None:
        self._orders, self._tries, self._phone_of, self._seal, self._clock = orders, tries, phone_of, seal, clock

    async def find(self, number: str, email: str, phone: str) -> Order:
        """The guest's order of this number, ours or a channel's, if that is its e-mail address or phone number. Refuses with
        ORDER_NOT_FOUND, whatever of it is wrong, and TOO_MANY_LOOKUPS."""
        number = limits.text(number, "/number", 64, needed=True)
        await self._count(number)
        named = {"_id": number} if limits.is_id(number, "ord") else {"channel_order_id": number}
        for order in await self._orders.find(named, limit=_SAME_NUMBER):
            if not order.customer_id and self._knows(order, email, phone):
                return order
        raise OrderNotFound("no such order")

    def _knows(self, order: Order, email: str, phone: str) -> bool:
        if email and order.sealed_email:
            kept = self._seal.open(order.sealed_email, order.id)
            return hmac.compare_digest(kept.decode().casefold().encode(), email.strip().casefold().encode())
        digits = _digits(phone)
        kept_digits = _digits(self._phone_of(self._seal.open(order.sealed_address, order.id)))
        return len(digits) >= 7 and hmac.compare_digest(kept_digits.encode(), digits.encode())

    async def _count(self, number: str) -> None:
        now = self._clock.now()
        for _ in range(2):
            room = {"_id": number, "until": {"$gt": now}, "tries": {"$lt": _MOST_TRIES}}
            if await self._tries.change(room, {"$inc": {"tries": 1}}):
                return
            anew = {"$set": {"tries": 1, "until": now + _WINDOW}}
            if await self._tries.change({"_id": number, "until": {"$lte": now}}, anew):
                return
            try:
                await self._tries.insert(LookupTries(number, 1, now + _WINDOW))
                return
            except AlreadyExists:
                continue
        raise TooManyLookups("asked for too often", retry_after_s=int(_WINDOW.total_seconds()))


def _digits(phone: str) -> str:
    """The last eleven digits: with or without a country code."""
    return "".join(c for c in phone if c.isascii() and c.isdigit())[-11:]
