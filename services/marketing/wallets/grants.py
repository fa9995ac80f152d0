"""This is where staff grants a customer a voucher: an apology, a gift; bounded by agent and day, with a reason that is kept.

What an agent has granted on a day is one document, raised by one conditional write before the voucher is made: a crash in
between costs the agent one grant, never gives one too many. The vouchers themselves are the audit trail: who, to whom, why.
"""

from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Exhausted, FieldError, Invalid
from services.kit.ids import new_id
from services.kit.store import Store
from services.marketing.coupons import Coupon, Coupons, new_code
from services.marketing.vouchers import AGENT, Voucher

from .claims import KeyReused
from .issuing import NotIssuing, demand_issuing, good_until
from .telling import Granted

_REASON = 500


class InvalidGrant(Invalid):
    """No grant can be like this."""


class GrantsUsedUp(Exhausted):
    """This agent has granted as much today as one may."""


@dataclass
class AgentDay:
    """What an agent has granted on a day (`id` is agent|day, UTC): vouchers, and minor units they are worth."""

    id: str
    granted: int = 0
    minor: int = 0
    requests: list[str] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What is asked for."""

    coupon: str
    customer_id: str
    by: str
    reason: str
    request_id: str


class Grants:
    """Grants, and looks at what was granted."""

    def __init__(
        self,
        days: Store[AgentDay],
        coupons: Coupons,
        issued: Store[Voucher],
        clock: Clock,
        told: Granted,
        most: int,
        most_minor: int,
    ) -> None:
        self._days, self._coupons, self._issued, self._clock = days, coupons, issued, clock
        self._told, self._most, self._most_minor = told, most, most_minor

    async def grant(self, asked: Grant) -> tuple[Voucher, bool]:
        """The customer's voucher, and whether this request made it before. Refuses with `InvalidGrant`, `CouponNotFound`,
        `NotIssuing`, `GrantsUsedUp`, `KeyReused`."""
        if not (5 <= len(asked.reason) <= _REASON and asked.reason.isprintable()):
            raise InvalidGrant("say why", errors=[FieldError("/reason", f"5 to {_REASON} printable characters")])
        coupon = await self._coupons.get(asked.coupon)
        if earlier := await self._issued.one({"request_id": asked.request_id}):
            return _same(earlier, coupon, asked), True
        now = self._clock.now()
        demand_issuing(coupon, now)
        if not coupon.grantable:
            raise NotIssuing(f"{coupon.id} is not for support to grant")
        await self._count(f"{asked.by}|{now:%Y-%m-%d}", coupon, asked.request_id)
        voucher = Voucher(
            id=new_id("vch"),
            code=new_code(),
            coupon=coupon.id,
            source=AGENT,
            granted_at=now,
            ends_at=good_until(coupon, now),
            customer_id=asked.customer_id,
            request_id=asked.request_id,
            by=asked.by,
            reason=asked.reason,
        )
        try:
            return await self._issued.insert(voucher, self._told(voucher)), False
        except AlreadyExists:  # the same request, at the same time
            earlier = await self._issued.one({"request_id": asked.request_id})
            return _same(earlier or voucher, coupon, asked), True

    async def _count(self, key: str, coupon: Coupon, request_id: str) -> None:
        """Counts the request once. Refuses with `GrantsUsedUp`."""
        worth = coupon.amount_off_minor
        room = {
            "_id": key,
            "requests": {"$ne": request_id},
            "granted": {"$lt": self._most},
            "minor": {"$lte": self._most_minor - worth},
        }
        update = {"$inc": {"granted": 1, "minor": worth}, "$push": {"requests": request_id}}
        if await self._days.change(room, update):
            return
        if self._most > 0 and worth <= self._most_minor:
            try:
                await self._days.insert(AgentDay(key, 1, worth, [request_id]))
                return
            except AlreadyExists:
                if await self._days.change(room, update):  # made this very moment
                    return
        there = await self._days.get(key)
        if there is None or request_id not in there.requests:
            raise GrantsUsedUp(f"at most {self._most} a day, and {self._most_minor} minor units", retry_after_s=3_600)

    async def page(self, limit: int, cursor: str) -> tuple[list[Voucher], str]:
        """What staff has granted, newest first. Refuses with `InvalidPage`, `CursorInvalid`."""
        return await self._issued.page({"source": AGENT}, limit, cursor)


def _same(earlier: Voucher, coupon: Coupon, asked: Grant) -> Voucher:
    if (earlier.coupon, earlier.customer_id, earlier.by) != (coupon.id, asked.customer_id, asked.by):
        raise KeyReused("this key asked for something else before")
    return earlier
