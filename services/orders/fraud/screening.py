"""This is where a checkout is looked at before it is charged: counted, scored, and passed, held or refused.

It costs one write and one read, both small. It fails open: whatever goes wrong with the scoring is logged and counted, and
the order passes as if nobody had looked; only a refusal that was meant stops a payment.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from services.kit.clock import Clock
from services.kit.errors import WrongState
from services.kit.seal import Seal
from services.orders.addresses import Address
from services.orders.checkout import Purchase
from services.orders.messages.addresses import address_message, address_of
from services.orders.orders import Order
from services.orders.screens import Hold

from .marks import Marker, same_name, short, who
from .policy import Policies
from .scoring import LISTED, Decision, Model, Reason, listed, outcome_of, packed, scored
from .signals import Looked, features, words
from .trails import Sighting, Trail, Trails

log = logging.getLogger(__name__)
HOLD = "fraud_review"
PATIENCE_S = 0.25  # a buyer waits no longer for a score
_IN_WORDS = 3  # reasons said in a hold


class PaymentNotAccepted(WrongState):
    """This payment is not accepted. Nothing more is said: whoever tries out what passes learns nothing."""


class Models:
    """The weights in use, in memory."""

    def __init__(self) -> None:
        self.now = Model()


Count = Callable[[str], None]
Blocked = Callable[[Order, Decision, str], Awaitable[object]]  # writes a refused checkout down


class Screening:
    """The screen of the fraud wing."""

    def __init__(
        self,
        trails: Trails,
        marker: Marker,
        models: Models,
        policies: Policies,
        blocked: Blocked,
        seal: Seal,
        clock: Clock,
        count: Count,
        unscored: Count,
    ) -> None:
        self._trails, self._marker, self._models, self._policies = trails, marker, models, policies
        self._blocked, self._seal, self._clock = blocked, seal, clock
        self._count, self._unscored = count, unscored

    async def screen(self, order: Order, purchase: Purchase) -> None:
        """Holds the order or lets it pass. Refuses with PAYMENT_NOT_ACCEPTED."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                decision = await self._decided(order, purchase)
        except Exception as error:
            self._unscored("late" if isinstance(error, TimeoutError) else "failed")
            log.warning("%s passes without a fraud score: %s", order.id, type(error).__name__)
            return
        order.risk = packed(decision)
        self._count(decision.outcome)
        if decision.outcome == "review":
            order.holds.append(Hold(HOLD, _in_words(decision), self._clock.now()))
        elif decision.outcome == "block":
            await self._keep_blocked(order, decision, purchase.request_id)
            raise PaymentNotAccepted("this payment is not accepted")

    async def _keep_blocked(self, order: Order, decision: Decision, request_id: str) -> None:
        try:
            await self._blocked(order, decision, request_id)
        except Exception as error:  # it is refused all the same; staff see it in the counts
            log.warning("a refused checkout is not written down: %s", type(error).__name__)

    async def _decided(self, order: Order, purchase: Purchase) -> Decision:
        address = address_of(address_message(self._seal.open(order.sealed_address, order.id)))
        looked = self._looked(order, purchase, address)
        sighting = Sighting(
            looked.key,
            looked.at,
            looked.minor,
            looked.currency,
            short(who(looked.marks)),
            short(looked.marks["card"]) if "card" in looked.marks else "",
            looked.coupon,
        )
        trails = await self._trails.follow(list(looked.marks.values()), sighting)
        return self._judged(looked, trails)

    def _judged(self, looked: Looked, trails: dict[str, Trail]) -> Decision:
        policy, model = self._policies.now, self._models.now
        found = features(looked, trails, model.means, policy.risky_categories)
        score, reasons = scored(model, found)
        verdict = listed(list(trails.values()), looked.at)
        if verdict:
            reasons = [Reason(f"{LISTED}_{verdict}", 0), *reasons]
        meant = outcome_of(score, verdict, policy.review_at_bp, policy.block_at_bp)
        outcome = meant if self._policies.enforces else "pass"
        rounded = {name: round(value, 3) for name, value in found.items()}
        return Decision(score, outcome, meant, reasons, rounded, dict(looked.marks), looked.key, model.made)

    def _looked(self, order: Order, purchase: Purchase, address: Address) -> Looked:
        units: dict[str, int] = {}
        for line in order.lines:
            units[line.category] = max(units.get(line.category, 0), line.unit_minor)
        return Looked(
            key=short(purchase.request_id),
            at=self._clock.now(),
            marks=self._marks(order, purchase, address),
            minor=order.total_minor,
            currency=order.currency,
            units=units,
            coupon=bool(order.coupons),
            differs=_differs(purchase, address),
        )

    def _marks(self, order: Order, purchase: Purchase, address: Address) -> dict[str, str]:
        marker, origin = self._marker, purchase.origin
        marks = {"address": marker.address(address)}
        if order.customer_id:
            marks["customer"] = marker.mark("customer", order.customer_id)
        if purchase.email:
            marks["email"] = marker.email(purchase.email)
        if purchase.payment_token:
            marks["card"] = marker.mark("card", purchase.payment_token)
        if origin.device:
            marks["device"] = marker.mark("device", origin.device)
        if origin.address:
            marks["ip"] = marker.mark("ip", origin.address)
        return marks


def _differs(purchase: Purchase, address: Address) -> frozenset[str]:
    origin, found = purchase.origin, set()
    if origin.country and origin.country != address.country:
        found.add("country_differs")
    if origin.billing_country and origin.billing_country != address.country:
        found.add("billing_differs")
    if origin.billing_name and not same_name(origin.billing_name, address.name):
        found.add("name_differs")
    return frozenset(found)


def _in_words(decision: Decision) -> str:
    said = [words(each.signal, decision.features.get(each.signal, 0))[0] for each in decision.reasons[:_IN_WORDS]]
    return f"Fraud score {decision.score_bp / 100:.1f} %: {'; '.join(said) or 'many small signs'}"
