"""This is where coupons are kept: codes made, listed, and found when a customer enters them."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound
from services.kit.ids import new_id
from services.kit.store import Store, decode_cursor, encode_cursor

from .checking import FOREVER, MOST_MINOR, Check, page_limit
from .promotions import Tell
from .vouchers import Voucher, Vouchers

_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,38}[A-Z0-9])?")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that looks like something else
MOST_ENTERED = 20
MOST_PER_CUSTOMER = 100
_REMEMBERED = 10_000


class InvalidCoupon(Invalid):
    """No coupon can be like this."""


class CouponExists(AlreadyExists):
    """Another coupon has this code."""


class CouponNotFound(NotFound):
    """There is no such coupon."""


class TooManyCodes(Invalid):
    """More codes than a cart can have."""


@dataclass
class Coupon:
    """A code (`id`) worth an amount or a percentage. What it gives never changes once it is made; staff may pause it, and
    end it earlier.

    `uses` counts those taken and not given back, `given_minor` what they took off; they never exceed `limit` and
    `budget_minor` (0: none). `vouchers_only`: the code itself opens nothing, only vouchers issued of it do, each until
    `valid_days` after it was granted (0: as long as the coupon). Customers may claim `claims_per_customer` vouchers each,
    `claim_limit` in all; `claims` counts them; `grantable`: support may grant one. `counted` and `returned` are orders the
    count must still remember, see `takings`; they stay short.
    """

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime = FOREVER
    currency: str = ""
    amount_off_minor: int = 0
    percent_bp: int = 0
    threshold_minor: int = 0
    limit: int = 0
    limit_per_customer: int = 0
    skus: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    exclusive: bool = False
    tiers: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    signed_in: bool = False
    channels: list[str] = field(default_factory=list)
    budget_minor: int = 0
    vouchers_only: bool = False
    valid_days: int = 0
    claim_limit: int = 0
    claims_per_customer: int = 0
    grantable: bool = False
    alike_per_order: int = 1
    margin_override_reason: str = ""  # why the owner let it be though it sells below the margin floor
    made: str = ""
    made_by: str = ""
    ended_by: str = ""
    paused: bool = False
    claims: int = 0
    uses: int = 0
    given_minor: int = 0
    counted: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    version: int = 0

    @property
    def alike(self) -> tuple[object, ...]:
        """What coupons that are alike have in common: a campaign's codes; an order takes `alike_per_order` of them."""
        goods = tuple(self.skus), tuple(self.categories)
        return self.currency, self.amount_off_minor, self.percent_bp, self.threshold_minor, goods, self.exclusive

    @property
    def used_up(self) -> bool:
        """Whether no use is left, or no money."""
        return bool((self.limit and self.uses >= self.limit) or self._budget_spent)

    @property
    def _budget_spent(self) -> bool:
        return bool(self.budget_minor) and self.given_minor + max(1, self.amount_off_minor) > self.budget_minor

    def check(self, check: Check) -> None:
        """Refuses with `InvalidCoupon`, saying all that is wrong; `check` may bring more."""
        check.demand(bool(_CODE.fullmatch(self.id)), "/code", "1 to 40 capitals A–Z, digits and -")
        check.selected(self.skus, self.categories)
        check.demand(0 <= self.limit <= 10**9, "/limit", "from 0 to 1,000,000,000")
        most = f"from 0 to {MOST_PER_CUSTOMER}"
        check.demand(0 <= self.limit_per_customer <= MOST_PER_CUSTOMER, "/limit_per_customer", most)
        check.demand(0 <= self.threshold_minor <= MOST_MINOR, "/threshold/minor", f"from 0 to {MOST_MINOR}")
        most_alike = f"from 1 to {MOST_ENTERED}"
        check.demand(1 <= self.alike_per_order <= MOST_ENTERED, "/alike_per_order", most_alike)
        both = bool(self.amount_off_minor) == bool(self.percent_bp)
        check.demand(not both, "/amount_off", "either amount_off or percent_bp")
        if self.amount_off_minor:
            check.amount(self.currency, self.amount_off_minor, "/amount_off")
            below = not self.threshold_minor or self.amount_off_minor < self.threshold_minor
            check.demand(below, "/amount_off/minor", "below the threshold")
        elif self.percent_bp:
            check.percent(self.percent_bp)
        if self.threshold_minor:
            check.amount(self.currency, self.threshold_minor, "/threshold")
        if self.budget_minor:
            check.amount(self.currency, self.budget_minor, "/budget")
            check.demand(self.budget_minor >= self.amount_off_minor, "/budget/minor", "enough for one use")
        check.audience(self.tiers, self.groups, self.channels)
        self._check_vouchers(check)
        check.refuse_as(InvalidCoupon, "this cannot be a coupon")

    def _check_vouchers(self, check: Check) -> None:
        check.demand(0 <= self.valid_days <= 3_650, "/valid_days", "from 0 to 3,650")
        check.demand(0 <= self.claim_limit <= 10**9, "/claim_limit", "from 0 to 1,000,000,000")
        check.demand(0 <= self.claims_per_customer <= 20, "/claims_per_customer", "from 0 to 20")
        asked = self.valid_days or self.claim_limit or self.claims_per_customer or self.grantable
        check.demand(
            self.vouchers_only or not asked, "/vouchers_only", "true: only a voucher can be granted or claimed"
        )
        check.demand(bool(self.claims_per_customer) or not self.claim_limit, "/claims_per_customer", "at least 1")


@dataclass
class CustomerUses:
    """Orders a customer has used a coupon for (`id` is code|customer), at most as many as the coupon lets a customer;
    and the last ones given back, which must not be counted again."""

    id: str
    orders: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    version: int = 0


def normalised(code: str) -> str:
    """A code as entered, as it is kept: compatibility forms folded (full-width letters), no spaces around, capitals."""
    return unicodedata.normalize("NFKC", code[:200]).strip().upper()


def is_code(text: str) -> bool:
    """Whether a code could be written so."""
    return bool(_CODE.fullmatch(text))


def new_code() -> str:
    """80 random bits nobody can guess: `7K3M-…`, 16 characters in fours."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


class Admits(Protocol):
    """Holds coupons to the margin floor."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Nobody else makes a rule meanwhile."""
        ...

    async def admit_coupon(self, coupon: Coupon, reason: str, /) -> str:
        """The owner's reason to let it through, if that was needed; or a refusal."""
        ...


class Coupons:
    """What staff does with coupons, and finding them. `changed` makes the event that tells of it."""

    def __init__(
        self,
        coupons: Store[Coupon],
        customer_uses: Store[CustomerUses],
        vouchers: Vouchers,
        floor: Admits,
        clock: Clock,
        changed: Tell,
    ) -> None:
        self._coupons, self._customer_uses, self._floor = coupons, customer_uses, floor
        self._vouchers = vouchers
        self._clock, self._changed = clock, changed
        self._definitions: dict[str, Coupon] = {}

    async def create(self, coupon: Coupon, override_reason: str = "") -> Coupon:
        """Keeps a checked one, if it passes the margin floor or the owner says why it need not. Refuses with
        `CouponExists`."""
        async with self._floor.alone():
            coupon.margin_override_reason = await self._floor.admit_coupon(coupon, override_reason)
            coupon.made = new_id("cpn")
            try:
                return await self._coupons.insert(coupon, self._changed(coupon.id, self._clock.now()))
            except AlreadyExists as taken:
                raise CouponExists(f"there is a coupon {coupon.id}", code=coupon.id) from taken

    async def page(self, limit: int, cursor: str) -> tuple[list[Coupon], str]:
        """Newest first, and where the next page starts. Refuses with `InvalidPage`, `CursorInvalid`."""
        size = page_limit(limit)
        where = {"made": {"$lt": decode_cursor(cursor, 1)[0] if cursor else "~"}}
        items = await self._coupons.find(where, sort=[("made", -1)], limit=size + 1)
        return items[:size], encode_cursor(items[size - 1].made) if len(items) > size else ""

    async def entered(
        self, codes: Sequence[str], customer_id: str
    ) -> list[tuple[str, Coupon | None, int, Voucher | None]]:
        """Codes as entered, the coupon each names, how often the customer has used it, and the voucher the code is.

        Reads nothing for no codes, once for some, twice more when one of them is a voucher's, once more when one of them
        counts by customer.
        """
        if len(codes) > MOST_ENTERED:
            raise TooManyCodes(f"at most {MOST_ENTERED} codes")
        well_formed = sorted({code for code in map(normalised, codes) if is_code(code)})
        found = await self._coupons.get_many(well_formed) if well_formed else {}
        vouchers = await self._vouchers.by_codes([code for code in well_formed if code not in found])
        if vouchers:
            found |= await self._coupons.get_many(sorted({each.coupon for each in vouchers.values()}))
        uses = await self._uses_of(customer_id, [coupon.id for coupon in found.values() if coupon.limit_per_customer])
        answer = []
        for code in codes:
            voucher = vouchers.get(normalised(code))
            coupon = found.get(voucher.coupon if voucher else normalised(code))
            answer.append((code, coupon, uses.get(coupon.id, 0) if coupon else 0, voucher))
        return answer

    async def _uses_of(self, customer_id: str, codes: Sequence[str]) -> dict[str, int]:
        if not customer_id or not codes:
            return {}
        rows = await self._customer_uses.get_many([f"{code}|{customer_id}" for code in codes])
        return {key.split("|")[0]: len(uses.orders) for key, uses in rows.items()}

    async def definition(self, code: str) -> Coupon | None:
        """A coupon, of which only what never changes is to be relied on: remembered once read."""
        if known := self._definitions.get(code):
            return known
        coupon = await self._coupons.get(code)
        if coupon:
            if len(self._definitions) >= _REMEMBERED:
                self._definitions.pop(next(iter(self._definitions)))
            self._definitions[code] = coupon
        return coupon

    def forget(self, code: str) -> None:
        """Somebody changed it."""
        self._definitions.pop(code, None)

    async def named(self, code: str) -> tuple[Coupon | None, Voucher | None]:
        """What a code names: a coupon, and the voucher of it that the code is. One that takes vouchers only is not named by
        its own code."""
        if not is_code(code):
            return None, None
        if coupon := await self.definition(code):
            return (None if coupon.vouchers_only else coupon), None
        voucher = (await self._vouchers.by_codes([code])).get(code)
        return (await self.definition(voucher.coupon) if voucher else None), voucher

    async def get(self, code: str) -> Coupon:
        """One as it is now. Refuses with `CouponNotFound`."""
        coupon = await self._coupons.get(normalised(code))
        if coupon is None:
            raise CouponNotFound(f"there is no coupon {code[:40]}", code=code[:40])
        return coupon

    async def pause(self, code: str, *, paused: bool) -> Coupon:
        """Nobody can use it, or they can again; the same again changes nothing. Refuses with `CouponNotFound`."""
        return await self._change(code, {"paused": not paused}, {"paused": paused})

    async def end(self, code: str, by: str) -> Coupon:
        """Ends it now; one that is over stays as it is. Refuses with `CouponNotFound`."""
        now = self._clock.now()
        return await self._change(code, {"ends_at": {"$gt": now}}, {"ends_at": now, "ended_by": by})

    async def _change(self, code: str, where: dict[str, object], values: dict[str, object]) -> Coupon:
        key = normalised(code)
        told = self._changed(key, self._clock.now())
        changed = await self._coupons.change({"_id": key, **where}, {"$set": values}, told)
        self.forget(key)
        return changed or await self.get(key)
