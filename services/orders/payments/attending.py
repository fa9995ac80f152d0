"""This is where money that is not in yet is looked after: taken when the first parcel leaves, at the door, or in time."""

import logging

from services.kit.clock import Clock
from services.kit.errors import Refused
from services.kit.store import Store
from services.orders.leases import LEASE, go_on_with_due
from services.orders.orders import Order, State
from services.orders.paying import Capture, Step, looked_after_at

from .claims import LIVING, CancelInstead, NothingToCapture, NothingToVoid, OrderNotLiving
from .moving import MoneyUnfinished, Moving, OrderKeepsChanging

log = logging.getLogger(__name__)
_AT_ONCE = 8
_BACK = {"rejected", "returned"}
_LATER = (MoneyUnfinished, OrderKeepsChanging, OrderNotLiving)
_NOTHING = (NothingToCapture, NothingToVoid, CancelInstead)


class Attending:
    """Told of parcels; and a chore, for what is half-done and for authorisations that run out."""

    def __init__(self, orders: Store[Order], moving: Moving, clock: Clock) -> None:
        self._orders, self._moving, self._clock = orders, moving, clock

    async def parcel(self, order: Order) -> None:
        """A parcel of an order whose money is taken later has moved. What cannot be done now the chore does."""
        try:
            await self._by_parcels(order)
        except _LATER as later:
            log.info("%s: its money waits: %s", order.id, later.reason)
            await self._orders.change({"_id": order.id}, {"$set": {"money_due_at": self._clock.now() + LEASE}})

    async def round(self) -> int:
        """The chore: a few that are due; answers how many were."""
        return await go_on_with_due(self._orders, "money_due_at", self._clock.now(), self._attend, _AT_ONCE)

    async def _attend(self, order: Order) -> None:
        try:
            order = await self._moving.finish(order)
            order = await self._by_parcels(order)
            order = await self._before_expiry(order)
        except Refused as no:
            log.info("%s: its money is looked after later: %s", order.id, no.reason)
            return  # still due, when the lease is over
        pending = any(m.step in (Step.ASKED, Step.AWAITING) for m in order.movements)
        later = self._clock.now() + LEASE if pending or order.state is State.CANCELLING else None
        if later is None and order.paying is not None and order.state in LIVING:
            later = looked_after_at(order.paying)
            if later is not None and later <= self._clock.now():
                later = None  # what could be done is done; the rest is for people
        await self._orders.change({"_id": order.id, "version": order.version}, {"$set": {"money_due_at": later}})

    async def _by_parcels(self, order: Order) -> Order:
        """What its parcels say of its money."""
        paying = order.paying
        if paying is None or not paying.left_minor:
            return order
        state = order.state_by_parcels()
        try:
            if paying.capture is Capture.SHIPMENT and state is not State.PAID:
                return await self._moving.capture(order.id, f"{order.id}.shipment", "shipment")
            if paying.cash and state is State.DELIVERED:
                return await self._moving.capture(order.id, f"{order.id}.door", "carrier")
            if paying.cash and _came_back(order):
                return await self._moving.void(order.id, f"{order.id}.refused", "carrier", "refused", whole=True)
        except _NOTHING:
            log.info("%s: somebody was faster with its money", order.id)
        return order

    async def _before_expiry(self, order: Order) -> Order:
        paying = order.paying
        due = looked_after_at(paying) if paying else None
        if paying is None or due is None or due > self._clock.now() or order.state not in LIVING:
            return order
        key = f"{order.id}.expiry"
        try:
            if paying.at_expiry == "void":
                return await self._moving.void(order.id, key, "expiry", "expired", whole=True)
            return await self._moving.capture(order.id, key, "expiry")
        except _NOTHING:
            return order


def _came_back(order: Order) -> bool:
    """Whether every parcel was refused at the door, or is back."""
    states = [shipment.track.state if shipment.track else "" for shipment in order.shipments.values()]
    return len(states) >= max(1, order.shipments_planned) and all(state in _BACK for state in states)
