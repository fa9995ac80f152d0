"""This is where promotions are kept: made, ended, listed, and those that run held ready in memory."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Invalid, NotFound, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.store import Store, found

from .checking import FOREVER
from .shoppers import Shopper, is_for

LIMITED_TIME, SPEND_THRESHOLD, GIFT, ADD_ON = "limited_time", "spend_threshold", "gift", "add_on"
BUNDLE, PRICE_LIST, FREE_SHIPPING = "bundle", "price_list", "free_shipping"
KINDS = (LIMITED_TIME, SPEND_THRESHOLD, GIFT, ADD_ON, BUNDLE, PRICE_LIST, FREE_SHIPPING)
# What of a cart a kind is about: a SKU gets one promotion a group in `items`, an order one in each of the others.
SCOPES = {
    LIMITED_TIME: "items",
    ADD_ON: "items",
    BUNDLE: "items",
    PRICE_LIST: "items",
    SPEND_THRESHOLD: "order",
    GIFT: "gift",
    FREE_SHIPPING: "fulfillment",
}


class InvalidPromotion(Invalid):
    """No promotion can be like this."""


class PromotionNotFound(NotFound):
    """There is no such promotion."""


class PromotionOver(WrongState):
    """It has ended."""


class OtherKind(WrongState):
    """It is of another kind: that never changes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What holds from some point on: off for so many `units` or `until` a time (limited_time), or from a threshold on."""

    percent_bp: int = 0
    off_minor: int = 0
    threshold_minor: int = 0
    units: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class GiftItem:
    """So many of a SKU for nothing."""

    sku: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class SetPrice:
    """What one of a SKU costs from so many on."""

    sku: str
    minor: int
    from_quantity: int = 1


@dataclass
class Promotion:
    """A rule that makes things cheaper from `starts_at` until before `ends_at`. Amounts are of `currency`.

    limited_time: `percent_bp` hundredths of a percent, or `amount_off_minor` of each unit, off the goods it is about; or
    `steps` of these, each for so many units or until a time.
    spend_threshold: an amount or a percentage off once those goods reach `threshold_minor`; `steps`, or, if it `repeats`,
    for each time they reach it.
    gift: `gifts` once they reach it. add_on: `prices` hold then for goods that are not among those.
    bundle: `bundle_quantity` of the SKUs for `bundle_minor`, or the cheapest of so many `percent_bp` cheaper.
    price_list: `prices` hold. free_shipping: freight off, at most `amount_off_minor` when that is not 0.
    `gift_worth_minor` and `cap_bp` are set when it is made: what the gifts cost the shop; the most a bundle takes off.
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
    steps: list[Step] = field(default_factory=list)
    repeats: bool = False
    gifts: list[GiftItem] = field(default_factory=list)
    gift_worth_minor: int = 0
    prices: list[SetPrice] = field(default_factory=list)
    bundle_quantity: int = 0
    bundle_minor: int = 0
    cap_bp: int = 10_000
    limit_per_order: int = 0
    limit_per_customer: int = 0
    group: str = ""
    priority: int = 0
    exclusive: bool = False
    best_deal: bool = False
    paused: bool = False
    tiers: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    signed_in: bool = False
    channels: list[str] = field(default_factory=list)
    margin_override_reason: str = ""  # why the owner let it be though it sells below the margin floor
    made_by: str = ""
    ended_by: str = ""
    version: int = 0

    @property
    def scope(self) -> str:
        """What of a cart it is about."""
        return SCOPES[self.kind]

    def runs(self, now: datetime) -> bool:
        """Whether it applies now."""
        return not self.paused and self.starts_at <= now < self.ends_at

    @property
    def for_some(self) -> bool:
        """Whether it is for some shoppers only."""
        return self.signed_in or bool(self.tiers or self.groups or self.channels)

    def gives(self, shopper: Shopper, now: datetime) -> bool:
        """Whether it applies now, to them."""
        return self.runs(now) and (not self.for_some or is_for(self, shopper))

    @property
    def turns(self) -> list[Step]:
        """Its steps, in order; one when it has none."""
        return self.steps or [Step(self.percent_bp, self.amount_off_minor, self.threshold_minor)]

    @property
    def counted(self) -> bool:
        """Whether the units sold are counted in all."""
        return any(each.units for each in self.steps)

    @property
    def limited(self) -> bool:
        """Whether it may be for some of the units only."""
        return bool(self.limit_per_order or self.limit_per_customer) or self.counted


Tell = Callable[[str, datetime], Message]


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

    async def get(self, promotion_id: str) -> Promotion:
        """One. Refuses with `PromotionNotFound`."""
        return found(await self._promotions.get(promotion_id), PromotionNotFound("there is no such promotion"))

    async def replace(self, promotion: Promotion, if_version: int, override_reason: str = "") -> Promotion:
        """Keeps a checked one in place of what it was, as `create` does. Refuses with `PromotionNotFound`, `PromotionOver`,
        `OtherKind`, `VersionMismatch`."""
        async with self._floor.alone():
            before = await self._going_on(promotion.id)
            if if_version and before.version != if_version:
                raise VersionMismatch(f"the promotion is at version {before.version}")
            if before.kind != promotion.kind:
                raise OtherKind(f"it is of kind {before.kind}: make another, and end this one")
            promotion.version, promotion.paused = before.version, before.paused
            promotion.made_by = before.made_by
            promotion.margin_override_reason = await self._floor.admit_promotion(promotion, override_reason)
            kept = await self._promotions.save(promotion, self._changed(promotion.id, self._clock.now()))
        self._forget()
        return kept

    async def pause(self, promotion_id: str, paused: bool) -> Promotion:
        """Stops it, or lets it go on: the margin floor counts it all the time. Refuses with `PromotionNotFound`,
        `PromotionOver`."""
        now = self._clock.now()
        other = {"_id": promotion_id, "ends_at": {"$gt": now}, "paused": {"$ne": paused}}
        told = self._changed(promotion_id, now)
        if changed := await self._promotions.change(other, {"$set": {"paused": paused}}, told):
            self._forget()
            return changed
        return await self._going_on(promotion_id)

    async def _going_on(self, promotion_id: str) -> Promotion:
        promotion = await self.get(promotion_id)
        if promotion.ends_at <= self._clock.now():
            raise PromotionOver("this promotion has ended")
        return promotion

    async def end(self, promotion_id: str, by: str) -> Promotion:
        """Ends it now; one that is over stays as it is. Refuses with `PromotionNotFound`."""
        now = self._clock.now()
        running = {"_id": promotion_id, "ends_at": {"$gt": now}}
        update = {"$set": {"ends_at": now, "ended_by": by}}
        ended = await self._promotions.change(running, update, self._changed(promotion_id, now))
        if ended:
            self._forget()
            return ended
        return await self.get(promotion_id)

    async def page(self, live: bool, limit: int, cursor: str) -> tuple[list[Promotion], str]:
        """Newest first, and where the next page starts. Refuses with `InvalidPage`, `CursorInvalid`."""
        now = self._clock.now()
        running = {"ends_at": {"$gt": now}, "starts_at": {"$lte": now}}
        return await self._promotions.page(running if live else {}, limit, cursor)
