"""This is where orders take uses of coupons and give them back: never more than the limit, once an order, through any crash.

Two writes take a use. First a *taking* (`order|code`) is inserted: it is the only lasting memory that this order asked,
and for how much off, and the insert decides who is first. Then one conditional update of the coupon raises `uses` and
`given_minor`, if they stay within limit and budget, and puts the order on the coupon's own short list `counted`, if it is on
neither of its lists; so counting is atomic and happens once however often it is tried. A voucher is taken in between, by one
conditional update of its own. What a crash can leave behind:

- before the update: a taking not counted. The caller's retry counts it; if nobody retries, `tidy` gives it up in an hour.
- after the update, before the answer: the retry finds the order on `counted` and answers as the first would have.
- while giving back: the taking says `returning`; the retry, or `tidy`, goes on. The decrement is one update that moves the
  order from `counted` to `returned` (or adds it there), so it too happens once.

The lists must not grow for ever. `tidy` first notes in the taking that it was counted, and only then takes the order off
`counted`; an order leaves `returned` an hour after its taking says so. A caller that read the taking before that and
counts after it would count twice: no step begins more than ten seconds after the call came in, the lists are kept for a
minute at least. The customer's own limit is one small document by customer, which remembers its orders for good.

A use goes back when a checkout fails and when an order is cancelled. It does not when a delivered order is refunded: it has
been used, and what was given away stays given; support may grant another (`wallets`).
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid
from services.kit.store import Change, Store

from .counting import GRACE, Counting, CouponUsedUp, TookTooLong
from .coupons import Coupon, CouponNotFound, Coupons, normalised
from .vouchers import Voucher, Vouchers

ASKED, RETURNING, RETURNED = "asked", "returning", "returned"
_TIDY_AFTER = timedelta(minutes=1)
_KEEP_RETURNED = timedelta(hours=1)
_GIVE_UP_AFTER = timedelta(hours=1)
_LONGEST_CALL_S = 10.0
_TIDY_AT_ONCE = 500
_TRIES = 5


class AmountMissing(Invalid):
    """A coupon with a budget is taken with what it gives."""


@dataclass
class Taking:
    """An order's use of a coupon; `id` is order|code. States: asked → returning → returned.

    `coupon` is what the code names (empty: the code itself), `minor` what it takes off. `counted`: the coupon has counted it
    for sure, and may have forgotten the order. `tidy_at`: when to look after it.
    """

    id: str
    order_id: str
    code: str
    customer_id: str
    state: str
    asked_at: datetime
    counted: bool = False
    tidy_at: datetime | None = None
    coupon: str = ""
    minor: int = 0
    version: int = 0

    @property
    def of(self) -> str:
        """The coupon it is counted at."""
        return self.coupon or self.code


class Takings:
    """Taking uses and giving them back."""

    def __init__(
        self,
        takings: Store[Taking],
        counts: Store[Coupon],
        counting: Counting,
        coupons: Coupons,
        vouchers: Vouchers,
        clock: Clock,
    ) -> None:
        self._takings, self._counts, self._counting = takings, counts, counting
        self._coupons, self._vouchers, self._clock = coupons, vouchers, clock

    async def take(self, order_id: str, customer_id: str, given: Mapping[str, int]) -> None:
        """One use of each code, or of none; `given` says what each takes off (minor units). Again changes nothing; after a
        release it is refused.

        Refuses with `CouponUsedUp`, `CouponNotFound`, `AmountMissing`.
        """
        by = time.monotonic() + _LONGEST_CALL_S
        amounts = {normalised(code): minor for code, minor in given.items()}
        taken: list[str] = []
        kinds: set[str] = set()
        for code in sorted(amounts):
            taken.append(code)
            try:
                await self._take_one(order_id, customer_id, code, amounts[code], kinds, by)
            except (CouponUsedUp, CouponNotFound):
                for each in taken:  # this one too: it may have been asked for, or counted for the customer
                    await self._release_one(order_id, customer_id, each, by)
                raise

    async def release(self, order_id: str, customer_id: str, codes: Sequence[str]) -> None:
        """Gives the order's uses back, and lets it take none of these again. Again changes nothing."""
        by = time.monotonic() + _LONGEST_CALL_S
        for code in sorted({normalised(code) for code in codes}):
            await self._release_one(order_id, customer_id, code, by)

    async def _take_one(
        self, order_id: str, customer_id: str, code: str, minor: int, kinds: set[str], by: float
    ) -> None:
        coupon, voucher = await self._coupons.named(code)
        if coupon is None:
            raise CouponNotFound(f"there is no coupon {code}", code=code)
        if coupon.id in kinds:
            raise CouponUsedUp(f"one {coupon.id} an order", code=code)
        if coupon.budget_minor and minor <= 0:
            raise AmountMissing(errors=[FieldError("/given_minor", f"what {code} takes off")])
        kinds.add(coupon.id)
        taking = await self._asked(order_id, customer_id, code, coupon, voucher, minor)
        if taking.counted:
            return
        if voucher and not await self._vouchers.take(voucher, order_id):
            raise CouponUsedUp(f"{code} is used already", code=code)
        if coupon.limit_per_customer:
            _in_time(by)
            await self._counting.count_for_customer(coupon, customer_id, order_id)
        _in_time(by)
        await self._counting.count(coupon, order_id, taking.minor)

    async def _asked(
        self, order_id: str, customer_id: str, code: str, coupon: Coupon, voucher: Voucher | None, minor: int
    ) -> Taking:
        """The taking, made or found. Refuses with `CouponUsedUp`."""
        now = self._clock.now()
        asked = Taking(f"{order_id}|{code}", order_id, code, customer_id, ASKED, now, tidy_at=now + _TIDY_AFTER)
        asked.coupon, asked.minor = (coupon.id if voucher else ""), max(0, minor)
        try:
            await self._takings.insert(asked)
        except AlreadyExists:
            earlier = await self._takings.get(asked.id)
            if earlier and earlier.state != ASKED:
                raise CouponUsedUp(f"{code} was given back by this order", code=code) from None
            return earlier or asked
        # Not asked of a retry: it may have been counted, and even paid.
        if now >= min(coupon.ends_at, voucher.ends_at if voucher else coupon.ends_at) + GRACE:
            raise CouponUsedUp(f"{code} is over", code=code)
        if voucher and not voucher.theirs(customer_id):
            raise CouponUsedUp(f"{code} is another's", code=code)
        return asked

    async def _release_one(self, order_id: str, customer_id: str, code: str, by: float) -> None:
        coupon, voucher = await self._coupons.named(code)
        if coupon is None:
            return
        taking = await self._begin_release(order_id, customer_id, code, coupon.id if voucher else "")
        if taking.state == RETURNED:
            return
        _in_time(by)
        await self._counting.uncount(coupon, order_id, taking.minor, sure=taking.counted)
        if coupon.limit_per_customer and taking.customer_id:
            await self._counting.uncount_for_customer(f"{coupon.id}|{taking.customer_id}", order_id)
        if voucher:
            await self._vouchers.free(voucher, order_id)
        forget_at = self._clock.now() + _KEEP_RETURNED
        done = {"$set": {"state": RETURNED, "tidy_at": forget_at}}
        await self._takings.change({"_id": taking.id, "state": RETURNING}, done)

    async def _begin_release(self, order_id: str, customer_id: str, code: str, coupon: str) -> Taking:
        """The taking, `returning` or `returned` from now on; one never taken is made, so that it cannot be any more."""
        key, now = f"{order_id}|{code}", self._clock.now()
        begun = {"$set": {"state": RETURNING, "tidy_at": now + _TIDY_AFTER}}
        for _ in range(_TRIES):
            taking = await self._takings.change({"_id": key, "state": ASKED}, begun) or await self._takings.get(key)
            if taking:
                return taking
            try:
                never = Taking(key, order_id, code, customer_id, RETURNED, now, coupon=coupon)
                return await self._takings.insert(never)
            except AlreadyExists:  # taken this very moment
                continue
        raise TookTooLong("the coupon is being taken just now")

    async def tidy(self) -> None:
        """Finishes what crashes left behind and shortens the coupons' lists."""
        while await self._tidy_some() == _TIDY_AT_ONCE:
            pass

    async def _tidy_some(self) -> int:
        now = self._clock.now()
        due = await self._takings.find({"tidy_at": {"$lte": now}}, sort=[("tidy_at", 1)], limit=_TIDY_AT_ONCE)
        by_code: dict[str, list[Taking]] = defaultdict(list)
        for taking in due:
            by_code[taking.of].append(taking)
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
