"""This is where it is worked out what one promotion takes off goods, kind by kind. Pure; `left` is what they cost so far."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.money import split

from .promotions import ADD_ON, BUNDLE, LIMITED_TIME, PRICE_LIST, Promotion, SetPrice, Step
from .selection import Goods

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Counted:
    """How many units were sold so far by promotion, and how many of them this customer had."""

    sold: Mapping[str, int] = field(default_factory=dict)
    bought: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missed:
    """A promotion that gives nothing, or less than it could, and why; what is missing of goods or units, for which step."""

    promotion: Promotion
    code: str
    missing_minor: int = 0
    missing_units: int = 0
    step: Step | None = None


@dataclass(slots=True)
class Offer:
    """What a promotion would take off by SKU, for how many units of each (only where units are counted), and why not more.

    `at_most` units may have been sold before for it to hold; None when they are not counted. `step`: the one all is by.
    """

    promotion: Promotion
    shares: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    at_most: int | None = None
    step: Step | None = None
    missed: Missed | None = None

    @property
    def off(self) -> int:
        """In all."""
        return sum(self.shares.values())


@dataclass(frozen=True, slots=True)
class Basket:
    """The goods of a cart by SKU, what is left of each, and the time."""

    goods: Mapping[str, Goods]
    left: Mapping[str, int]
    counted: Counted
    signed_in: bool
    now: datetime

    def worth(self, goods: Goods, units: int) -> int:
        """What so many of these cost now."""
        return self.left[goods.sku] * units // goods.quantity


def percent_of(minor: int, basis_points: int) -> int:
    """Hundredths of a percent of an amount that is not negative, rounded half up."""
    return (minor * basis_points + 5_000) // WHOLE_BP


def off_by(step: Step, worth: int, units: int) -> int:
    """What a step takes off so many units worth so much."""
    return percent_of(worth, step.percent_bp) if step.percent_bp else min(worth, step.off_minor * units)


def offer(rule: Promotion, about: Sequence[Goods], basket: Basket) -> Offer:
    """What it takes off the goods it is about."""
    return _WAYS[rule.kind](rule, about, basket)


def _limited_time(rule: Promotion, about: Sequence[Goods], basket: Basket) -> Offer:
    if not rule.limited:
        step = _step_at(rule, basket.now)
        if step is None:
            return Offer(rule, missed=Missed(rule, "sold_out"))
        left = basket.left
        return Offer(rule, _above_zero({e.sku: off_by(step, left[e.sku], e.quantity) for e in about}), step=step)
    return _by_units(rule, about, basket, _Turns(rule, basket).off)


def _step_at(rule: Promotion, now: datetime) -> Step | None:
    """The step of this time."""
    return next((each for each in rule.turns if each.until is None or now < each.until), None)


class _Turns:
    """Steps that so many units sold use up, one after the other."""

    def __init__(self, rule: Promotion, basket: Basket) -> None:
        self._basket, self._counted = basket, rule.counted
        self._sold = self.position = basket.counted.sold.get(rule.id, 0) if rule.counted else 0
        step = _step_at(rule, basket.now)
        self._turns = list(rule.steps) if rule.counted else [step] if step else []
        self.used: list[Step] = []
        self.first_end: int | None = None

    def off(self, goods: Goods, units: int) -> tuple[int, int]:
        """What comes off so many, and off how many of them: fewer when there are no more."""
        off, end, done = 0, 0, 0
        for step in self._turns:
            end += step.units
            n = units - done
            if step.units:
                n = min(n, end - self.position)
            if n <= 0:
                continue
            if self.first_end is None:
                self.first_end = end if step.units else None
            if step not in self.used:
                self.used.append(step)
            worth = self._basket.worth(goods, done + n) - self._basket.worth(goods, done)
            off, done, self.position = off + off_by(step, worth, n), done + n, self.position + n
            if done == units:
                break
        return off, done

    def at_most(self, units: int) -> int | None:
        """How many may have been sold before for this to hold."""
        if not self._counted or not self.used:
            return None
        if len(self.used) > 1:
            return self._sold
        return self.first_end - units if self.first_end is not None else None


_Price = Callable[[Goods, int], tuple[int, int]]


def _by_units(rule: Promotion, about: Sequence[Goods], basket: Basket, price: _Price) -> Offer:
    """What comes off as many units as may have it, the dearest first."""
    found, room, why = Offer(rule), *_room(rule, basket)
    wanted = sum(each.quantity for each in about)
    for each in sorted(about, key=lambda goods: (-(goods.gross // goods.quantity), goods.sku)):
        n = min(each.quantity, room) if room is not None else each.quantity
        if n <= 0:
            break
        off, units = price(each, n)
        if off > 0:
            found.shares[each.sku], found.units[each.sku] = off, units
        if units < n:
            why = "sold_out"
            break
        room = room - units if room is not None else None
    given = sum(found.units.values())
    if why and given < wanted:
        found.missed = Missed(rule, why, missing_units=wanted - given)
    turns = getattr(price, "__self__", None)
    if isinstance(turns, _Turns):
        found.at_most = turns.at_most(given)
        found.step = turns.used[0] if len(turns.used) == 1 else None
    return found


def _room(rule: Promotion, basket: Basket) -> tuple[int | None, str]:
    """How many units a cart may have of it (None: any number), and why not more."""
    rooms: list[tuple[int, str]] = []
    if rule.limit_per_order:
        rooms.append((rule.limit_per_order, "purchase_limit"))
    if rule.limit_per_customer and not basket.signed_in:
        rooms.append((0, "sign_in"))
    elif rule.limit_per_customer:
        rooms.append((max(0, rule.limit_per_customer - basket.counted.bought.get(rule.id, 0)), "purchase_limit"))
    return min(rooms) if rooms else (None, "")


def _price_list(rule: Promotion, about: Sequence[Goods], basket: Basket) -> Offer:
    prices = {each.sku: p for each in about if (p := _price_of(rule, each)) is not None}
    return _at_prices(rule, [each for each in about if each.sku in prices], basket, prices)


def _at_prices(rule: Promotion, about: Sequence[Goods], basket: Basket, prices: Mapping[str, int]) -> Offer:
    def off(goods: Goods, units: int) -> tuple[int, int]:
        return max(0, basket.worth(goods, units) - prices[goods.sku] * units), units

    return _by_units(rule, about, basket, off)


def _price_of(rule: Promotion, goods: Goods) -> int | None:
    """What one costs when so many are bought."""
    steps = [each for each in rule.prices if each.sku == goods.sku and each.from_quantity <= goods.quantity]
    return max(steps, key=lambda each: each.from_quantity).minor if steps else None


def _add_on(rule: Promotion, about: Sequence[Goods], basket: Basket) -> Offer:
    """`about` are the goods that must reach the threshold, those it makes cheaper apart."""
    priced: dict[str, SetPrice] = {each.sku: each for each in rule.prices}
    bought = [each for each in about if each.sku not in priced]
    missing = rule.threshold_minor - sum(basket.left[each.sku] for each in bought)
    if not bought or missing > 0:
        return Offer(rule, missed=Missed(rule, "not_reached", missing_minor=max(1, missing)))
    wanted = [basket.goods[sku] for sku in priced if sku in basket.goods]
    if not wanted:
        return Offer(rule, missed=Missed(rule, "add_on_available"))
    return _at_prices(rule, wanted, basket, {sku: each.minor for sku, each in priced.items()})


def _bundle(rule: Promotion, about: Sequence[Goods], basket: Basket) -> Offer:
    """The dearest units first, so many to a bundle."""
    found, size = Offer(rule), rule.bundle_quantity
    units = sum(each.quantity for each in about)
    if units < size:
        found.missed = Missed(rule, "not_reached", missing_units=size - units)
        return found
    shares: dict[str, int] = {}
    for times, worth in _bundles(about, size, basket):
        whole = sum(worth.values())
        if rule.percent_bp:
            cheapest = min(basket.worth(basket.goods[sku], 1) for sku in worth)
            off = percent_of(cheapest * times, rule.percent_bp)
        else:
            off = min(whole - rule.bundle_minor * times, whole * rule.cap_bp // WHOLE_BP)
        if off <= 0:
            break
        for sku, share in zip(worth, split(off, list(worth.values())), strict=True):
            shares[sku] = shares.get(sku, 0) + share
    found.shares = _above_zero(shares)
    return found


def _bundles(about: Sequence[Goods], size: int, basket: Basket) -> Iterator[tuple[int, dict[str, int]]]:
    """Bundles, the dearest first: how many alike, and what they are worth by SKU. At most twice as many as SKUs."""
    mixed: dict[str, int] = {}
    needed = size
    for goods in sorted(about, key=lambda each: (-(basket.left[each.sku] * 10**6 // each.quantity), each.sku)):
        used = 0
        while used < goods.quantity:
            times = (goods.quantity - used) // size if needed == size else 0
            units = times * size or min(needed, goods.quantity - used)
            worth = basket.worth(goods, used + units) - basket.worth(goods, used)
            used += units
            if times:
                yield times, {goods.sku: worth}
                continue
            mixed[goods.sku] = worth
            needed -= units
            if not needed:
                yield 1, mixed
                mixed, needed = {}, size


def _above_zero(shares: Mapping[str, int]) -> dict[str, int]:
    return {sku: share for sku, share in shares.items() if share > 0}


_WAYS: dict[str, Callable[[Promotion, Sequence[Goods], Basket], Offer]] = {
    LIMITED_TIME: _limited_time,
    PRICE_LIST: _price_list,
    ADD_ON: _add_on,
    BUNDLE: _bundle,
}
