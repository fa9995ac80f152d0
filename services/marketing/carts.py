"""This is where a cart is evaluated: the rules held in memory, what is counted, the coupons entered, the time."""

from collections.abc import Sequence

from services.kit.clock import Clock

from .allotments import Allotments
from .coupons import Coupons
from .evaluation import NOTHING_COUNTED, Entered, Evaluation, evaluate
from .offers import Counted
from .rules import Rules
from .running import Running
from .selection import Goods
from .shoppers import Shopper


class Carts:
    """Evaluates carts."""

    def __init__(self, running: Running[Rules], coupons: Coupons, allotments: Allotments, clock: Clock) -> None:
        self._running, self._coupons, self._allotments, self._clock = running, coupons, allotments, clock

    async def evaluate(self, currency: str, goods: list[Goods], codes: Sequence[str], shopper: Shopper) -> Evaluation:
        """What a cart gets; without codes and counted promotions this reads nothing. Refuses with `TooManyCodes`."""
        rules = await self._running.rules()
        entered = [Entered(*each) for each in await self._coupons.entered(codes, shopper.id)]
        now = self._clock.now()
        counted = NOTHING_COUNTED
        if touched := rules.limited(goods, currency, shopper, now):
            counted = Counted(
                await self._allotments.sold([each.id for each in touched if each.counted]),
                await self._allotments.bought(shopper.id, [each.id for each in touched if each.limit_per_customer]),
            )
        evaluation = evaluate(currency, goods, rules, entered, shopper, now, counted)
        asked = any(each.coupon and (each.coupon.tiers or each.coupon.groups) for each in entered)
        evaluation.standing_matters = rules.by_standing or asked
        return evaluation
