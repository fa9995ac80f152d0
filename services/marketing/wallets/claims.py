"""This is where customers claim vouchers (領券): so many each, so many in all, however many claim at once.

Claims in all are counted on the coupon by one conditional write before the voucher is made: a crash in between leaves one
fewer to be had, never one too many. One voucher a customer and number: the unique `slot` decides.
"""

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, WrongState
from services.kit.ids import new_id
from services.kit.store import Store
from services.marketing.coupons import Coupon, Coupons, new_code
from services.marketing.shoppers import Shopper, is_for
from services.marketing.vouchers import CLAIM, Voucher

from .issuing import NotIssuing, demand_issuing, good_until
from .telling import Granted


class ClaimedOut(WrongState):
    """None is left."""


class ClaimedAlready(WrongState):
    """This customer has had as many as one may."""


class NotForYou(WrongState):
    """It is for others."""


class KeyReused(Invalid):
    """The same request id asked for something else before."""


class Claims:
    """Gives customers the vouchers they claim."""

    def __init__(
        self, counts: Store[Coupon], coupons: Coupons, issued: Store[Voucher], clock: Clock, told: Granted
    ) -> None:
        self._counts, self._coupons, self._issued, self._clock = counts, coupons, issued, clock
        self._told = told

    async def claim(self, code: str, shopper: Shopper, request_id: str) -> tuple[Voucher, bool]:
        """A voucher of theirs, and whether this request had it before. Refuses with `CouponNotFound`, `NotIssuing`,
        `NotForYou`, `ClaimedAlready`, `ClaimedOut`, `KeyReused`."""
        coupon = await self._coupons.get(code)
        if earlier := await self._issued.one({"request_id": request_id}):
            return self._same(earlier, coupon, shopper), True
        now = self._clock.now()
        demand_issuing(coupon, now)
        if not coupon.claims_per_customer:
            raise NotIssuing(f"{coupon.id} cannot be claimed")
        if not is_for(coupon, shopper):
            raise NotForYou(f"{coupon.id} is for others")
        slots = [f"{coupon.id}|{shopper.id}|{number}" for number in range(coupon.claims_per_customer)]
        had = await self._issued.find({"slot": {"$in": slots}}, limit=len(slots))
        for slot in sorted(set(slots) - {each.slot for each in had}):
            voucher = Voucher(
                id=new_id("vch"),
                code=new_code(),
                coupon=coupon.id,
                source=CLAIM,
                granted_at=now,
                ends_at=good_until(coupon, now),
                customer_id=shopper.id,
                slot=slot,
                request_id=request_id,
            )
            if kept := await self._kept(coupon, voucher):
                return kept, False
            if earlier := await self._issued.one({"request_id": request_id}):  # the same request, at the same time
                return self._same(earlier, coupon, shopper), True
        raise ClaimedAlready(f"{coupon.claims_per_customer} a customer", code=coupon.id)

    async def _kept(self, coupon: Coupon, voucher: Voucher) -> Voucher | None:
        """The voucher, counted; None when the same customer is claiming that one just now. Refuses with `ClaimedOut`."""
        room = {"claims": {"$lt": coupon.claim_limit}} if coupon.claim_limit else {}
        if not await self._counts.change({"_id": coupon.id, **room}, {"$inc": {"claims": 1}}):
            raise ClaimedOut(f"no {coupon.id} is left", code=coupon.id)
        try:
            return await self._issued.insert(voucher, self._told(voucher))
        except AlreadyExists:
            await self._counts.change({"_id": coupon.id, "claims": {"$gt": 0}}, {"$inc": {"claims": -1}})
            return None

    def _same(self, earlier: Voucher, coupon: Coupon, shopper: Shopper) -> Voucher:
        if (earlier.coupon, earlier.customer_id) != (coupon.id, shopper.id):
            raise KeyReused("this key asked for something else before")
        return earlier
