"""This is where a customer's vouchers are shown, each with what it gives and whether it can be used now."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.store import Store
from services.marketing.coupons import Coupon
from services.marketing.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher, its coupon, and how it stands: `usable`, `used`, `expired`, `suspended`, `not_yet`."""

    voucher: Voucher
    coupon: Coupon
    state: str


class Wallet:
    """What customers have, and what there is to be had."""

    def __init__(self, issued: Store[Voucher], counts: Store[Coupon], clock: Clock) -> None:
        self._issued, self._counts, self._clock = issued, counts, clock

    async def page(self, customer_id: str, limit: int, cursor: str) -> tuple[list[Held], str]:
        """A customer's, newest first. Refuses with `InvalidPage`, `CursorInvalid`."""
        rows, more = await self._issued.page({"customer_id": customer_id}, limit, cursor)
        return await self.held(rows), more

    async def held(self, vouchers: list[Voucher]) -> list[Held]:
        """These, with their coupons, in one read."""
        coupons = await self._counts.get_many(sorted({each.coupon for each in vouchers})) if vouchers else {}
        now = self._clock.now()
        return [
            Held(each, coupons[each.coupon], state_of(each, coupons[each.coupon], now))
            for each in vouchers
            if each.coupon in coupons
        ]

    async def claimable(self, limit: int = 100) -> list[Coupon]:
        """What can be claimed now, newest first."""
        now = self._clock.now()
        rows = await self._counts.find(
            {"claims_per_customer": {"$gt": 0}, "ends_at": {"$gt": now}}, [("ends_at", 1)], limit
        )
        return sorted((each for each in rows if _to_be_had(each, now)), key=lambda each: each.made, reverse=True)


def state_of(voucher: Voucher, coupon: Coupon, now: datetime) -> str:
    """How it stands."""
    if voucher.order_id:
        return "used"
    if now >= min(voucher.ends_at, coupon.ends_at) or coupon.used_up:
        return "expired"
    if coupon.paused:
        return "suspended"
    return "usable" if now >= coupon.starts_at else "not_yet"


def _to_be_had(coupon: Coupon, now: datetime) -> bool:
    left = not coupon.claim_limit or coupon.claims < coupon.claim_limit
    return left and not coupon.paused and not coupon.used_up and coupon.starts_at <= now
