"""This is where all who paid more are found: by the index, so many orders a step, each step kept, by any replica."""

import contextlib
import logging
from collections.abc import Awaitable, Callable

from services.kit.clock import Clock
from services.kit.store import Store
from services.orders.leases import go_on_with_due
from services.orders.orders import Order

from .drops import Drop, DropState
from .dues import due, reserved
from .grants import ProtectionBusy
from .paying import Paying, ProtectionUnfinished
from .policy import Policies, ProtectionPolicy
from .promoted import FLASH_SALE, PROMOTION

log = logging.getLogger(__name__)
STEP, _AT_ONCE = 50, 8
Buyers = Callable[[Drop, int], Awaitable[list[Order]]]  # who bought it, behind the drop's cursor
Followed = Callable[[Drop], Awaitable[None]]  # what falls with a list price


class Sweeping:
    """The chore. A step that was cut off is done again; what was reserved for a drop is not reserved twice."""

    def __init__(
        self,
        drops: Store[Drop],
        buyers: Buyers,
        paying: Paying,
        policies: Policies,
        clock: Clock,
        followed: Followed,
    ) -> None:
        self._drops, self._buyers, self._paying, self._policies = drops, buyers, paying, policies
        self._clock, self._followed = clock, followed

    async def round(self) -> int:
        """A step of each of a few sweeps; answers how many were due."""
        return await go_on_with_due(self._drops, "due_at", self._clock.now(), self._step, _AT_ONCE)

    async def _step(self, drop: Drop) -> None:
        policy = await self._policies.get()
        orders = await self._buyers(drop, STEP)
        for order in orders:
            await self._looked_at(order, drop, policy)
            drop.looked += 1
            drop.cursor_at, drop.cursor_id = order.paid_at or drop.cursor_at, order.id
        over, now = len(orders) < STEP, self._clock.now()
        if over and drop.looked and drop.cause not in (PROMOTION, FLASH_SALE):
            await self._followed(drop)
        if over:
            drop.state, drop.done_at = DropState.DONE, now
        drop.due_at = None if over else now
        await self._drops.save(drop)  # a version that is not ours any more: somebody took over, and does it again

    async def _looked_at(self, order: Order, drop: Drop, policy: ProtectionPolicy) -> None:
        minor = due(order, drop, policy) or reserved(order, drop)
        if not minor:
            return
        drop.entitled += 1
        if policy.mode != "automatic":
            return
        with contextlib.suppress(ProtectionBusy):  # who cannot be reserved now may still claim it
            order, minor = await self._paying.reserve(order, drop, policy)
            if minor:
                drop.paid, drop.paid_minor = drop.paid + 1, drop.paid_minor + minor
                with contextlib.suppress(ProtectionUnfinished):  # it is reserved: the chore pays it
                    await self._paying.go_on(order)
