"""This is where it is worked out what the worst cart pays once a new rule meets all that may stack with it. Pure.

It follows `evaluation`: at most one limited-time promotion on a SKU, then at most one spend threshold, then coupons, each on
what is left. Nothing is known here of prices: a way is what happens to one unit, step after step, and catalog works out what
that leaves. What is assumed is never better for the shop than any cart can be made to be:

- An amount is spread in proportion to what is left, so it takes the largest share where the goods are worth just its
  threshold; without a threshold, off one unit.
- Coupons take their percentages first. What a coupon with a threshold is spread over may have been made cheaper by the other
  coupons before, also by those that are not about this SKU.
- A cart takes 20 codes, and codes that are alike are different coupons.

One thing is left out: when a discount is split over lines that do not divide evenly, a line may bear one minor unit more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .coupons import MOST_ENTERED
from .selection import Selection

ITEM, ORDER, COUPON = "item", "order", "coupon"
WHOLE_BP = 10_000
_SURE_BP = 100  # a smaller percentage may round to nothing on a cheap unit, and then another takes its place


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion, or coupons that are alike (`alike` of them), as far as stacking goes."""

    kind: str
    name: str  # for people
    starts_at: datetime
    ends_at: datetime
    selection: Selection
    percent_bp: int = 0
    currency: str = ""
    amount_minor: int = 0
    threshold_minor: int = 0
    priority: int = 0
    exclusive: bool = False
    for_some: bool = False  # some shoppers do not get it: then it takes nothing's place
    alike: int = 1

    def runs(self, at: datetime) -> bool:
        """Whether it applies then."""
        return self.starts_at <= at < self.ends_at

    def meets(self, other: "Rule") -> bool:
        """Whether there is a time at which both run."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount spread over goods worth `over_minor` at least, or over one unit when that is worth more."""

    amount_minor: int
    over_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """A percentage of what is left, or amounts, all of them measured on the same."""

    percent_bp: int = 0
    amounts: tuple[AmountOff, ...] = ()


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


def _within(one: Selection, other: Selection) -> bool:
    """Whether all goods of the one are in the other."""
    return _narrower(one.skus, other.skus) and _narrower(one.categories, other.categories)


def _narrower(one: frozenset[str], other: frozenset[str]) -> bool:
    return not other or (bool(one) and one <= other)


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
    items = _items([each for each in running if each.kind == ITEM])
    orders = _orders([each for each in running if each.kind == ORDER])
    if (new.kind == ITEM and new not in items) or (new.kind == ORDER and new not in orders):
        return  # another takes its place
    item = new if new.kind == ITEM else max(items, key=lambda each: each.percent_bp, default=None)
    first = [item] if item else []
    seconds = [[new]] if new.kind == ORDER else [[each] for each in orders] or [[]]
    for second in seconds:
        for steps, used in _codes(new, [each for each in running if each.kind == COUPON], coupons):
            before = [Step(each.percent_bp) for each in first]
            before += [Step(amounts=(AmountOff(each.amount_minor, each.threshold_minor),)) for each in second]
            yield (*before, *steps), (*first, *second, *used)


def _items(rules: Sequence[Rule]) -> list[Rule]:
    """The limited-time promotions that a cart may get on a SKU all these are about."""
    if any(each.percent_bp < _SURE_BP or each.for_some for each in rules):
        return list(rules)
    shared = [each for each in rules if not each.exclusive]
    best = min(shared, key=lambda each: (-each.priority, -each.percent_bp, each.name), default=None)
    highest = max((each.priority for each in rules if each.exclusive), default=None)
    alone = [each for each in rules if each.exclusive and each.priority == highest]
    if best and highest is not None and best.priority > highest:
        alone = []
    # Beside other goods that share a higher promotion the shared one may come before an exclusive one.
    return [*([best] if best else []), *alone]


def _orders(rules: Sequence[Rule]) -> list[Rule]:
    """The spend thresholds that a cart may get: not those before which another always comes."""

    def comes_first(one: Rule, other: Rule) -> bool:
        reached = one.threshold_minor <= other.threshold_minor and _within(other.selection, one.selection)
        return (
            not one.for_some
            and reached
            and (-one.priority, -one.amount_minor, one.name)
            < (
                -other.priority,
                -other.amount_minor,
                other.name,
            )
        )

    return [each for each in rules if not any(comes_first(one, each) for one in rules)]


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
        for each in _deepest([each for each in about if each.exclusive]):
            yield _stacked([each], []), (each,)


def _deepest(rules: Sequence[Rule]) -> list[Rule]:
    """Of coupons that stand alone, those that may take most: the highest percentage, and amounts no other outdoes."""
    percents = [each for each in rules if each.percent_bp]
    amounts = [each for each in rules if each.amount_minor]
    deepest = [max(percents, key=lambda each: each.percent_bp)] if percents else []
    for each in amounts:
        outdone = any(
            (-one.amount_minor, one.threshold_minor, one.name) < (-each.amount_minor, each.threshold_minor, each.name)
            and one.amount_minor >= each.amount_minor
            and one.threshold_minor <= each.threshold_minor
            for one in amounts
        )
        deepest += [] if outdone else [each]
    return deepest


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
    return [each for each in ranked for _ in range(min(each.alike, MOST_ENTERED))][:MOST_ENTERED]
