"""This is where it is worked out what the worst cart pays once a new rule meets all that may stack with it. Pure.

It follows `evaluation`: of each group at most one item promotion on a SKU, then of each group at most one spend threshold,
then coupons, then gifts, each on what is left. Nothing is known here of prices: a way is what happens to one unit, step
after step, and catalog works out what that leaves. What is assumed is never better for the shop than any cart can be made to
be:

- An amount is spread in proportion to what is left, so it takes the largest share where the goods are worth just its
  threshold; without a threshold, off one unit.
- Coupons take their percentages first. What a coupon with a threshold is spread over may have been made cheaper by the other
  coupons before, also by those that are not about this SKU.
- A cart takes 20 codes, and of those that are alike as many as they say.
- A gift is borne by the goods it is given with, like an amount off them as large as what it costs.
- What is for some shoppers, for so many units, or for a while may be what a cart gets, and takes nothing's place.

One thing is left out: when a discount is split over lines that do not divide evenly, a line may bear one minor unit more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from . import choices
from .choices import COUPON, GIFT, ITEM, ORDER, Rule
from .coupons import MOST_ENTERED
from .selection import Selection

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount spread over goods worth `over_minor` at least, or over one unit when that is worth more."""

    amount_minor: int
    over_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """A percentage of what is left, a price it costs at most, or amounts, all of them measured on the same."""

    percent_bp: int = 0
    amounts: tuple[AmountOff, ...] = ()
    fixed_minor: int | None = None


Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """These values, or all but these."""

    values: frozenset[str]
    but: bool = False


@dataclass(slots=True)
class Stack:
    """SKUs to which the same rules apply, and the ways their worst carts go: each with the rules that stack in it."""

    skus: Values
    categories: Values
    currencies: Values
    ways: dict[Way, tuple[Rule, ...]] = field(default_factory=dict)

    def in_parts(self, most: int) -> "Iterator[Stack]":
        """The same with at most so many ways each."""
        ways = list(self.ways.items())
        for start in range(0, len(ways), most):
            yield Stack(self.skus, self.categories, self.currencies, dict(ways[start : start + most]))


def stacks(new: Rule, others: Iterable[Rule]) -> list[Stack]:
    """All SKUs whose price the new rule may change, by what may stack there."""
    met = [each for each in others if each.meets(new) and _one_currency(each, new)]
    if not _combines(new):
        met = [each for each in met if each.kind == COUPON or _overlap(each.selection, new.selection)]
    rules = [new, *met]
    found = []
    for stack, there in _cells(new, rules):
        coupons = [each for each in rules if each.kind == COUPON and _sold_in(each, stack.currencies)]
        for at in _moments(new, there, coupons):
            running = [each for each in there if each.runs(at)]
            for way, used in _ways(new, running, [each for each in coupons if each.runs(at)]):
                stack.ways.setdefault(way, used)
        if stack.ways:
            found.append(stack)
    return found


def _combines(rule: Rule) -> bool:
    """Whether it is entered together with other coupons."""
    return rule.kind == COUPON and not rule.exclusive


def _helped(rule: Rule, new: Rule) -> bool:
    """Whether the new one makes cheaper what a coupon is spread over, so that this takes a larger share of other goods."""
    spread = _combines(rule) and rule.amount_minor and rule.threshold_minor
    return bool(spread) and _combines(new) and _overlap(rule.selection, new.selection)


def _one_currency(one: Rule, other: Rule) -> bool:
    return not one.currency or not other.currency or one.currency == other.currency


def _sold_in(rule: Rule, currencies: Values) -> bool:
    return not rule.currency or (not currencies.but and rule.currency in currencies.values)


def _overlap(one: Selection, other: Selection) -> bool:
    """Whether some goods may be in both."""
    return not (
        (one.skus and other.skus and one.skus.isdisjoint(other.skus))
        or (one.categories and other.categories and one.categories.isdisjoint(other.categories))
    )


def _cells(new: Rule, rules: Sequence[Rule]) -> Iterator[tuple[Stack, list[Rule]]]:
    """SKUs apart by which rules are about them, as far as the new one concerns them; and those rules."""
    by_sku = _apart([each.selection.skus for each in rules])
    by_category = _apart([each.selection.categories for each in rules])
    by_currency = _apart([frozenset([each.currency] if each.currency else []) for each in rules])
    for skus, of_skus in by_sku:
        for categories, of_categories in by_category:
            for currencies, of_currencies in by_currency:
                places = of_skus & of_categories & of_currencies
                there = [rules[place] for place in sorted(places)]
                if 0 in places or (0 in of_currencies and any(_helped(each, new) for each in there)):
                    yield Stack(skus, categories, currencies), there


def _apart(named: Sequence[frozenset[str]]) -> list[tuple[Values, frozenset[int]]]:
    """All values there are, by which rules admit them: those named alike, and all that nobody names."""
    everybody = frozenset(place for place, values in enumerate(named) if not values)
    naming: dict[str, set[int]] = {}
    for place, values in enumerate(named):
        for value in values:
            naming.setdefault(value, set()).add(place)
    alike: dict[frozenset[int], set[str]] = {}
    for value, places in naming.items():
        alike.setdefault(frozenset(places) | everybody, set()).add(value)
    rest = (Values(frozenset(naming), but=True), everybody)
    return [*((Values(frozenset(values)), places) for places, values in alike.items()), rest]


def _moments(new: Rule, there: Sequence[Rule], coupons: Sequence[Rule]) -> list[datetime]:
    """Whenever something begins, or ends and leaves its place to another, while the new one runs."""
    changes = {new.starts_at, *(each.starts_at for each in (*there, *coupons)), *(each.ends_at for each in there)}
    return sorted(at for at in changes if new.runs(at))


def _ways(new: Rule, running: Sequence[Rule], coupons: Sequence[Rule]) -> Iterator[tuple[Way, tuple[Rule, ...]]]:
    """How the worst carts go in which the new rule has a part."""
    for standing in _alternatives(new, running):
        parts = product(
            choices.of_items(new, [each for each in standing if each.kind == ITEM]),
            choices.of_reached(new, [each for each in standing if each.kind == ORDER], ORDER),
            choices.of_reached(new, [each for each in standing if each.kind == GIFT], GIFT),
        )
        codes = list(_codes(new, [each for each in standing if each.kind == COUPON], coupons))
        for (items, orders, gifts), (steps, used) in product(parts, codes):
            before = [_step(each) for each in (*items, *orders)]
            yield (*before, *steps, *_borne(gifts)), (*items, *orders, *used, *gifts)


def _alternatives(new: Rule, running: Sequence[Rule]) -> Iterator[list[Rule]]:
    """The groups that stand together, and each that stands alone; those the new rule can have a part in."""
    deals: list[str | None] = [None, *sorted({each.group for each in running if each.best_deal})]
    if new.kind in (ITEM, ORDER):
        deals = [new.group if new.best_deal else None]
    for deal in deals:
        yield [
            each for each in running if each.kind in (COUPON, GIFT) or (each.group if each.best_deal else None) == deal
        ]


def _step(rule: Rule) -> Step:
    if rule.fixed_minor is not None:
        return Step(fixed_minor=rule.fixed_minor)
    return Step(rule.percent_bp) if rule.percent_bp else Step(amounts=(_amount(rule),))


def _borne(gifts: Sequence[Rule]) -> list[Step]:
    """What goods bear of gifts, all measured on what is left of them: shares of it first, then amounts of as much less."""
    share = min(WHOLE_BP, sum(each.percent_bp for each in gifts))
    amounts = [each for each in gifts if each.amount_minor]
    over = [each.threshold_minor * (WHOLE_BP - share) // WHOLE_BP for each in amounts]
    offs = tuple(AmountOff(each.amount_minor, least) for each, least in zip(amounts, over, strict=True))
    return [*([Step(share)] if share else []), *([Step(amounts=offs)] if offs else [])]


def _amount(rule: Rule) -> AmountOff:
    return AmountOff(rule.amount_minor, rule.threshold_minor)


def _codes(
    new: Rule, about: Sequence[Rule], coupons: Sequence[Rule]
) -> Iterator[tuple[tuple[Step, ...], tuple[Rule, ...]]]:
    """The coupons a cart may enter: all that combine, or one that does not."""
    if new.kind == COUPON and new.exclusive:
        yield _stacked([new], []), (new,)
        return
    together, inside = [each for each in about if not each.exclusive], set(about)
    beside = [each for each in coupons if not each.exclusive and each not in inside]
    yield _stacked(together, beside), (*together, *(each for each in beside if each == new))
    if new.kind != COUPON:
        for each in choices.deepest([each for each in about if each.exclusive]):
            yield _stacked([each], []), (each,)


def _stacked(about: Sequence[Rule], beside: Sequence[Rule]) -> tuple[Step, ...]:
    """Percentages first, then amounts. `beside` are coupons of the same cart that are not about the SKU."""
    percents = tuple(Step(each.percent_bp) for each in _most([each for each in about if each.percent_bp]))
    amounts = _most([each for each in about if each.amount_minor])
    offs = tuple(AmountOff(each.amount_minor, _spread_over(each, amounts, about, beside)) for each in amounts)
    return (*percents, Step(amounts=offs)) if offs else percents


def _spread_over(coupon: Rule, amounts: Sequence[Rule], about: Sequence[Rule], beside: Sequence[Rule]) -> int:
    """The least that goods at a coupon's threshold may be worth once other coupons have been taken off them."""
    helping = [each for each in beside if _overlap(each.selection, coupon.selection)]
    left = coupon.threshold_minor
    for each in _most([each for each in (*about, *helping) if each.percent_bp]):
        left = left * (WHOLE_BP - each.percent_bp) // WHOLE_BP
    if taken := _most([each for each in helping if each.amount_minor]):
        others = sum(each.amount_minor for each in (*taken, *amounts)) - coupon.amount_minor
        left -= others
    return max(0, left)


def _most(rules: Sequence[Rule]) -> list[Rule]:
    """As many as a cart takes, those that take most first; alike ones as often as there are."""
    ranked = sorted(rules, key=lambda each: (-each.percent_bp, -each.amount_minor, each.threshold_minor, each.name))
    return [each for each in ranked for _ in range(min(each.alike, each.alike_per_order, MOST_ENTERED))][:MOST_ENTERED]
