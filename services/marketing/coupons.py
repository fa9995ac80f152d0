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
from services.kit.errors import AlreadyExists, Invalid
from services.kit.ids import new_id
from services.kit.store import Store, decode_cursor, encode_cursor

from .checking import FOREVER, MOST_MINOR, Check, page_limit
from .promotions import Tell

_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,38}[A-Z0-9])?")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that looks like something else
MOST_ENTERED = 20
MOST_PER_CUSTOMER = 100
_REMEMBERED = 10_000


class InvalidCoupon(Invalid):
    """No coupon can be like this."""


class CouponExists(AlreadyExists):
    """Another coupon has this code."""


class TooManyCodes(Invalid):
    """More codes than a cart can have."""


@dataclass
class Coupon:
    """A code (`id`) worth an amount or a percentage. All but the last four fields never change once it is made.

    `uses` counts those taken and not given back; it never exceeds `limit` (0: none). `counted` and `returned` are orders
    the count must still remember, see `takings`; they stay short.
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
    margin_override_reason: str = ""  # why the owner let it be though it sells below the margin floor
    made: str = ""
    made_by: str = ""
    uses: int = 0
    counted: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    version: int = 0

    @property
    def used_up(self) -> bool:
        """Whether no use is left."""
        return bool(self.limit) and self.uses >= self.limit

    def check(self, check: Check) -> None:
        """Refuses with `InvalidCoupon`, saying all that is wrong; `check` may bring more."""
        check.demand(bool(_CODE.fullmatch(self.id)), "/code", "1 to 40 capitals A–Z, digits and -")
        check.selected(self.skus, self.categories)
        check.demand(0 <= self.limit <= 10**9, "/limit", "from 0 to 1,000,000,000")
        most = f"from 0 to {MOST_PER_CUSTOMER}"
        check.demand(0 <= self.limit_per_customer <= MOST_PER_CUSTOMER, "/limit_per_customer", most)
        check.demand(0 <= self.threshold_minor <= MOST_MINOR, "/threshold/minor", f"from 0 to {MOST_MINOR}")
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
        check.refuse_as(InvalidCoupon, "this cannot be a coupon")


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
        floor: Admits,
        clock: Clock,
        changed: Tell,
    ) -> None:
        self._coupons, self._customer_uses, self._floor = coupons, customer_uses, floor
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

    async def entered(self, codes: Sequence[str], customer_id: str) -> list[tuple[str, Coupon | None, int]]:
        """Codes as entered, the coupon each names, and how often the customer has used it.

        Reads nothing for no codes, once for some, once more when one of them counts by customer.
        """
        if len(codes) > MOST_ENTERED:
            raise TooManyCodes(f"at most {MOST_ENTERED} codes")
        well_formed = sorted({code for code in map(normalised, codes) if is_code(code)})
        found = await self._coupons.get_many(well_formed) if well_formed else {}
        uses = await self._uses_of(customer_id, [coupon.id for coupon in found.values() if coupon.limit_per_customer])
        return [(code, found.get(normalised(code)), uses.get(normalised(code), 0)) for code in codes]

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
