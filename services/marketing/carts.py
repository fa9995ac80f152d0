"""This is where a cart is evaluated: the rules held in memory, the coupons entered, the time."""

from collections.abc import Sequence

from services.kit.clock import Clock

from .coupons import Coupons
from .evaluation import Entered, Evaluation, Rules, evaluate
from .promotions import Running
from .selection import Goods
from .shoppers import Shopper


class Carts:
    """Evaluates carts."""

    def __init__(self, running: Running[Rules], coupons: Coupons, clock: Clock) -> None:
        self._running, self._coupons, self._clock = running, coupons, clock

    async def evaluate(self, currency: str, goods: list[Goods], codes: Sequence[str], shopper: Shopper) -> Evaluation:
        """What a cart gets; without codes this reads nothing. Refuses with `TooManyCodes`."""
        rules = await self._running.rules()
        entered = [Entered(*each) for each in await self._coupons.entered(codes, shopper.id)]
        evaluation = evaluate(currency, goods, rules, entered, shopper, self._clock.now())
        asked = any(each.coupon and (each.coupon.tiers or each.coupon.groups) for each in entered)
        evaluation.standing_matters = rules.by_standing or asked
        return evaluation
