"""This is where what waits in stores is looked after by itself: its customer reminded once, the goods put back and the money
given back when nobody came."""

import logging

from services.kit.clock import Clock
from services.kit.store import Store
from services.orders.cancellation import Cancellation
from services.orders.leases import go_on_with_due
from services.orders.orders import DEAD, Order, State

from .events import pickup_expired, pickup_waiting
from .pickups import PickupState

log = logging.getLogger(__name__)
_AT_ONCE = 8


class Attending:
    """The chore. Every step bears repeating."""

    def __init__(self, orders: Store[Order], cancellation: Cancellation, clock: Clock) -> None:
        self._orders, self._cancellation, self._clock = orders, cancellation, clock

    async def round(self) -> int:
        """Looks after a few that are due; answers how many were."""
        return await go_on_with_due(self._orders, "pickup.next_at", self._clock.now(), self._attend, _AT_ONCE)

    async def _attend(self, order: Order) -> None:
        pickup = order.pickup
        if pickup is None:
            return
        now, mine = self._clock.now(), {"_id": order.id, "version": order.version}
        if order.state in DEAD or pickup.state is PickupState.COLLECTED:
            await self._orders.change(mine, {"$set": {"pickup.next_at": None}})
        elif pickup.state is PickupState.EXPIRED:
            await self._cancellation.cancel(order.id, "", "not_collected", staff=True)
        elif pickup.expires_at and now >= pickup.expires_at and order.state is State.PAID:
            told = pickup_expired(order, now)
            if await self._orders.change(mine, {"$set": {"pickup.state": PickupState.EXPIRED.value}}, told):
                await self._cancellation.cancel(order.id, "", "not_collected", staff=True)
        elif not pickup.reminded and order.state is State.PAID:
            update = {"$set": {"pickup.reminded": True, "pickup.next_at": pickup.expires_at}}
            await self._orders.change(mine, update, pickup_waiting(order, pickup, now))
