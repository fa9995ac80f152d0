"""This is where a store tells that an order is ready, and hands it over to who knows its code: once, however often tried.

An attempt is counted before the code is looked at, by a conditional write, so that nobody has more than five guesses however
many are sent at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Exhausted, NotFound, WrongState
from services.kit.store import Store, encode
from services.orders import limits
from services.orders.looking import OrderNotFound, Orders
from services.orders.messages.events import order_delivered
from services.orders.orders import PICKUP, Happened, Order, State

from .events import pickup_ready
from .pickups import KEPT_FOR, MOST_ATTEMPTS, REMINDED_BEFORE, Pickup, PickupState, code_of, same_code


class NotPickedUp(NotFound):
    """The order is not one that is picked up, or not paid."""


class PickupNotReady(WrongState):
    """It cannot be done as it is (metadata: state)."""


class PickupHeld(WrongState):
    """Something keeps the order; let that go first."""


class PickupCodeWrong(WrongState):
    """Not its code (metadata: left, the attempts that are left)."""


class PickupLocked(Exhausted):
    """The code was tried too often: make a new one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order to pick up, and its code where it may be shown."""

    order: Order
    pickup: Pickup
    code: str = ""


class Handing:
    """Gives out orders."""

    def __init__(self, orders: Store[Order], looking: Orders, secret: str, clock: Clock) -> None:
        self._orders, self._looking, self._secret, self._clock = orders, looking, secret, clock

    async def seen(self, order_id: str, customer_id: str, *, staff: bool) -> Seen:
        """How far it has come; its code for its customer once it is ready. Refuses with ORDER_NOT_FOUND, NOT_PICKED_UP."""
        order = await self._looking.get(order_id, customer_id, staff=staff)
        pickup = _pickup(order)
        shown = pickup.state is PickupState.READY and not staff
        return Seen(order, pickup, code_of(self._secret, order.id, pickup.turn) if shown else "")

    async def ready(self, order_id: str) -> Seen:
        """It lies there. Again changes nothing. Refuses with ORDER_NOT_FOUND, NOT_PICKED_UP, PICKUP_NOT_READY,
        PICKUP_HELD."""
        order = await self._order(order_id)
        pickup = _pickup(order)
        if pickup.state is PickupState.READY:
            return Seen(order, pickup)
        if order.held:
            raise PickupHeld("something keeps it", reason=order.held[0].reason)
        now = self._clock.now()
        pickup = replace(
            pickup,
            state=PickupState.READY,
            ready_at=now,
            expires_at=now + KEPT_FOR,
            next_at=now + KEPT_FOR - REMINDED_BEFORE,
        )
        happened = Happened("ready", "ready", now, "It waits in the store.")
        update = {"$set": {"pickup": encode(pickup)}, "$push": {"events": encode(happened)}}
        where = {**_standing(order, PickupState.PREPARING), "version": order.version}
        return await self._changed(order, where, update, pickup_ready(order, pickup, now))

    async def new_code(self, order_id: str) -> Seen:
        """Another code; the one before is good no more. Refuses with ORDER_NOT_FOUND, NOT_PICKED_UP, PICKUP_NOT_READY."""
        order = await self._order(order_id)
        where = {**_standing(order, PickupState.READY), "pickup.turn": _pickup(order).turn}
        return await self._changed(order, where, {"$set": {"pickup.attempts": 0}, "$inc": {"pickup.turn": 1}})

    async def collect(self, order_id: str, typed: str, by: str) -> Seen:
        """Handed over, once. Refuses with ORDER_NOT_FOUND, NOT_PICKED_UP, PICKUP_NOT_READY, PICKUP_HELD, PICKUP_CODE_WRONG,
        PICKUP_LOCKED."""
        limits.text(typed, "/code", 64, needed=True)
        order = await self._order(order_id)
        pickup = _pickup(order)
        if pickup.state is not PickupState.READY:
            raise PickupNotReady(f"it is {pickup.state.value}", state=pickup.state.value)
        where = {**_standing(order, PickupState.READY), "pickup.attempts": {"$lt": MOST_ATTEMPTS}}
        tried = await self._orders.change(where, {"$inc": {"pickup.attempts": 1}})
        if tried is None:
            pickup = _pickup(await self._order(order_id))
            if pickup.state is PickupState.READY and pickup.attempts >= MOST_ATTEMPTS:
                raise PickupLocked("the code was tried too often")
            raise PickupNotReady(f"it is {pickup.state.value}", state=pickup.state.value)
        pickup = _pickup(tried)
        if not same_code(typed, code_of(self._secret, tried.id, pickup.turn)):
            raise PickupCodeWrong("not its code", left=MOST_ATTEMPTS - pickup.attempts)
        if tried.held:
            raise PickupHeld("something keeps it", reason=tried.held[0].reason)
        return await self._handed_over(tried, pickup, by, self._clock.now())

    async def _handed_over(self, order: Order, pickup: Pickup, by: str, now: datetime) -> Seen:
        gone = replace(pickup, state=PickupState.COLLECTED, collected_at=now, by=by, next_at=None)
        happened = Happened("collected", "delivered", now, "Handed over in the store.")
        fields = {"state": State.DELIVERED.value, "delivered_at": now, "uncounted": True, "pickup": encode(gone)}
        where = {**_standing(order, PickupState.READY), "pickup.turn": pickup.turn}
        update = {"$set": fields, "$push": {"events": encode(happened)}}
        return await self._changed(order, where, update, order_delivered(order, now))

    async def _order(self, order_id: str) -> Order:
        order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
        if order is None:
            raise OrderNotFound("no such order")
        return order

    async def _changed(self, order: Order, where: dict[str, Any], update: dict[str, Any], *told: Any) -> Seen:
        changed = await self._orders.change(where, update, *told)
        if changed is None:
            state = _pickup(await self._order(order.id)).state.value
            raise PickupNotReady(f"it is {state}, or has just changed", state=state)
        return Seen(changed, _pickup(changed))


def _pickup(order: Order) -> Pickup:
    if order.fulfilment != PICKUP or order.pickup is None:
        raise NotPickedUp("it is not picked up, or not paid")
    return order.pickup


def _standing(order: Order, state: PickupState) -> dict[str, Any]:
    """While it is paid, not cancelled, and so far."""
    return {"_id": order.id, "state": State.PAID.value, "pickup.state": state.value}
