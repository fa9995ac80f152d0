"""This is where merchants are: who they are, what they hold, what is held against them, all in one document each."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.catalog.content import OWN_MERCHANT
from services.catalog.fields import Faults
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.seal import Seal
from services.kit.store import decode_cursor, encode_cursor

from .contacts import Contact, checked, sealed, unsealed
from .licences import Licence
from .points import Penalty, Standing, Thresholds, counting

_TRIES = 8
_MOST = 100
SWEEPS = 2  # the second finds what was on its way on sale during the first


class MerchantNotFound(NotFound):
    """There is no such merchant, or it is another's."""


class MerchantClosed(WrongState):
    """It is closed: nothing more can be held against it."""


class InvalidMerchant(Invalid):
    """What is said of the merchant is not what it must be."""


@dataclass
class Closure:
    """Why it was closed, and why it was opened again."""

    reason: str
    by: str
    at: datetime
    by_points: bool = False  # by what was held against it, not by the owner
    reopened_reason: str = ""
    reopened_by: str = ""
    reopened_at: datetime | None = None


@dataclass
class Merchant:
    """A merchant. All that decides what it may sell is in here, and changes by the version that was read."""

    id: str
    legal_name: str
    credit_code: str
    contact: bytes  # sealed; empty for `self` until somebody says
    since: datetime
    licences: list[Licence] = field(default_factory=list)
    penalties: list[Penalty] = field(default_factory=list)  # points that count close it, so there cannot be many
    closures: list[Closure] = field(default_factory=list)
    told: Standing = Standing.ACTIVE  # the standing people know of
    sweeps: int = 0  # how often its listings are to be looked at
    due_at: datetime | None = None  # when something about it wants attention
    version: int = 0

    @property
    def closure(self) -> Closure | None:
        """Why it is closed; None when it is open."""
        return self.closures[-1] if self.closures and self.closures[-1].reopened_at is None else None

    def points(self, now: datetime) -> int:
        """Penalty points that count."""
        return counting(self.penalties, now)

    def standing(self, thresholds: Thresholds, now: datetime) -> Standing:
        """How it stands."""
        return Standing.CLOSED if self.closure else thresholds.standing(self.points(now))


class Merchants:
    """Finds, shows, changes, closes and opens merchants."""

    def __init__(self, merchants: Table[Merchant], seal: Seal, thresholds: Thresholds, clock: Clock) -> None:
        self._merchants, self._seal, self._clock = merchants, seal, clock
        self.thresholds = thresholds

    async def begin_with_own(self) -> None:
        """The shop itself is a merchant from the start."""
        own = Merchant(OWN_MERCHANT, "", "", b"", self._clock.now())
        await self._merchants.write_each([self._merchants.putting(own)])

    async def get(self, merchant_id: str, scope: str = "") -> Merchant:
        """The merchant of this id, if who asks may meet it. Refuses with MERCHANT_NOT_FOUND."""
        there = await self._merchants.get(merchant_id) if scope in ("", merchant_id) else None
        if there is None:
            raise MerchantNotFound("there is no such merchant")
        return there

    async def page(self, limit: int, cursor: str, scope: str = "") -> tuple[list[Merchant], str]:
        """By id, and where the next page starts; one's own alone when a merchant asks."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"_id": {"$gt": decode_cursor(cursor, 1)[0] if cursor else ""}}
        if scope:
            where = {"_id": scope}
        items = await self._merchants.find(where, [("_id", 1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def change(
        self, merchant_id: str, decide: Callable[[Merchant], None], *, scope: str = "", if_version: int = 0
    ) -> Merchant:
        """The merchant as `decide` leaves it (or it refuses), kept if nobody changed it meanwhile; otherwise again.

        Refuses with MERCHANT_NOT_FOUND, VERSION_MISMATCH.
        """
        for _ in range(_TRIES):
            merchant = await self.get(merchant_id, scope)
            if if_version and merchant.version != if_version:
                break
            before = copy.deepcopy(merchant)
            decide(merchant)
            if merchant == before:
                return merchant
            try:
                return await self._merchants.save(merchant)
            except VersionMismatch:
                continue
        raise VersionMismatch(f"{merchant_id} is being changed by others")

    def contact(self, merchant: Merchant, *, reveal: bool) -> Contact:
        """Whom to reach; masked unless `reveal`."""
        if not merchant.contact:
            return Contact("", "", "")
        contact = unsealed(self._seal, merchant.contact, merchant.id)
        return contact if reveal else contact.masked

    async def reach(self, merchant_id: str, given: Contact, if_version: int, scope: str) -> Merchant:
        """Changes whom to reach; empty stays. Refuses with MERCHANT_NOT_FOUND, VERSION_MISMATCH, INVALID_MERCHANT."""

        def decide(merchant: Merchant) -> None:
            known, faults = self.contact(merchant, reveal=True), Faults()
            said = {n: getattr(given, n) for n in ("name", "phone", "email") if getattr(given, n)}
            wanted = checked(faults, "/contact", replace(known, **said))
            faults.refuse(InvalidMerchant)
            if wanted != known:
                merchant.contact = sealed(self._seal, wanted, merchant.id)

        return await self.change(merchant_id, decide, scope=scope, if_version=if_version)

    async def close(self, merchant_id: str, reason: str, by: str) -> Merchant:
        """Takes everything of it down. Refuses with MERCHANT_NOT_FOUND, INVALID_MERCHANT."""
        reason, now = _reason(merchant_id, reason), self._clock.now()

        def decide(merchant: Merchant) -> None:
            if merchant.closure is None:
                merchant.closures.append(Closure(reason, by, now))
                self.attend(merchant, sweep=True)

        return await self.change(merchant_id, decide)

    async def reopen(self, merchant_id: str, reason: str, by: str) -> Merchant:
        """Its listings may be published again, unless its points suspend it. Refuses with MERCHANT_NOT_FOUND,
        INVALID_MERCHANT."""
        reason = _reason(merchant_id, reason)

        def decide(merchant: Merchant) -> None:
            self.open(merchant, reason, by)

        return await self.change(merchant_id, decide)

    def open(self, merchant: Merchant, reason: str, by: str) -> None:
        """Ends its closure, if it is closed."""
        if closure := merchant.closure:
            closure.reopened_reason, closure.reopened_by, closure.reopened_at = reason, by, self._clock.now()
            self.attend(merchant)

    def attend(self, merchant: Merchant, *, sweep: bool = False) -> None:
        """Something about it wants attention at once; `sweep`: its listings are to be looked at again."""
        merchant.due_at = self._clock.now()
        if sweep:
            merchant.sweeps = SWEEPS


def _reason(merchant_id: str, reason: str) -> str:
    faults = Faults()
    reason = faults.text("/reason", reason, 1_000, least=1, lines=True)
    faults.refuse(InvalidMerchant)
    if merchant_id == OWN_MERCHANT:
        raise InvalidMerchant("the shop does not close itself", errors=[FieldError("/id", "is the shop itself")])
    return reason
