"""This is where promotions are kept: made, ended, listed, and those that run held ready in memory."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id
from services.kit.store import Store, decode_cursor, encode_cursor, found

from .checking import FOREVER, Check, page_limit
from .shoppers import Shopper, is_for

LIMITED_TIME, SPEND_THRESHOLD = "limited_time", "spend_threshold"
_FRESH = timedelta(seconds=1)
_MOST_RUNNING = 10_000


class InvalidPromotion(Invalid):
    """No promotion can be like this."""


class PromotionNotFound(NotFound):
    """There is no such promotion."""


@dataclass
class Promotion:
    """A rule that makes things cheaper from `starts_at` until before `ends_at`.

    limited_time: `percent_bp` hundredths of a percent off the goods it is about.
    spend_threshold: `amount_off_minor` once those goods reach `threshold_minor`, both of `currency`.
    """

    id: str
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime = FOREVER
    skus: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    percent_bp: int = 0
    currency: str = ""
    threshold_minor: int = 0
    amount_off_minor: int = 0
    priority: int = 0
    exclusive: bool = False
    tiers: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    signed_in: bool = False
    channels: list[str] = field(default_factory=list)
    margin_override_reason: str = ""  # why the owner let it be though it sells below the margin floor
    made_by: str = ""
    ended_by: str = ""
    version: int = 0

    def runs(self, now: datetime) -> bool:
        """Whether it applies now."""
        return self.starts_at <= now < self.ends_at

    @property
    def for_some(self) -> bool:
        """Whether it is for some shoppers only."""
        return self.signed_in or bool(self.tiers or self.groups or self.channels)

    def gives(self, shopper: Shopper, now: datetime) -> bool:
        """Whether it applies now, to them."""
        return self.runs(now) and (not self.for_some or is_for(self, shopper))

    def check(self, check: Check) -> None:
        """Refuses with `InvalidPromotion`, saying all that is wrong; `check` may bring more."""
        check.selected(self.skus, self.categories)
        check.audience(self.tiers, self.groups, self.channels)
        check.demand(-1_000 <= self.priority <= 1_000, "/priority", "from -1,000 to 1,000")
        if self.kind == LIMITED_TIME:
            check.percent(self.percent_bp)
            check.demand(not self.amount_off_minor, "/amount_off", "not with LIMITED_TIME")
            check.demand(not self.threshold_minor, "/threshold", "not with LIMITED_TIME")
        elif self.kind == SPEND_THRESHOLD:
            check.amount(self.currency, self.threshold_minor, "/threshold")
            check.amount(self.currency, self.amount_off_minor, "/amount_off")
            check.demand(self.amount_off_minor < self.threshold_minor, "/amount_off/minor", "below the threshold")
            check.demand(not self.percent_bp, "/percent_bp", "not with SPEND_THRESHOLD")
        else:
            check.demand(False, "/kind", "LIMITED_TIME or SPEND_THRESHOLD")
        check.refuse_as(InvalidPromotion, "this cannot be a promotion")


Tell = Callable[[str, datetime], Message]
T = TypeVar("T", covariant=True)


class Ready(Protocol, Generic[T]):
    """Puts promotions on their shelves."""

    def __call__(self, promotions: list[Promotion], /) -> T:
        """What a cart is evaluated with."""
        ...


class Admits(Protocol):
    """Holds promotions to the margin floor."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Nobody else makes a rule meanwhile."""
        ...

    async def admit_promotion(self, promotion: Promotion, reason: str, /) -> str:
        """The owner's reason to let it through, if that was needed; or a refusal."""
        ...


class Promotions:
    """What staff does with promotions. `changed` makes the event that tells of it; `forget` is called after it is kept."""

    def __init__(
        self,
        promotions: Store[Promotion],
        floor: Admits,
        clock: Clock,
        changed: Tell,
        forget: Callable[[], None],
    ) -> None:
        self._promotions, self._floor, self._clock = promotions, floor, clock
        self._changed, self._forget = changed, forget

    async def create(self, promotion: Promotion, override_reason: str = "") -> Promotion:
        """Keeps a checked one under a new id, if it passes the margin floor or the owner says why it need not."""
        promotion.id = new_id("prm")
        async with self._floor.alone():
            promotion.margin_override_reason = await self._floor.admit_promotion(promotion, override_reason)
            kept = await self._promotions.insert(promotion, self._changed(promotion.id, self._clock.now()))
        self._forget()
        return kept

    async def end(self, promotion_id: str, by: str) -> Promotion:
        """Ends it now; one that is over stays as it is. Refuses with `PromotionNotFound`."""
        now = self._clock.now()
        running = {"_id": promotion_id, "ends_at": {"$gt": now}}
        update = {"$set": {"ends_at": now, "ended_by": by}}
        ended = await self._promotions.change(running, update, self._changed(promotion_id, now))
        if ended:
            self._forget()
            return ended
        return found(await self._promotions.get(promotion_id), PromotionNotFound("there is no such promotion"))

    async def page(self, live: bool, limit: int, cursor: str) -> tuple[list[Promotion], str]:
        """Newest first, and where the next page starts. Refuses with `InvalidPage`, `CursorInvalid`."""
        size, now = page_limit(limit), self._clock.now()
        where: dict[str, object] = {"_id": {"$lt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        if live:
            where |= {"ends_at": {"$gt": now}, "starts_at": {"$lte": now}}
        items = await self._promotions.find(where, sort=[("_id", -1)], limit=size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""


class Running(Generic[T]):
    """The promotions that run, ready in memory: read again when one has changed, and each second in any case."""

    def __init__(self, promotions: Store[Promotion], clock: Clock, ready: Ready[T]) -> None:
        self._promotions, self._clock, self._ready = promotions, clock, ready
        self._held: tuple[T] | None = None
        self._read_at: datetime | None = None
        self._changes = 0
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """Something has changed."""
        self._changes += 1
        self._read_at = None

    async def rules(self) -> T:
        """What runs now; at most a second old, and never older than the last change told here."""
        if fresh := self._fresh():
            return fresh[0]
        async with self._reading:  # one reads, the others wait for it
            if fresh := self._fresh():
                return fresh[0]
            rules = await self._read()
            self._held = (rules,)
            return rules

    def _fresh(self) -> tuple[T] | None:
        if self._read_at is None or not self._read_at <= self._clock.now() < self._read_at + _FRESH:
            return None
        return self._held

    async def _read(self) -> T:
        seen, now = self._changes, self._clock.now()
        running = {"ends_at": {"$gt": now}, "starts_at": {"$lte": now + _FRESH}}
        rules = self._ready(await self._promotions.find(running, sort=[("ends_at", 1)], limit=_MOST_RUNNING))
        self._read_at = now if seen == self._changes else None  # changed while it was read: read again next time
        return rules
