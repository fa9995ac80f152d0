"""This is where a customer sees what is protected until when, and claims what they are owed."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import WrongState
from services.orders.looking import Orders
from services.orders.orders import Order

from .drops import Drop, Drops
from .dues import claimed_until, covered, covered_until, due
from .paying import Paying
from .policy import Policies, ProtectionPolicy


class NotProtected(WrongState):
    """The order is not protected, or not any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order's protection: until when a fall counts and may be claimed, and what could be claimed now."""

    order: Order
    policy: ProtectionPolicy
    until: datetime | None
    claim_until: datetime | None
    claimable: int
    covered: dict[str, int]  # units by SKU


class Claims:
    """Looks at orders, and pays what they ask for."""

    def __init__(self, orders: Orders, drops: Drops, paying: Paying, policies: Policies, clock: Clock) -> None:
        self._orders, self._drops, self._paying, self._policies = orders, drops, paying, policies
        self._clock = clock

    async def standing(self, order_id: str, customer_id: str, *, staff: bool = False) -> Standing:
        """Refuses with ORDER_NOT_FOUND."""
        order, policy = await self._orders.get(order_id, customer_id, staff=staff), await self._policies.get()
        return await self._standing(order, policy)

    async def claim(self, order_id: str, customer_id: str, *, staff: bool = False) -> Standing:
        """Pays all that is owed; again changes nothing. Refuses with ORDER_NOT_FOUND, NOT_PROTECTED, PROTECTION_BUSY,
        PROTECTION_UNFINISHED."""
        order, policy = await self._orders.get(order_id, customer_id, staff=staff), await self._policies.get()
        until = covered_until(order, policy)
        if until is None or order.paid_at is None:
            raise NotProtected("this order is not protected against falling prices")
        if self._clock.now() > (claimed_until(order, policy) or until):
            raise NotProtected("it was protected, but not any more")
        for drop in await self._fallen(order, until):
            order, _ = await self._paying.reserve(order, drop, policy)
        return await self._standing(await self._paying.go_on(order), policy)

    async def _standing(self, order: Order, policy: ProtectionPolicy) -> Standing:
        until = covered_until(order, policy)
        if until is None or order.paid_at is None:
            return Standing(order, policy, None, None, 0, {})
        claim_until = claimed_until(order, policy) or until
        drops = await self._fallen(order, until) if self._clock.now() <= claim_until else []
        units = {line.sku: covered(line, policy) for line in order.lines}
        # What two drops of a SKU give is what the lower one gives alone.
        most: dict[str, int] = {}
        for drop in drops:
            most[drop.sku] = max(most.get(drop.sku, 0), due(order, drop, policy))
        claimable = sum(most.values())
        if policy.cap_order_minor:
            claimable = min(claimable, policy.cap_order_minor - sum(each.minor for each in order.protections))
        return Standing(order, policy, until, claim_until, max(0, claimable), units)

    async def _fallen(self, order: Order, until: datetime) -> list[Drop]:
        if order.paid_at is None:
            return []
        return await self._drops.since([line.sku for line in order.lines], order.paid_at, until)
