"""This is where the way back is insured: offered with the cart, paid with the order, claimed once a parcel moves."""

from collections.abc import Iterable
from dataclasses import replace

from services.kit.clock import Clock
from services.kit.errors import WrongState
from services.kit.store import Store
from services.orders.checkout import Purchase
from services.orders.orders import Order
from services.orders.pricing import Total
from services.orders.refunding import Giving, MoneyBack

from .cover import Cover
from .messages.returns import freight_paid_in_points
from .policies import Insurance, Policies, insurance_of, terms_of
from .returns import Return

REASON = "return_freight_insurance"


class InsuranceChanged(WrongState):
    """Insuring the way back costs another amount now, or is not offered (metadata: premium, empty when it is not)."""


class Freezing:
    """Freezes the after-sales terms into an order before it is kept, and insures its way back."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    async def look(self, order: Order, purchase: Purchase) -> None:
        """As checkout's screens are asked. Refuses with INSURANCE_CHANGED."""
        policies = await self._policies.all()
        found = [policies.get(line.category) or policies["shop"] for line in order.lines]
        for line, policy in zip(order.lines, found, strict=True):
            line.terms = terms_of(policy, line.terms)
        free = any(line.terms and line.terms.insured for line in order.lines)
        offered = insurance_of(found, order.currency)
        if purchase.return_insurance_minor is not None and not free:
            if offered is None or offered.premium_minor != purchase.return_insurance_minor:
                premium = offered.premium_minor if offered else ""
                raise InsuranceChanged("insuring the way back costs another amount now", premium=premium)
            _paid(order, offered)
        elif free:
            order.cover = Cover(0, max(policy.cap_minor for policy in found))

    async def offer(self, categories: Iterable[str], currency: str) -> Insurance | None:
        """What insuring the way back of these costs; None when it is not offered."""
        return insurance_of([await self._policies.of(category) for category in categories], currency)


def _paid(order: Order, offered: Insurance) -> None:
    """The premium as an entry of the totals; they still add up."""
    order.cover = Cover(offered.premium_minor, offered.cap_minor)
    if offered.premium_minor:
        total = Total("total", order.total_minor + offered.premium_minor)
        order.totals = [*order.totals[:-1], Total("return_insurance", offered.premium_minor), total]


class Claims:
    """Pays what the way back cost, at most the cap, once an order."""

    def __init__(
        self, returns: Store[Return], orders: Store[Order], money: MoneyBack, point_value: int, clock: Clock
    ) -> None:
        self._returns, self._orders, self._money = returns, orders, money
        self._point_value, self._clock = point_value, clock

    async def claim(self, rma: Return) -> None:
        """Nobody has to ask for it; again changes nothing. What must not go back in money, for it may still be owed for
        goods, is given in points."""
        if rma.freight_payer != "customer" or rma.freight_back is not None or rma.way_back is None:
            return None
        order = await self._orders.get(rma.order_id)
        if order is None or order.cover is None or order.cover.claimed_by not in ("", rma.id):
            return None
        if not order.cover.claimed_by:
            where = {"_id": order.id, "cover.claimed_by": ""}
            if await self._orders.change(where, {"$set": {"cover.claimed_by": rma.id}}) is None:
                return await self.claim(rma)  # look who was faster
        due = min(rma.way_back.freight_minor, order.cover.cap_minor)
        key = f"{rma.id}:freight"
        giving = Giving(key, key, due, REASON, "compensation", return_id=rma.id, capped=True, behind=True)
        paid = giving.amount(await self._money.pay(order.id, giving)) if due else 0
        points = -(-(due - paid) // self._point_value) if order.customer_id else 0
        told = freight_paid_in_points(replace(rma), points, self._clock.now())
        unpaid: dict[str, object] = {"_id": rma.id, "freight_back": None}
        await self._returns.change(unpaid, {"$set": {"freight_back": paid, "freight_points": points}}, *told)
        return None
