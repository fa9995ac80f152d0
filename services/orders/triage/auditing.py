"""This is where an order is looked at before it is charged, by staff's rules: marked, or held for staff (O03)."""

from services.kit.clock import Clock
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders.addressing import Gazetteer, judged
from services.orders.checkout import Purchase
from services.orders.messages.addresses import address_message, address_of
from services.orders.orders import IN_STORE, PLACED, Order
from services.orders.screens import Hold

from .rules import Known, TriageRules, fits


class Auditing:
    """The screen of triage."""

    def __init__(
        self, orders: Store[Order], rules: TriageRules, gazetteer: Gazetteer, seal: Seal, clock: Clock
    ) -> None:
        self._orders, self._rules, self._seal, self._clock = orders, rules, seal, clock
        self._gazetteer = gazetteer

    async def look(self, order: Order, _purchase: Purchase) -> None:
        """Marks and holds an order as the rules say; one handed over at a till is gone already."""
        rules = self._rules.active
        if not rules or order.fulfilment == IN_STORE:
            return
        known = Known(
            first=any(rule.when.first_order for rule in rules) and await self._first(order),
            confidence=await self._confidence(order) if any(rule.when.address_below for rule in rules) else 100,
        )
        held = {hold.reason for hold in order.holds}
        for rule in rules:
            if not fits(rule.when, order, known):
                continue
            order.priority = min(rule.priority or 9, order.priority or 9)
            if not rule.holds:
                order.classes = sorted({*order.classes, rule.reason})
            elif rule.reason not in held:
                held.add(rule.reason)
                order.holds.append(Hold(rule.reason, rule.text, self._clock.now(), pauses=rule.pauses))
        order.priority = 0 if order.priority == 9 else order.priority

    async def _first(self, order: Order) -> bool:
        """Whether its business, or its customer, has not ordered before. A guest's always is."""
        of = {"account_id": order.account_id} if order.account_id else {"customer_id": order.customer_id}
        if not any(of.values()):
            return True
        return await self._orders.one({**of, "state": {"$in": [state.value for state in PLACED]}}) is None

    async def _confidence(self, order: Order) -> int:
        """As it was judged when it was set. Only an order that came without, from a channel, is asked about here; what
        nobody can say holds nothing up."""
        if order.place is None:
            address = address_of(address_message(self._seal.open(order.sealed_address, order.id)))
            order.place = await judged(self._gazetteer, address)
        return order.place.confidence if order.place else 100
