"""This is where support promises a customer more than the policy: a price that falls until a later day may be claimed (M29).

The promise is one conditional write of the order; the difference is paid on request, as every claim is.
"""

from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, VersionMismatch
from services.kit.store import Store, encode
from services.orders.looking import Orders
from services.orders.orders import Guarantee, Order

from .claims import Claims, NotProtected, Standing

MOST_DAYS = 180  # after payment: further no agent may promise
_MOST = 10  # promises an order


class InvalidGuarantee(Invalid):
    """Nobody can promise that."""


class Guarantees:
    """Promises."""

    def __init__(self, kept: Store[Order], orders: Orders, claims: Claims, clock: Clock) -> None:
        self._kept, self._orders, self._claims, self._clock = kept, orders, claims, clock

    async def promise(self, order_id: str, until: datetime | None, reason: str, by: str) -> Standing:
        """How the order stands then; the same promise again changes nothing. Refuses with ORDER_NOT_FOUND, NOT_PROTECTED,
        INVALID_GUARANTEE, VERSION_MISMATCH."""
        order, now = await self._orders.get(order_id, "", staff=True), self._clock.now()
        if order.paid_at is None:
            raise NotProtected("nothing has been paid for it")
        faults = []
        if until is None or not now < until or (until - order.paid_at).days >= MOST_DAYS:
            faults.append(FieldError("/until", f"later than now, at most {MOST_DAYS} days after payment"))
        if not 3 <= len(reason) <= 200:
            faults.append(FieldError("/reason", "3 to 200 characters"))
        if len(order.guarantees) >= _MOST:
            faults.append(FieldError("/until", f"at most {_MOST} promises an order"))
        if faults or until is None:
            raise InvalidGuarantee("nobody can promise that", errors=faults)
        if not any(each.until == until and each.by == by for each in order.guarantees):
            where = {"_id": order.id, "version": order.version}
            made = encode(Guarantee(until, reason, by, now))
            if await self._kept.change(where, {"$push": {"guarantees": made}}) is None:
                raise VersionMismatch("the order has changed meanwhile: look again")
        return await self._claims.standing(order_id, "", staff=True)
