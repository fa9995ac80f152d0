"""This is where promotions are found that ask for so much of some goods: off the order, gifts, freight. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.kit.money import split

from .checking import MOST_MINOR
from .items import Touching, apart, rank_of
from .offers import Missed, percent_of
from .promotions import FREE_SHIPPING, GIFT, GiftItem, Promotion, Step
from .selection import Goods

MOST_GIFTS = 10  # times a gift is given for one cart, however often its threshold is reached


@dataclass(frozen=True, slots=True)
class Reached:
    """A promotion whose threshold is reached: the goods, what it is worth, and how many times it is given."""

    promotion: Promotion
    about: Sequence[Goods]
    step: Step
    off: int = 0
    times: int = 1

    @property
    def rank(self) -> tuple[int, int, str]:
        """The highest priority first, then most off, then the older."""
        return -self.promotion.priority, -self.off, self.promotion.id


@dataclass(frozen=True, slots=True)
class Gift:
    """Goods for nothing, and why."""

    promotion: Promotion
    sku: str
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class FreightOff:
    """What comes off the freight: at most so much (0: all), and why."""

    promotion: Promotion
    most_minor: int
    reason: str


@dataclass(slots=True)
class Reaching:
    """One of each group, in the order of the groups' names; and those that give nothing."""

    reached: list[Reached] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)

    def rank(self) -> tuple[int, int]:
        """Highest priority first, then most off."""
        return rank_of(self.reached)


def reached(rule: Promotion, about: Sequence[Goods], left: Mapping[str, int]) -> Reached | Missed:
    """Whether what is left of the goods reaches its threshold, and the highest of its steps that is reached."""
    spent = sum(left[each.sku] for each in about)
    step = next((each for each in reversed(rule.turns) if each.threshold_minor <= spent), None)
    if step is None:
        first = rule.turns[0]
        return Missed(rule, "not_reached", missing_minor=first.threshold_minor - spent, step=first)
    times = spent // step.threshold_minor if rule.repeats and step.threshold_minor else 1
    if rule.kind == FREE_SHIPPING:
        return Reached(rule, about, step, rule.amount_off_minor or MOST_MINOR)
    if rule.kind == GIFT:
        times = min(times, MOST_GIFTS)
        return Reached(rule, about, step, rule.gift_worth_minor * times, times)
    off = percent_of(spent, step.percent_bp) if step.percent_bp else step.off_minor * times
    return Reached(rule, about, step, min(off, spent), times)


def next_step(found: Reached, left: Mapping[str, int]) -> Missed | None:
    """What is missing to its next step."""
    spent = sum(left[each.sku] for each in found.about)
    step = next((each for each in found.promotion.turns if each.threshold_minor > spent), None)
    missing = step.threshold_minor - spent if step else 0
    return Missed(found.promotion, "not_reached", missing_minor=missing, step=step) if step else None


def best_of_groups(touching: Iterable[Touching], left: Mapping[str, int], *, in_turn: bool = False) -> Reaching:
    """One of each group, or an exclusive one alone, as with items; `in_turn`: each on what those before left."""
    groups, alone = apart(touching)
    together, now = Reaching(), dict(left)
    for name in sorted(groups):
        if best := _best(groups[name], now, together.missed):
            together.reached.append(best)
            for sku, share in spread(best.off, best.about, now).items() if in_turn else ():
                now[sku] -= share
    other = Reaching(missed=together.missed)
    if best := _best(alone, left, together.missed):
        other.reached.append(best)
    chosen, rest = (other, together) if other.rank() > together.rank() else (together, other)
    chosen.missed += [Missed(each.promotion, "outdone") for each in rest.reached]
    return chosen


def _best(touching: Sequence[Touching], left: Mapping[str, int], missed: list[Missed]) -> Reached | None:
    best: Reached | None = None
    for rule, about in touching:
        found = reached(rule, about, left)
        if isinstance(found, Missed):
            missed.append(found)
        elif best is None or found.rank < best.rank:
            if best:
                missed.append(Missed(best.promotion, "outdone"))
            best = found
        else:
            missed.append(Missed(rule, "outdone"))
    if best and (more := next_step(best, left)):
        missed.append(more)
    return best


def spread(minor: int, goods: Sequence[Goods], left: Mapping[str, int]) -> dict[str, int]:
    """`minor`, or what is left of these goods if that is less, in proportion to what is left of each."""
    weights = [left[each.sku] for each in goods]
    off = min(minor, sum(weights))
    if off <= 0:
        return {}
    return {each.sku: share for each, share in zip(goods, split(off, weights), strict=True) if share}


def gifts_of(found: Reached) -> list[GiftItem]:
    """The gifts, as often as they are given."""
    return [GiftItem(each.sku, each.quantity * found.times) for each in found.promotion.gifts]
