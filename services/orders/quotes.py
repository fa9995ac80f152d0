"""This is where neighbours are asked what things cost, as seldom as the answer may change."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from services.kit.errors import TooLate, Unavailable

from .addresses import Region
from .aftersales.terms import Terms
from .benefits import Claim, FreightOff, Gift, Offer
from .memory import Memory
from .pricing import Discount

_FRESH_S = 2.0  # what changes is dropped at once by the event that says so; promotions also begin and end by the clock
_SKU_FRESH_S = 10.0  # the backstop while NATS is away; nothing changes about a SKU but it is told, its stock apart
_STANDING_FRESH_S = 60.0  # the backstop while NATS is away: a change is told
_STILL_S = 300.0  # while a neighbour is away, a customer keeps what they saw


@dataclass(frozen=True, slots=True)
class SkuQuote:
    """What a cart needs to know of a SKU. `available` may be ten seconds old: the hold decides."""

    sku: str
    product_id: str
    title: str
    currency: str
    price_minor: int
    cost_minor: int
    weight_g: int
    available: int
    live: bool
    category: str
    promised: Terms | None = None  # what its product promises about its coming back, if anything
    volume_mm3: int = 0  # room of one; 0 when not measured


@dataclass(frozen=True, slots=True)
class RulesLine:
    """A line as the promotion rules see it."""

    sku: str
    category: str
    quantity: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class RulesCart:
    """A cart as the promotion rules see it; what its evaluation is remembered by."""

    currency: str
    lines: tuple[RulesLine, ...]
    coupons: tuple[str, ...]
    customer_id: str
    tier: str = ""
    groups: tuple[str, ...] = ()
    channel: str = "storefront"


@dataclass(frozen=True, slots=True)
class Problem:
    """A coupon that gives nothing, and why."""

    code: str
    problem: str
    text: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a cart gets."""

    discounts: tuple[Discount, ...] = ()
    problems: tuple[Problem, ...] = ()
    standing_matters: bool = False  # an offer asks for the customer's tier or groups
    standing_unknown: bool = False  # and nobody could say
    gifts: tuple[Gift, ...] = ()
    freight: FreightOff | None = None
    claims: tuple[Claim, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What offers to some go by."""

    tier: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be sent where; what its quotes are remembered by."""

    region: Region
    weight_g: int
    pieces: int
    currency: str
    goods_minor: int
    volume_mm3: int = 0
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A way to send it and what it costs (minor units)."""

    id: str
    title: str
    price_minor: int
    min_days: int
    max_days: int
    reason: str
    windowed: bool = False  # a delivery window is chosen with it


class DeliveryUnknown(Unavailable):
    """What sending costs cannot be found out now: try again."""


class Shelves(Protocol):
    """Who knows SKUs: catalog."""

    async def quote(self, skus: Sequence[str]) -> list[SkuQuote]:
        """Those of these SKUs that exist."""
        ...


class Rules(Protocol):
    """Who knows promotions: marketing."""

    async def evaluate(self, cart: RulesCart) -> Evaluation:
        """What the cart gets."""
        ...


class People(Protocol):
    """Who knows customers: crm."""

    async def standing(self, customer_id: str) -> Standing:
        """Their tier and groups."""
        ...


class Freight(Protocol):
    """Who knows what sending costs: logistics."""

    async def quote(self, parcel: Parcel) -> tuple[Delivery, ...]:
        """The ways, cheapest first."""
        ...


class Quotes:
    """What neighbours say, remembered."""

    def __init__(self, shelves: Shelves, rules: Rules, freight: Freight, people: People) -> None:
        self._shelves, self._rules, self._freight, self._people = shelves, rules, freight, people
        self._standings: Memory[str, Standing] = Memory(20_000, _STANDING_FRESH_S)
        self._standing_matters = False  # as marketing said last
        self._skus: Memory[str, SkuQuote] = Memory(20_000, _SKU_FRESH_S)
        self._evaluations: Memory[Hashable, Evaluation] = Memory(5_000, _FRESH_S)
        self._ways: Memory[Hashable, tuple[Delivery, ...]] = Memory(5_000, _FRESH_S)

    async def skus(self, skus: Iterable[str]) -> dict[str, SkuQuote]:
        """Those of these SKUs that exist; one call for all that are not remembered. While catalog is away, what it said
        lately is shown; the hold decides. Raises `Unavailable` or `TooLate` when that is not enough."""
        wanted = list(skus)
        known = {sku: quote for sku in wanted if (quote := self._skus.get(sku)) is not None}
        missing = [sku for sku in wanted if sku not in known]
        if missing:
            stamp = self._skus.stamp()
            try:
                answers = await self._shelves.quote(missing)
            except (Unavailable, TooLate):
                still = {sku: quote for sku in missing if (quote := self._skus.get(sku, _STILL_S)) is not None}
                if len(still) < len(missing):
                    raise
                return known | still
            for quote in answers:
                self._skus.put(quote.sku, quote, stamp)
                known[quote.sku] = quote
        return known

    async def evaluation(self, cart: RulesCart) -> Evaluation | None:
        """What the cart gets; None while marketing is away and this very cart was not evaluated lately. Whose cart it is
        is asked of crm only while an offer is for some tiers or groups."""
        if self._standing_matters and cart.customer_id:
            return await self._for_somebody(cart)
        known = await self._evaluated(cart)
        if known and known.standing_matters and cart.customer_id:
            self._standing_matters = True
            return await self._for_somebody(cart)
        return known

    async def _for_somebody(self, cart: RulesCart) -> Evaluation | None:
        standing = await self._standing(cart.customer_id)
        if standing:
            cart = replace(cart, tier=standing.tier, groups=standing.groups)
        known = await self._evaluated(cart)
        if known is None:
            return None
        self._standing_matters = known.standing_matters
        return known if standing or not known.standing_matters else replace(known, standing_unknown=True)

    async def _standing(self, customer_id: str) -> Standing | None:
        known = self._standings.get(customer_id)
        if known is not None:
            return known
        stamp = self._standings.stamp()
        try:
            known = await self._people.standing(customer_id)
        except (Unavailable, TooLate):
            return self._standings.get(customer_id, _STILL_S)
        self._standings.put(customer_id, known, stamp)
        return known

    async def _evaluated(self, cart: RulesCart) -> Evaluation | None:
        known = self._evaluations.get(cart)
        if known is not None:
            return known
        stamp = self._evaluations.stamp()
        try:
            known = await self._rules.evaluate(cart)
        except (Unavailable, TooLate):
            return self._evaluations.get(cart, _STILL_S)
        self._evaluations.put(cart, known, stamp)
        return known

    async def ways(self, parcel: Parcel) -> tuple[Delivery, ...]:
        """The ways to send it, cheapest first. Refuses with DELIVERY_UNKNOWN."""
        known = self._ways.get(parcel)
        if known is not None:
            return known
        stamp = self._ways.stamp()
        try:
            known = await self._freight.quote(parcel)
        except (Unavailable, TooLate) as away:
            still = self._ways.get(parcel, _STILL_S)
            if still is None:
                raise DeliveryUnknown("what sending costs cannot be found out now") from away
            return still
        self._ways.put(parcel, known, stamp)
        return known

    def forget_skus(self, skus: Iterable[str]) -> None:
        """Something about these changed."""
        for sku in skus:
            self._skus.drop(sku)

    def forget_every_sku(self) -> None:
        """What changed about them while NATS was away was not heard."""
        self._skus.clear()

    def forget_standing(self, customer_id: str) -> None:
        """Their tier or groups changed."""
        self._standings.drop(customer_id)

    def forget_evaluations(self) -> None:
        """A promotion or a coupon changed."""
        self._evaluations.clear()

    def forget_ways(self) -> None:
        """A freight template changed."""
        self._ways.clear()
