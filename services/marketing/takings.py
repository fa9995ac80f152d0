"""This is where orders take uses of coupons and give them back: never more than the limit, once an order, through any crash.

Two writes take a use. First a *taking* (`order|code`) is inserted: it is the only lasting memory that this order asked,
and the insert decides who is first. Then one conditional update of the coupon raises `uses`, if it is below the limit, and
puts the order on the coupon's own short list `counted`, if it is on neither of its lists; so counting is atomic and
happens once however often it is tried. What a crash can leave behind:

- before the update: a taking not counted. The caller's retry counts it; if nobody retries, `tidy` gives it up in an hour.
- after the update, before the answer: the retry finds the order on `counted` and answers as the first would have.
- while giving back: the taking says `returning`; the retry, or `tidy`, goes on. The decrement is one update that moves the
  order from `counted` to `returned` (or adds it there), so it too happens once.

The lists must not grow for ever. `tidy` first notes in the taking that it was counted, and only then takes the order off
`counted`; an order leaves `returned` an hour after its taking says so. A caller that read the taking before that and
counts after it would count twice: no step begins more than ten seconds after the call came in, the lists are kept for a
minute at least. The customer's own limit is one small document by customer, which remembers its orders for good.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, NotFound, TooLate, WrongState
from services.kit.store import Change, Store

from .coupons import Coupon, Coupons, CustomerUses, is_code, normalised
from .promotions import Tell

ASKED, RETURNING, RETURNED = "asked", "returning", "returned"
_TIDY_AFTER = timedelta(minutes=1)
_KEEP_RETURNED = timedelta(hours=1)
_GIVE_UP_AFTER = timedelta(hours=1)
# A cart was priced, and the money may already be moving, while the coupon ran: its end does not stop that order.
_GRACE = timedelta(minutes=5)
_LONGEST_CALL_S = 10.0
_TIDY_AT_ONCE = 500
_TRIES = 5


class CouponUsedUp(WrongState):
    """No use is left, in all or for this customer."""


class CouponNotFound(NotFound):
    """There is no such coupon."""


class TookTooLong(TooLate):
    """The call has run too long to go on safely; again is harmless."""


@dataclass
class Taking:
    """An order's use of a coupon; `id` is order|code. States: asked → returning → returned.

    `counted`: the coupon has counted it for sure, and may have forgotten the order. `tidy_at`: when to look after it.
    """

    id: str
    order_id: str
    code: str
    customer_id: str
    state: str
    asked_at: datetime
    counted: bool = False
    tidy_at: datetime | None = None
    version: int = 0


class Takings:
    """Taking uses and giving them back. `changed` makes the event that tells a coupon was used up, or is not any more."""

    def __init__(
        self,
        takings: Store[Taking],
        counts: Store[Coupon],
        customer_uses: Store[CustomerUses],
        coupons: Coupons,
        clock: Clock,
        changed: Tell,
    ) -> None:
        self._takings, self._counts, self._customer_uses = takings, counts, customer_uses
        self._coupons, self._clock, self._changed = coupons, clock, changed

    async def take(self, order_id: str, customer_id: str, codes: Sequence[str]) -> None:
        """One use of each code, or of none. Again changes nothing; after a release it is refused.

        Refuses with `CouponUsedUp`, `CouponNotFound`.
        """
        by = time.monotonic() + _LONGEST_CALL_S
        taken: list[str] = []
        for code in sorted({normalised(code) for code in codes}):
            taken.append(code)
            try:
                await self._take_one(order_id, customer_id, code, by)
            except (CouponUsedUp, CouponNotFound):
                for each in taken:  # this one too: it may have been asked for, or counted for the customer
                    await self._release_one(order_id, customer_id, each, by)
                raise

    async def release(self, order_id: str, customer_id: str, codes: Sequence[str]) -> None:
        """Gives the order's uses back, and lets it take none of these again. Again changes nothing."""
        by = time.monotonic() + _LONGEST_CALL_S
        for code in sorted({normalised(code) for code in codes}):
            await self._release_one(order_id, customer_id, code, by)

    async def _take_one(self, order_id: str, customer_id: str, code: str, by: float) -> None:
        coupon = await self._coupons.definition(code) if is_code(code) else None
        if coupon is None:
            raise CouponNotFound(f"there is no coupon {code}", code=code)
        now = self._clock.now()
        asked = Taking(f"{order_id}|{code}", order_id, code, customer_id, ASKED, now, tidy_at=now + _TIDY_AFTER)
        try:
            await self._takings.insert(asked)
        except AlreadyExists:
            earlier = await self._takings.get(asked.id)
            if earlier and earlier.state != ASKED:
                raise CouponUsedUp(f"{code} was given back by this order", code=code) from None
            if earlier and earlier.counted:
                return
        else:
            if now >= coupon.ends_at + _GRACE:  # not asked of a retry: it may have been counted, and even paid
                raise CouponUsedUp(f"{code} is over", code=code)
        if coupon.limit_per_customer:
            _in_time(by)
            await self._count_for_customer(coupon, customer_id, order_id)
        _in_time(by)
        await self._count(coupon, order_id)

    async def _count(self, coupon: Coupon, order_id: str) -> None:
        """Counts the order once, and only below the limit."""
        unknown = {"counted": {"$ne": order_id}, "returned": {"$ne": order_id}}
        update = {"$inc": {"uses": 1}, "$push": {"counted": order_id}}
        for _ in range(_TRIES):  # the count may pass to and fro over the limit between our two updates
            if await self._change_count(coupon, unknown, update, "$lt", coupon.limit - 1):
                return
            now = await self._counts.get(coupon.id)
            if now and order_id in now.counted:
                return
            if now is None or now.used_up or order_id in now.returned:
                break
        raise CouponUsedUp(f"{coupon.id} is used up", code=coupon.id)

    async def _change_count(
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

    async def _count_for_customer(self, coupon: Coupon, customer_id: str, order_id: str) -> None:
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

    async def _release_one(self, order_id: str, customer_id: str, code: str, by: float) -> None:
        coupon = await self._coupons.definition(code) if is_code(code) else None
        if coupon is None:
            return
        taking = await self._begin_release(order_id, customer_id, code)
        if taking.state == RETURNED:
            return
        _in_time(by)
        await self._uncount(coupon, taking)
        if coupon.limit_per_customer and taking.customer_id:
            await self._uncount_for_customer(f"{code}|{taking.customer_id}", order_id)
        forget_at = self._clock.now() + _KEEP_RETURNED
        done = {"$set": {"state": RETURNED, "tidy_at": forget_at}}
        await self._takings.change({"_id": taking.id, "state": RETURNING}, done)

    async def _begin_release(self, order_id: str, customer_id: str, code: str) -> Taking:
        """The taking, `returning` or `returned` from now on; one never taken is made, so that it cannot be any more."""
        key, now = f"{order_id}|{code}", self._clock.now()
        begun = {"$set": {"state": RETURNING, "tidy_at": now + _TIDY_AFTER}}
        for _ in range(_TRIES):
            taking = await self._takings.change({"_id": key, "state": ASKED}, begun) or await self._takings.get(key)
            if taking:
                return taking
            try:
                return await self._takings.insert(Taking(key, order_id, code, customer_id, RETURNED, now))
            except AlreadyExists:  # taken this very moment
                continue
        raise TookTooLong("the coupon is being taken just now")

    async def _uncount(self, coupon: Coupon, taking: Taking) -> None:
        """Takes the order's use off the count, if it is on it; then the coupon knows that it is returned."""
        order_id = taking.order_id
        less: dict[str, Any] = {"$inc": {"uses": -1}, "$push": {"returned": order_id}}
        move = {**less, "$pull": {"counted": order_id}}
        unknown = {"counted": {"$ne": order_id}, "returned": {"$ne": order_id}}
        for _ in range(_TRIES):  # the count may pass to and fro over the limit between our updates
            if await self._change_count(coupon, {"counted": order_id}, move, "$ne", coupon.limit):
                return
            if not taking.counted:
                fence = Change({"_id": coupon.id, **unknown}, {"$push": {"returned": order_id}})
                if await self._counts.change_many([fence]):
                    return
            elif await self._change_count(coupon, unknown, less, "$ne", coupon.limit):
                return
            now = await self._counts.get(coupon.id)
            if now is None or order_id in now.returned:
                return
        raise TookTooLong("the coupon is too busy just now")

    async def _uncount_for_customer(self, key: str, order_id: str) -> None:
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

    async def tidy(self) -> None:
        """Finishes what crashes left behind and shortens the coupons' lists."""
        while await self._tidy_some() == _TIDY_AT_ONCE:
            pass

    async def _tidy_some(self) -> int:
        now = self._clock.now()
        due = await self._takings.find({"tidy_at": {"$lte": now}}, sort=[("tidy_at", 1)], limit=_TIDY_AT_ONCE)
        by_code: dict[str, list[Taking]] = defaultdict(list)
        for taking in due:
            by_code[taking.code].append(taking)
        for code, takings in by_code.items():
            await self._tidy_coupon(code, takings, now)
        return len(due)

    async def _tidy_coupon(self, code: str, takings: Sequence[Taking], now: datetime) -> None:
        coupon = await self._counts.get(code)
        on_list = set(coupon.counted if coupon else ())
        counted = [each for each in takings if each.state == ASKED and (each.counted or each.order_id in on_list)]
        returned = [each for each in takings if each.state == RETURNED]
        if counted:
            note = {"$set": {"counted": True}}
            await self._takings.change_many([Change({"_id": each.id, "state": ASKED}, note) for each in counted])
        sure = await self._takings.get_many([each.id for each in counted]) if counted else {}
        settled = [each for each in sure.values() if each.counted]
        if settled or returned:
            gone = {
                "counted": {"$in": [each.order_id for each in settled]},
                "returned": {"$in": [each.order_id for each in returned]},
            }
            await self._counts.change_many([Change({"_id": code}, {"$pull": gone})])
            tidied = [Change({"_id": e.id, "state": ASKED}, {"$set": {"tidy_at": None}}) for e in settled]
            tidied += [Change({"_id": e.id, "state": RETURNED}, {"$set": {"tidy_at": None}}) for e in returned]
            await self._takings.change_many(tidied)
        for each in takings:
            if each.state == RETURNING or (each.state == ASKED and each not in counted):
                await self._finish(each, now)

    async def _finish(self, taking: Taking, now: datetime) -> None:
        """Goes on giving back; gives up what was asked for but never counted, once nobody can be at it any more."""
        if taking.state == RETURNING or now - taking.asked_at >= _GIVE_UP_AFTER:
            by = time.monotonic() + _LONGEST_CALL_S
            await self._release_one(taking.order_id, taking.customer_id, taking.code, by)
        else:
            again = {"$set": {"tidy_at": now + _KEEP_RETURNED / 6}}
            await self._takings.change({"_id": taking.id, "state": ASKED}, again)


def _in_time(by: float) -> None:
    if time.monotonic() > by:
        raise TookTooLong("the call has run too long to go on safely")
