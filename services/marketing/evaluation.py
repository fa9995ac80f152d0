"""This is where a cart gets its discounts: one pure function of the cart, the rules, the coupons, the customer and the time.

The order is fixed. (1) Items: on each SKU at most one limited-time promotion. (2) Order: at most one spend threshold, on
what is left of the goods after (1). (3) Coupons, in the order entered, each on what is left; what a coupon demands of the
goods is measured after (2), so that one coupon cannot disqualify the next. Nothing takes off more than is left. All is
integers of minor units; percentages round half up, by SKU for promotions and in all for coupons; shares are split by
largest remainder and add up exactly. The order of the cart's lines does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.money import Money, split

from . import eligibility, wording
from .coupons import Coupon, normalised
from .promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion
from .selection import Goods, Shelves, selection_of
from .shoppers import Shopper
from .vouchers import Voucher


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

    def spread(self, minor: int, goods: Sequence[Goods]) -> dict[str, int]:
        """`minor`, or what is left of these goods if that is less, in proportion to what is left of each."""
        weights = [self.left[each.sku] for each in goods]
        off = min(minor, sum(weights))
        if off <= 0:
            return {}
        shares = zip(goods, split(off, weights), strict=True)
        return {each.sku: share for each, share in shares if share}


class Rules:
    """Promotions on their shelves, ready for any cart; some may not have begun, or be over."""

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        kept = list(promotions)
        self.by_standing = any(each.tiers or each.groups for each in kept)
        self.limited_time = Shelves(each for each in kept if each.kind == LIMITED_TIME)
        self.spend_threshold = Shelves(each for each in kept if each.kind == SPEND_THRESHOLD)


def percent_of(minor: int, basis_points: int) -> int:
    """Hundredths of a percent of an amount that is not negative, rounded half up."""
    return (minor * basis_points + 5_000) // 10_000


def evaluate(
    currency: str, goods: Iterable[Goods], rules: Rules, entered: Sequence[Entered], shopper: Shopper, now: datetime
) -> Evaluation:
    """What a cart gets. `goods` has each SKU once."""
    evaluation = Evaluation(currency, sorted(goods, key=lambda each: each.sku))
    _apply_items(evaluation, rules, shopper, now)
    _apply_threshold(evaluation, rules, shopper, now)
    _apply_coupons(evaluation, entered, shopper, now)
    return evaluation


@dataclass(slots=True)
class _Plan:
    """Limited-time promotions that may stand together, and what each takes off."""

    shares: dict[str, dict[str, int]] = field(default_factory=dict)
    promotions: dict[str, Promotion] = field(default_factory=dict)

    def add(self, promotion: Promotion, goods: Goods) -> None:
        if off := percent_of(goods.gross, promotion.percent_bp):
            self.promotions[promotion.id] = promotion
            self.shares.setdefault(promotion.id, {})[goods.sku] = off

    def rank(self) -> tuple[int, int]:
        """Highest priority first, then most off."""
        priority = max((each.priority for each in self.promotions.values()), default=-(2**31))
        return priority, sum(sum(shares.values()) for shares in self.shares.values())


def _better(one: Promotion, other: Promotion | None) -> bool:
    return other is None or (-one.priority, -one.percent_bp, one.id) < (-other.priority, -other.percent_bp, other.id)


def _apply_items(evaluation: Evaluation, rules: Rules, shopper: Shopper, now: datetime) -> None:
    """The best on each SKU, or one exclusive promotion alone: whichever ranks first, the former when they are equal."""
    best: dict[str, Promotion] = {}
    alone: list[tuple[Promotion, list[Goods]]] = []
    for promotions, about in rules.limited_time.touching(evaluation.goods):
        shared = exclusive = None
        for each in promotions:
            if each.gives(shopper, now) and each.exclusive and _better(each, exclusive):
                exclusive = each
            elif each.gives(shopper, now) and not each.exclusive and _better(each, shared):
                shared = each
        if exclusive:
            alone.append((exclusive, about))
        for goods in about if shared else ():
            if shared and _better(shared, best.get(goods.sku)):
                best[goods.sku] = shared
    together = _Plan()
    for goods in evaluation.goods:
        if goods.sku in best:
            together.add(best[goods.sku], goods)
    plans = [together]
    for promotion, about in sorted(alone, key=lambda each: each[0].id):
        plan = _Plan()
        for goods in about:
            plan.add(promotion, goods)
        plans.append(plan)
    chosen = max(plans, key=_Plan.rank)  # the first of equals
    for each in sorted(chosen.promotions.values(), key=lambda each: (-each.priority, each.id)):
        reason = wording.titled(each.title, wording.limited_time(each.percent_bp))
        evaluation.apply(Applied(each.id, "items", reason, chosen.shares[each.id]))


def _apply_threshold(evaluation: Evaluation, rules: Rules, shopper: Shopper, now: datetime) -> None:
    """Of the thresholds reached, the highest priority; of those, most off."""
    reached: list[tuple[Promotion, list[Goods]]] = []
    for promotions, about in rules.spend_threshold.touching(evaluation.goods):
        spent = evaluation.left_of(about)
        for each in promotions:
            if each.gives(shopper, now) and each.currency == evaluation.currency and 0 < each.threshold_minor <= spent:
                reached.append((each, about))
    if not reached:
        return
    best, about = min(reached, key=lambda each: (-each[0].priority, -each[0].amount_off_minor, each[0].id))
    off, threshold = Money(best.currency, best.amount_off_minor), Money(best.currency, best.threshold_minor)
    reason = wording.titled(best.title, wording.spend_threshold(threshold, off))
    evaluation.apply(Applied(best.id, "order", reason, evaluation.spread(off.minor, about)))


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
    return evaluation.spread(off, about)


def _coupon_words(coupon: Coupon) -> str:
    if coupon.amount_off_minor:
        return wording.coupon_amount(coupon.id, Money(coupon.currency, coupon.amount_off_minor))
    return wording.coupon_percent(coupon.id, coupon.percent_bp)
