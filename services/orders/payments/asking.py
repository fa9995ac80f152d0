"""This is where staff ask for money to move; once a request."""

import hashlib
from collections.abc import Sequence

from services.kit.errors import Invalid, WrongState
from services.kit.money import Money
from services.orders import limits
from services.orders.looking import Orders
from services.orders.orders import Order

from .claims import InvalidRefund, Wanted
from .moving import Moving

_MOST_MINOR = 10**12
_MOST_LINES = 200


class InvalidAmount(Invalid):
    """Not an amount of this order."""


class NotCash(WrongState):
    """The order is not paid at the door."""


class Asking:
    """Captures, voids, refunds and cash, by people."""

    def __init__(self, orders: Orders, moving: Moving) -> None:
        self._orders, self._moving = orders, moving

    async def capture(self, order_id: str, request_id: str, by: str, amount: Money | None) -> Order:
        """Takes so much of what is authorised; None: all that is left."""
        minor = await self._minor(order_id, amount)
        return await self._moving.capture(order_id, _key("cpt", request_id), _who(by), minor)

    async def void(self, order_id: str, request_id: str, by: str, reason: str) -> Order:
        """Lets go of what is not taken."""
        why = limits.text(reason, "/reason", 200)
        return await self._moving.void(order_id, _key("voi", request_id), _who(by), why)

    async def refund(
        self,
        order_id: str,
        request_id: str,
        by: str,
        amount: Money | None,
        lines: Sequence[tuple[str, int]],
        reason: str,
    ) -> Order:
        """Gives back an amount, or units of lines at what was paid for them. Refuses with INVALID_REFUND too."""
        wanted = _wanted(await self._minor(order_id, amount), lines, reason)
        return await self._moving.refund(order_id, _key("rfd", request_id), _who(by), wanted)

    async def collect(self, order_id: str, request_id: str, by: str, amount: Money | None) -> Order:
        """Writes down cash collected; None: all that was to be. Refuses with NOT_CASH."""
        minor, order = await self._minor(order_id, amount), await self._orders.get(order_id, "", staff=True)
        if order.paying is None or not order.paying.cash:
            raise NotCash("this order is not paid at the door")
        return await self._moving.capture(order_id, _key("csh", request_id), _who(by), minor)

    async def _minor(self, order_id: str, amount: Money | None) -> int:
        """The amount in the order's own currency; 0 when none is named."""
        if amount is None:
            return 0
        order = await self._orders.get(order_id, "", staff=True)
        if amount.currency != order.currency:
            raise limits.refused("/amount/currency", f"the order is in {order.currency}", InvalidAmount)
        if not 0 < amount.minor <= _MOST_MINOR:
            raise limits.refused("/amount/minor", "more than zero minor units", InvalidAmount)
        return amount.minor


def _wanted(minor: int, lines: Sequence[tuple[str, int]], reason: str) -> Wanted:
    why = limits.text(reason, "/reason", 64, InvalidRefund, needed=True)
    if bool(minor) == bool(lines):
        raise limits.refused("/amount", "an amount, or lines", InvalidRefund)
    if len(lines) > _MOST_LINES or len({sku for sku, _ in lines}) != len(lines):
        raise limits.refused("/lines", f"at most {_MOST_LINES}, each SKU once", InvalidRefund)
    if any(not 1 <= quantity <= limits.MOST_OF_A_SKU for _, quantity in lines):
        raise limits.refused("/lines", "at least one of each", InvalidRefund)
    return Wanted(minor, {limits.sku(sku, "/lines"): quantity for sku, quantity in lines}, why)


def _who(by: str) -> str:
    return limits.text(by, "/by", 64)


def _key(kind: str, request_id: str) -> str:
    """What the provider is asked with: of the same request the same, and guessed by nobody."""
    return f"{kind}_{hashlib.sha256(limits.request_id(request_id).encode()).hexdigest()[:32]}"
