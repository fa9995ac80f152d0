"""This is where the owner lets a SKU be sold below the floor: until when, down to what, and why. Every leave is kept."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.catalog.fields import MAX_MINOR, Faults, is_sku
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, Invalid, NotFound
from services.kit.store import decode_cursor, encode_cursor

from .cost_models import scope_of_sku
from .costs import WHOLE_BP, Leave

_TRIES, _MOST, _MOST_OF_SKUS = 5, 100, 10_000
_LONGEST = timedelta(days=366)


class InvalidOverride(Invalid):
    """No reason, no end, or not exactly one of a margin and a price."""


class OverrideNotFound(NotFound):
    """There is no leave in force for this SKU."""


@dataclass
class MarginOverride:
    """The last leave given for a SKU (its id), in force until it expires or is ended."""

    id: str
    reason: str
    min_margin_bp: int | None
    until_minor: int | None
    expires_at: datetime
    at: datetime
    by: str
    number: int = 1
    lapsed: bool = False  # it is over, and what that means for the shelf has been looked at
    version: int = 0

    def leave(self, now: datetime) -> Leave | None:
        """What it allows now."""
        return None if self.lapsed or now >= self.expires_at else Leave(self.min_margin_bp, self.until_minor)


@dataclass
class OverrideEntry:
    """What was given or ended, when, by whom and why; never changed. The id is `sku:number`."""

    id: str
    sku: str
    number: int
    action: str  # given, ended
    reason: str
    min_margin_bp: int | None
    until_minor: int | None
    expires_at: datetime
    at: datetime
    by: str
    version: int = 0


def _entry(override: MarginOverride, action: str, number: int, at: datetime, by: str) -> OverrideEntry:
    return OverrideEntry(
        id=f"{override.id}:{number}",
        sku=override.id,
        number=number,
        action=action,
        reason=override.reason,
        min_margin_bp=override.min_margin_bp,
        until_minor=override.until_minor,
        expires_at=override.expires_at,
        at=at,
        by=by,
    )


def check(override: MarginOverride) -> None:
    """Refuses with INVALID_OVERRIDE."""
    faults = Faults()
    override.reason = faults.text("/reason", override.reason, 1_000)
    if len(override.reason) < 10:
        faults.add("/reason", "must be at least 10 characters long: it is kept")
    if (override.min_margin_bp is None) == (override.until_minor is None):
        faults.add("/min_margin_bp", "give either min_margin_bp or until_price")
    faults.number("/min_margin_bp", override.min_margin_bp or 0, -100 * WHOLE_BP, WHOLE_BP - 1)
    faults.number("/until_price/minor", override.until_minor or 0, 0, MAX_MINOR)
    if not override.at < override.expires_at <= override.at + _LONGEST:
        faults.add("/expires_at", "must be in the future, within a year")
    faults.refuse(InvalidOverride)


class Overrides:
    """Gives leave, ends it, and knows what is in force."""

    def __init__(
        self, overrides: Table[MarginOverride], entries: Table[OverrideEntry], skus: Table[Sku], clock: Clock
    ) -> None:
        self._overrides, self._entries, self._skus, self._clock = overrides, entries, skus, clock
        self._ended: list[Callable[[str, str], Awaitable[object]]] = []

    def when_ended(self, hear: Callable[[str, str], Awaitable[object]]) -> None:
        """Whom to tell the SKU's scope, and who ended its leave."""
        self._ended.append(hear)

    async def give(
        self, sku: str, reason: str, leave: Leave, currency: str, expires_at: datetime, by: str
    ) -> OverrideEntry:
        """Gives leave instead of what was given before. Refuses with INVALID_OVERRIDE, SKU_NOT_FOUND."""
        known = await self._skus.by_keys([sku], {"price": 1}) if is_sku(sku) else {}
        if sku not in known:
            raise SkuNotFound("there is no such SKU")
        now = self._clock.now()
        fresh = MarginOverride(sku, reason, leave.min_margin_bp, leave.until_minor, expires_at, now, by)
        check(fresh)
        if leave.until_minor is not None and currency != known[sku]["price"]["currency"]:
            raise InvalidOverride(f"the SKU is sold in {known[sku]['price']['currency']}")
        for _ in range(_TRIES):
            before = await self._overrides.get(sku)
            fresh.number = before.number + 1 if before else 1
            said = ("reason", "min_margin_bp", "until_minor", "expires_at", "at", "by", "number", "lapsed")
            update = {"$set": {name: getattr(fresh, name) for name in said}}
            write = (
                self._overrides.changing({"_id": sku, "number": before.number}, update)
                if before
                else self._overrides.inserting(fresh)
            )
            entry = _entry(fresh, "given", fresh.number, now, by)
            try:
                await together((self._overrides, [write]), (self._entries, [self._entries.inserting(entry)]))
            except (AlreadyExists, NotAsSeen):
                continue
            return entry
        raise Conflict("the leave is being changed by others")

    async def end(self, sku: str, by: str) -> None:
        """Ends it now. Refuses with OVERRIDE_NOT_FOUND."""
        for _ in range(_TRIES):
            now = self._clock.now()
            before = await self._overrides.get(sku)
            if before is None or before.leave(now) is None:
                raise OverrideNotFound("there is no leave in force for this SKU")
            number = before.number + 1
            update = {"$set": {"lapsed": True, "number": number}}
            write = self._overrides.changing({"_id": sku, "number": before.number}, update)
            entry = self._entries.inserting(_entry(before, "ended", number, now, by))
            try:
                await together((self._overrides, [write]), (self._entries, [entry]))
            except (AlreadyExists, NotAsSeen):
                continue
            for hear in self._ended:
                await hear(scope_of_sku(sku), by)
            return
        raise Conflict("the leave is being changed by others")

    async def history(self, sku: str, limit: int, cursor: str) -> tuple[bool, list[OverrideEntry], str]:
        """Whether one is in force, all that ever were (newest first), and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, Any] = {"sku": sku}
        if cursor:
            where["number"] = {"$lt": decode_cursor(cursor, 1)[0]}
        items = await self._entries.find(where, [("number", -1)], size + 1)
        kept = await self._overrides.get(sku)
        in_force = bool(kept and kept.leave(self._clock.now()))
        return in_force, items[:size], encode_cursor(items[size - 1].number) if len(items) > size else ""

    async def of(self, skus: Sequence[str]) -> dict[str, Leave]:
        """What is in force for these SKUs, in one read."""
        kept, now = await self._overrides.get_many(skus), self._clock.now()
        return {sku: leave for sku, each in kept.items() if (leave := each.leave(now))}

    async def skus_in_force(self) -> list[str]:
        """The SKUs with a leave in force."""
        in_force = {"lapsed": False, "expires_at": {"$gt": self._clock.now()}}
        return [each["_id"] for each in await self._overrides.parts(in_force, {"_id": 1}, limit=_MOST_OF_SKUS)]

    async def lapse(self) -> list[str]:
        """Marks what has run out as over; answers the SKUs this call has marked."""
        marked = []
        over = {"lapsed": False, "expires_at": {"$lte": self._clock.now()}}
        for each in await self._overrides.find(over, limit=_MOST):
            if await self._overrides.change({"_id": each.id, "number": each.number} | over, {"$set": {"lapsed": True}}):
                marked.append(each.id)
        return marked
