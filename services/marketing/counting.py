"""This is where the uses of a coupon and the money it gave away are counted: once an order, never beyond its limits.

Each count is one conditional update of the coupon's document: the number, the money and the order's place on the coupon's
own short lists `counted` and `returned` change together. What a customer has used is one small document by coupon and
customer.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, TooLate, WrongState
from services.kit.store import Change, Store

from .coupons import Coupon, CustomerUses
from .promotions import Tell

# A cart was priced, and the money may already be moving, while the coupon ran: its end does not stop that order.
GRACE = timedelta(minutes=5)
_TRIES = 5


class CouponUsedUp(WrongState):
    """No use is left, or no money: in all or for this customer; or it is over, or suspended."""


class TookTooLong(TooLate):
    """The call has run too long to go on safely; again is harmless."""


class Counting:
    """Counts uses and takes them off the count. `changed` makes the event that tells a coupon was used up, or is not any
    more; running out of money is not told, it depends on the cart: a checkout it refuses has its carts priced anew."""

    def __init__(self, counts: Store[Coupon], customer_uses: Store[CustomerUses], clock: Clock, changed: Tell) -> None:
        self._counts, self._customer_uses, self._clock, self._changed = counts, customer_uses, clock, changed

    async def count(self, coupon: Coupon, order_id: str, minor: int) -> None:
        """Counts the order and what it was given, once, and only within limit, budget and time. Refuses with
        `CouponUsedUp`."""
        unknown: dict[str, Any] = {
            "counted": {"$ne": order_id},
            "returned": {"$ne": order_id},
            "paused": {"$ne": True},
            "ends_at": {"$gt": self._clock.now() - GRACE},
        }
        if coupon.budget_minor:
            unknown["given_minor"] = {"$lte": coupon.budget_minor - minor}
        update = {"$inc": {"uses": 1, "given_minor": minor}, "$push": {"counted": order_id}}
        for _ in range(_TRIES):  # the count may pass to and fro over the limit between our two updates
            if await self._change(coupon, unknown, update, "$lt", coupon.limit - 1):
                return
            now = await self._counts.get(coupon.id)
            if now and order_id in now.counted:
                return
            if now is None or now.used_up or order_id in now.returned or not _room(now, minor):
                break
        raise CouponUsedUp(f"{coupon.id} is used up", code=coupon.id)

    async def _change(
        self, coupon: Coupon, where: Mapping[str, Any], update: Mapping[str, Any], below: str, edge: int
    ) -> bool:
        """The update, if `uses` is below `edge`; the same and an event, if it stands at it. Without a limit, no edge."""
        key = {"_id": coupon.id, **where}
        if not coupon.limit:
            return await self._counts.change_many([Change(key, update)])
        if await self._counts.change_many([Change({**key, "uses": {below: edge}}, update)]):
            return True
        told = [self._changed(coupon.id, self._clock.now())]
        return await self._counts.change_many([Change({**key, "uses": edge}, update, told)])

    async def count_for_customer(self, coupon: Coupon, customer_id: str, order_id: str) -> None:
        """The same for the customer's own limit. Refuses with `CouponUsedUp`."""
        key = f"{coupon.id}|{customer_id}"
        if not customer_id:
            raise CouponUsedUp(f"{coupon.id} is for customers who are signed in", code=coupon.id)
        try:
            await self._customer_uses.insert(CustomerUses(key, [order_id]))
            return
        except AlreadyExists:
            room = {f"orders.{coupon.limit_per_customer - 1}": {"$exists": False}}
            unknown = {"orders": {"$ne": order_id}, "returned": {"$ne": order_id}}
            if await self._customer_uses.change({"_id": key, **unknown, **room}, {"$push": {"orders": order_id}}):
                return
        uses = await self._customer_uses.get(key)
        if uses is None or order_id not in uses.orders:
            raise CouponUsedUp(f"this customer has used {coupon.id} up", code=coupon.id, limit="customer")

    async def uncount(self, coupon: Coupon, order_id: str, minor: int, *, sure: bool) -> None:
        """Takes the order's use and money off the count, if it is on it; then the coupon knows that it is returned. `sure`:
        it was counted, though the coupon may have forgotten."""
        less: dict[str, Any] = {"$inc": {"uses": -1, "given_minor": -minor}, "$push": {"returned": order_id}}
        move = {**less, "$pull": {"counted": order_id}}
        unknown = {"counted": {"$ne": order_id}, "returned": {"$ne": order_id}}
        for _ in range(_TRIES):  # the count may pass to and fro over the limit between our updates
            if await self._change(coupon, {"counted": order_id}, move, "$ne", coupon.limit):
                return
            if not sure:
                fence = Change({"_id": coupon.id, **unknown}, {"$push": {"returned": order_id}})
                if await self._counts.change_many([fence]):
                    return
            elif await self._change(coupon, unknown, less, "$ne", coupon.limit):
                return
            now = await self._counts.get(coupon.id)
            if now is None or order_id in now.returned:
                return
        raise TookTooLong("the coupon is too busy just now")

    async def uncount_for_customer(self, key: str, order_id: str) -> None:
        """The same for the customer's own limit; `key` is coupon|customer."""
        fence = {"$each": [order_id], "$slice": -100}
        for _ in range(_TRIES):
            update = {"$pull": {"orders": order_id}, "$push": {"returned": fence}}
            if await self._customer_uses.change({"_id": key, "returned": {"$ne": order_id}}, update):
                return
            if await self._customer_uses.get(key):
                return
            try:
                await self._customer_uses.insert(CustomerUses(key, returned=[order_id]))
                return
            except AlreadyExists:
                continue


def _room(coupon: Coupon, minor: int) -> bool:
    return not coupon.budget_minor or coupon.given_minor + minor <= coupon.budget_minor
