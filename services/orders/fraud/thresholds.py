"""This is where thresholds follow what is lost and how much staff can look at. Pure.

Once a day, in log-odds, each step at most STEP (0.25, some 28 % of the odds):

    e = clamp(ln(loss rate / target), −1, 1)                what is lost, by the currency that fares worst
    o = clamp(ln(reviews a day / capacity), −1, 1)          what staff have before them

    block  ← block − STEP · e                               more is lost than is borne: refuse earlier; less: later
    review ← review + STEP · o        where o > 0           staff cannot follow: hold less, whatever is lost
    review ← review − STEP · min(e, −o)   else, where e > 0   more is lost: hold more, by no more than staff have room for
    review ← review − STEP · e        else                  less is lost than is borne: trouble fewer people

Both stay within bounds (review 1–50 %, block 20–99 %) and at least GAP (0.5) apart, so that neither refusing everybody nor
letting everybody through can be reached by any run of days. With fewer than 100 orders nothing moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

STEP, GAP = 0.25, 0.5
REVIEW_BP, BLOCK_BP = (100, 5_000), (2_000, 9_900)
FEWEST_ORDERS = 100


@dataclass(frozen=True, slots=True)
class Lost:
    """What was lost beside what was charged, in minor units, in so many orders of one currency."""

    currency: str
    loss_minor: int
    value_minor: int
    orders: int

    @property
    def ppm(self) -> int:
        """Parts per million of value; all of it where something was lost on nothing."""
        if not self.value_minor:
            return 1_000_000 if self.loss_minor else 0
        return round(1_000_000 * self.loss_minor / self.value_minor)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on, in basis points."""

    review_at_bp: int
    block_at_bp: int


def moved(
    now: Thresholds, lost: Sequence[Lost], target_ppm: int, reviews_a_day: float, capacity: int
) -> tuple[Thresholds, str]:
    """The thresholds of tomorrow, and why."""
    seen = [each for each in lost if each.orders >= FEWEST_ORDERS]
    if not seen:
        return now, f"fewer than {FEWEST_ORDERS} orders: nothing to see yet"
    worst = max(seen, key=lambda each: each.ppm)
    e, o = _clamped(worst.ppm, target_ppm), _clamped(reviews_a_day, capacity)
    review, block = logit(now.review_at_bp), logit(now.block_at_bp)
    if o > 0:
        review += STEP * o
        why = f"{reviews_a_day:.1f} reviews a day for a capacity of {capacity}: hold less"
    elif e > 0:
        review -= STEP * min(e, -o)
        why = "more is lost than is borne: hold and refuse earlier"
    else:
        review -= STEP * e
        why = "less is lost than is borne: trouble fewer people"
    block = _within(block - STEP * e, BLOCK_BP)
    review = min(_within(review, REVIEW_BP), block - GAP)
    words = f"{worst.currency}: {worst.ppm} ppm lost, target {target_ppm}; {why}"
    return Thresholds(_bp(review), _bp(block)), words


def _clamped(seen: float, wanted: float) -> float:
    """ln(seen / wanted) between −1 and 1; nothing seen is −1."""
    times = seen / max(wanted, 1e-9)
    return max(-1.0, min(1.0, log(times))) if times > 0 else -1.0


def logit(bp: int) -> float:
    """Log-odds of basis points."""
    share = min(9_999, max(1, bp)) / 10_000
    return log(share / (1 - share))


def _within(log_odds: float, bounds: tuple[int, int]) -> float:
    return max(logit(bounds[0]), min(logit(bounds[1]), log_odds))


def _bp(log_odds: float) -> int:
    return round(10_000 / (1 + exp(-log_odds)))
