"""This is where a cart is addressed: logistics is asked once what it makes of the address, and the answer goes along with
the cart and its order (L19). Nobody is refused for it, nor kept waiting when logistics is away.
"""

import logging
from typing import Protocol

from services.kit.errors import Refused

from .addresses import Address, Judgement, checked
from .carts import Cart, CartKey, Carts

log = logging.getLogger(__name__)


class Gazetteer(Protocol):
    """Who knows places: logistics."""

    async def judge(self, address: Address) -> Judgement:
        """What it makes of an address."""
        ...


class Addressing:
    """Addresses carts."""

    def __init__(self, carts: Carts, gazetteer: Gazetteer) -> None:
        self._carts, self._gazetteer = carts, gazetteer

    async def address(self, key: CartKey, to: Address) -> Cart:
        """The cart, sent there. Refuses with INVALID_ADDRESS and what carts refuse with."""
        good = checked(to)
        return await self._carts.set_address(key, good, await judged(self._gazetteer, good))


async def judged(gazetteer: Gazetteer, address: Address) -> Judgement | None:
    """What is made of it; None when nobody can say."""
    try:
        return await gazetteer.judge(address)
    except Refused as away:
        log.info("an address is not judged: %s", away.reason)
        return None
