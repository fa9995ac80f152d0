"""This is where a promotion that anybody gets counts as a price that fell: flash sales, limited-time prices, price lists.

Marketing says that a promotion has changed; when it runs, and at each of its steps, the goods that were bought of late are
looked through, and those that cost anybody less now have fallen in price. Coupons, thresholds and what is for members are
nobody's price. A list price that falls while promotions run is looked at too: what counts is what was shown.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists
from services.kit.ids import ALPHABET, id_of_moment
from services.kit.store import Store
from services.orders.leases import go_on_with_due
from services.orders.quotes import SkuQuote

from .drops import Drop, Drops
from .policy import Policies

PROMOTION, FLASH_SALE = "promotion", "flash_sale"
_A_MOMENT = timedelta(seconds=2)  # until whoever shows prices has noticed
_AT_ONCE, _SKUS = 4, 200
Quote = Callable[[list[str]], Awaitable[list[SkuQuote]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion for everybody: what it is about (nothing named: everything), when it runs, when it takes its next step.
    `flash`: for some units only, or in steps."""

    id: str
    skus: frozenset[str]
    categories: frozenset[str]
    starts_at: datetime
    ends_at: datetime | None
    steps: Sequence[datetime]
    flash: bool

    @property
    def cause(self) -> str:
        """As the policy names it."""
        return FLASH_SALE if self.flash else PROMOTION


@dataclass(frozen=True, slots=True)
class Offered:
    """What one costs anybody now, and by which promotion."""

    minor: int
    promotion_id: str


@dataclass
class Watch:
    """A promotion that is looked after. While goods are looked through `looking_at` says since when they cost less, and
    `cursor` which order was the last."""

    id: str
    told_at: datetime
    due_at: datetime | None = None
    looking_at: datetime | None = None
    cursor: str = ""
    version: int = 0


class Marketing(Protocol):
    """Who knows promotions."""

    async def rule(self, promotion_id: str) -> Rule | None:
        """A promotion that may make goods cheaper for everybody; None for any other."""
        ...

    async def offered(self, quotes: Sequence[SkuQuote]) -> Mapping[str, Offered]:
        """By SKU, what one costs anybody now; those that no promotion makes cheaper are left out."""
        ...


class Bought(Protocol):
    """Who knows what was bought."""

    async def of_these(self, skus: Sequence[str], since: datetime) -> list[str]:
        """Those that somebody has paid for since then."""
        ...

    async def after(self, order_id: str, categories: frozenset[str]) -> tuple[list[str], str]:
        """What is in the next orders, of these categories (none: of all), and the last of those orders; empty: no more."""
        ...


class Promoted:
    """The chore, and what it is told."""

    def __init__(
        self,
        watches: Store[Watch],
        drops: Drops,
        bought: Bought,
        marketing: Marketing,
        quote: Quote,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._watches, self._drops, self._bought, self._marketing = watches, drops, bought, marketing
        self._quote, self._policies, self._clock = quote, policies, clock

    async def changed(self, promotion_id: str, at: datetime) -> None:
        """It is looked at anew; told again, or late, it changes nothing."""
        try:
            await self._watches.insert(Watch(promotion_id, at, due_at=at))
        except AlreadyExists:
            anew = {"told_at": at, "due_at": at, "looking_at": None, "cursor": ""}
            await self._watches.change({"_id": promotion_id, "told_at": {"$lt": at}}, {"$set": anew})

    async def round(self) -> int:
        """A step of each of a few promotions; answers how many were due."""
        return await go_on_with_due(self._watches, "due_at", self._clock.now(), self._step, _AT_ONCE)

    async def fallen_with(self, drop: Drop) -> None:
        """A list price fell: what promotions make of the new one has fallen too."""
        await self._fell([drop.sku], drop.id, drop.at)

    async def _step(self, watch: Watch) -> None:
        rule, now = await self._marketing.rule(watch.id), self._clock.now()
        if rule is None or (rule.ends_at and rule.ends_at <= now):
            watch.due_at = watch.looking_at = None
        elif now < rule.starts_at + _A_MOMENT:
            watch.due_at = rule.starts_at + _A_MOMENT
        else:
            await self._look(watch, rule, now)
        await self._watches.save(watch)  # a version that is not ours any more: somebody took over, or it was changed

    async def _look(self, watch: Watch, rule: Rule, now: datetime) -> None:
        """Goes on looking through what was bought; at the end it waits for the next step."""
        watch.looking_at = watch.looking_at or now
        since = watch.looking_at - (await self._policies.get()).span
        if rule.skus:
            skus, watch.cursor = await self._bought.of_these(sorted(rule.skus), since), ""
        else:
            after = watch.cursor or id_of_moment("ord", since - timedelta(days=1))  # placed before it was paid
            skus, watch.cursor = await self._bought.after(after, rule.categories)
        for start in range(0, len(skus), _SKUS):
            await self._fell(skus[start : start + _SKUS], rule.id, watch.looking_at, rule)
        watch.due_at = now
        if not watch.cursor:
            watch.looking_at = None
            watch.due_at = next((step + _A_MOMENT for step in rule.steps if now < step + _A_MOMENT), None)

    async def _fell(self, skus: list[str], why: str, at: datetime, rule: Rule | None = None) -> None:
        quotes = {each.sku: each for each in await self._quote(skus) if each.live}
        offered = await self._marketing.offered(list(quotes.values())) if quotes else {}
        for sku, offer in offered.items():
            of, quote = rule or await self._marketing.rule(offer.promotion_id), quotes[sku]
            if of is not None and offer.minor < quote.price_minor:
                await self._drops.fell(
                    Drop(
                        id=_drop_id(at, f"{why} {sku}"),
                        sku=sku,
                        product_id=quote.product_id,
                        currency=quote.currency,
                        old_minor=quote.price_minor,
                        new_minor=offer.minor,
                        at=at,
                        cause=of.cause,
                        cursor_at=at,
                    )
                )


def _drop_id(at: datetime, what: str) -> str:
    """The same for the same moment and thing, and sorted by time as all are."""
    digest = hashlib.sha256(what.encode()).digest()
    return id_of_moment("drp", at)[:14] + "".join(ALPHABET[byte & 31] for byte in digest[:16])
