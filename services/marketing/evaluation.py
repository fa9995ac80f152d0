"""This is where a cart gets its discounts: one pure function of the cart, the rules, the coupons, the shopper and the time.

The order is fixed.

1. Items (`items`): group after group, in each at most one promotion a SKU.
2. Order (`reaching`): group after group, in each at most one spend threshold, measured on what is left of the goods.
3. Coupons, in the order entered, each on what is left. What a coupon demands of the goods is measured after (2), so that one
   cannot disqualify the next. Of coupons that are alike an order takes as many as they say, usually one.
4. Gifts, one promotion a group, and 5. freight, the best one; measured on what is left to pay for the goods.

Groups marked `best_deal` stand alone: (1) to (3) are worked out for all other groups together and for each of those by
itself (the first eight by name), and the cart gets what leaves least to pay, the former when they are equal.

Nothing takes off more than is left. All is integers of minor units; percentages round half up, by SKU for promotions and in
all for coupons; shares are split by largest remainder and add up exactly. The order of the cart's lines does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.money import Money

from . import eligibility, explaining, items, reaching, wording
from .claims import Claim, claims_of
from .coupons import Coupon, normalised
from .offers import Basket, Counted, Missed, percent_of
from .promotions import FREE_SHIPPING, GIFT, SPEND_THRESHOLD
from .reaching import FreightOff, Gift, Reached
from .rules import Rules
from .selection import Goods, selection_of
from .shoppers import Shopper
from .vouchers import Voucher

_MOST_ALTERNATIVES = 8
NOTHING_COUNTED = Counted()


@dataclass(frozen=True, slots=True)
class Applied:
    """A discount: `shares` by SKU, each above zero."""

    id: str
    scope: str
    reason: str
    shares: dict[str, int]
    code: str = ""

    @property
    def minor(self) -> int:
        """What it takes off."""
        return sum(self.shares.values())


@dataclass(frozen=True, slots=True)
class Problem:
    """A coupon that gives nothing: the code as entered, UCP's code for why, and words."""

    code: str
    problem: str
    text: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A code as entered, the coupon it names (None for none), how often this customer has used that, and the voucher the
    code is, if it is one."""

    code: str
    coupon: Coupon | None
    uses_of_customer: int = 0
    voucher: Voucher | None = None


@dataclass(slots=True)
class Evaluation:
    """What the cart gets, in the order applied; `left` by SKU is what remains to pay."""

    currency: str
    goods: list[Goods]
    left: dict[str, int] = field(init=False)
    applied: list[Applied] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    freight: FreightOff | None = None
    claims: list[Claim] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    standing_matters: bool = False  # some offer looked at is for some tiers or groups only

    def __post_init__(self) -> None:
        self.left = {each.sku: each.gross for each in self.goods}

    def apply(self, applied: Applied) -> None:
        """Takes it off."""
        for sku, share in applied.shares.items():
            self.left[sku] -= share
        self.applied.append(applied)

    def left_of(self, goods: Iterable[Goods]) -> int:
        """What remains to pay of these."""
        return sum(self.left[each.sku] for each in goods)

    @property
    def to_pay(self) -> int:
        """What remains to pay of all."""
        return sum(self.left.values())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a cart is evaluated with, besides the rules."""

    entered: Sequence[Entered]
    shopper: Shopper
    counted: Counted
    now: datetime


def evaluate(
    currency: str,
    goods: Iterable[Goods],
    rules: Rules,
    entered: Sequence[Entered],
    shopper: Shopper,
    now: datetime,
    counted: Counted = NOTHING_COUNTED,
) -> Evaluation:
    """What a cart gets. `goods` has each SKU once."""
    all_goods, asked = sorted(goods, key=lambda each: each.sku), _Asked(entered, shopper, counted, now)
    touching = rules.touching(all_goods, currency, shopper, now)
    best = _best_deal(currency, all_goods, touching, asked)
    _give(best, touching[GIFT], touching[FREE_SHIPPING])
    return best


Touching = Mapping[str, Sequence[items.Touching]]


def _best_deal(currency: str, goods: list[Goods], touching: Touching, asked: _Asked) -> Evaluation:
    """Of the groups that stand together and those that stand alone, what leaves least to pay."""
    of_deals = (*touching["items"], *touching[SPEND_THRESHOLD])
    names = sorted({rule.group for rule, _ in of_deals if rule.best_deal})[:_MOST_ALTERNATIVES]
    best = _discounted(currency, goods, touching, asked, None)
    for name in names:
        other = _discounted(currency, goods, touching, asked, name)
        best, lost = (other, best) if other.to_pay < best.to_pay else (best, other)
        got = {each.id for each in best.applied}
        lost_ids = {each.id for each in lost.applied} - got
        best.missed += [Missed(rule, "other_deal") for rule, _ in of_deals if rule.id in lost_ids]
    return best


def _discounted(currency: str, goods: list[Goods], touching: Touching, asked: _Asked, deal: str | None) -> Evaluation:
    """Items, order and coupons, with the groups that stand together or the one that stands alone."""
    evaluation = Evaluation(currency, goods)

    def standing(kind: str) -> list[items.Touching]:
        return [each for each in touching[kind] if (each[0].group if each[0].best_deal else None) == deal]

    basket = Basket(
        {each.sku: each for each in goods}, evaluation.left, asked.counted, bool(asked.shopper.id), asked.now
    )
    plan = items.chosen(standing("items"), basket)
    evaluation.missed += plan.missed
    for offer in plan.offers:
        rule = offer.promotion
        evaluation.apply(
            Applied(rule.id, "items", wording.titled(rule.title, explaining.of_offer(offer)), offer.shares)
        )
        evaluation.claims += claims_of(offer)
    order = reaching.best_of_groups(standing(SPEND_THRESHOLD), evaluation.left, in_turn=True)
    evaluation.missed += order.missed
    for found in order.reached:
        _apply_reached(evaluation, found)
    _apply_coupons(evaluation, asked.entered, asked.shopper, asked.now)
    return evaluation


def _apply_reached(evaluation: Evaluation, found: Reached) -> None:
    rule = found.promotion
    if shares := reaching.spread(found.off, found.about, evaluation.left):
        reason = wording.titled(rule.title, explaining.of_reached(found))
        evaluation.apply(Applied(rule.id, "order", reason, shares))


def _give(evaluation: Evaluation, gifts: Sequence[items.Touching], freight: Sequence[items.Touching]) -> None:
    """Gifts, one promotion a group; and the best of what comes off the freight."""
    found = reaching.best_of_groups(gifts, evaluation.left)
    for each in found.reached:
        reason = wording.titled(each.promotion.title, explaining.of_reached(each))
        items_given = reaching.gifts_of(each)
        evaluation.gifts += [Gift(each.promotion, item.sku, item.quantity, reason) for item in items_given]
    off = reaching.best_of_groups(freight, evaluation.left)
    if off.reached:
        best = min(off.reached, key=lambda each: each.rank)
        reason = wording.titled(best.promotion.title, explaining.of_reached(best))
        evaluation.freight = FreightOff(best.promotion, best.promotion.amount_off_minor, reason)
    evaluation.missed += found.missed + off.missed


def _apply_coupons(evaluation: Evaluation, entered: Sequence[Entered], shopper: Shopper, now: datetime) -> None:
    before = dict(evaluation.left)
    used: dict[str, tuple[Coupon, str]] = {}
    for each in entered:
        coupon, code = each.coupon, normalised(each.code)
        refused = eligibility.refused(each, shopper, now) or (coupon and eligibility.clash(coupon, code, used))
        shares: dict[str, int] = {}
        if coupon and not refused:
            refused = _unfit(coupon, evaluation, before)
            shares = {} if refused else _coupon_shares(coupon, evaluation)
            refused = refused or (None if shares else ("user_ineligible", wording.NOTHING_LEFT))
            refused = refused or eligibility.over_budget(coupon, sum(shares.values()))
        if refused:
            evaluation.problems.append(Problem(each.code, f"discount_code_{refused[0]}", refused[1]))
        elif coupon:
            used[coupon.id] = coupon, code
            reason = wording.titled(coupon.title, _coupon_words(coupon))
            evaluation.apply(Applied(coupon.id, "order", reason, shares, code=code))


def _unfit(coupon: Coupon, evaluation: Evaluation, before: dict[str, int]) -> eligibility.Refusal:
    """Why this cart does not qualify; `before` is what was left by SKU before any coupon."""
    if coupon.currency and coupon.currency != evaluation.currency:
        return "user_ineligible", wording.OTHER_CURRENCY
    about = _about(coupon, evaluation)
    if not about:
        return "user_ineligible", wording.NO_GOODS
    missing = coupon.threshold_minor - sum(before[each.sku] for each in about)
    if missing > 0:
        threshold = Money(evaluation.currency, coupon.threshold_minor)
        return "user_ineligible", wording.below_threshold(threshold, Money(evaluation.currency, missing))
    return None


def _about(coupon: Coupon, evaluation: Evaluation) -> list[Goods]:
    selection = selection_of(coupon)
    return [each for each in evaluation.goods if selection.takes(each)]


def _coupon_shares(coupon: Coupon, evaluation: Evaluation) -> dict[str, int]:
    about = _about(coupon, evaluation)
    off = coupon.amount_off_minor or percent_of(evaluation.left_of(about), coupon.percent_bp)
    return reaching.spread(off, about, evaluation.left)


def _coupon_words(coupon: Coupon) -> str:
    if coupon.amount_off_minor:
        return wording.coupon_amount(coupon.id, Money(coupon.currency, coupon.amount_off_minor))
    return wording.coupon_percent(coupon.id, coupon.percent_bp)
