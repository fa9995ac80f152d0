"""This is where prices are shown with what promotions make of them, before anything is in a cart.

While no promotion runs that could show, marketing is not asked: a promotion that changes says so, and a second has passed
before one may have begun by the clock.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from shop.marketing.v1 import shown_prices_pb2 as pb
from shop.type.v1.money_pb2 import Money

from gateway.answers import Json, money
from services.kit.errors import Refused
from services.kit.rpc import NeighbourFailed, call

QUIET_S = 1.0
_WAIT_S = 0.5  # a list is shown without, rather than late
PROMOTION: Json = {
    "id": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
    "price": {"currency": "CNY", "minor": 2320},
    "was": {"currency": "CNY", "minor": 2900},
    "reason": "20% off for a limited time · 限時8折",
    "ends_at": "2026-11-30T16:00:00.000Z",
    "left": None,
}


class Promoted:
    """Asks marketing what is cheaper now, while anything can be."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._quiet_until = 0.0
        self._changes = 0

    def drop(self) -> None:
        """A promotion changed."""
        self._changes += 1
        self._quiet_until = 0.0

    @property
    def quiet(self) -> bool:
        """Whether nothing can show: then nobody need ask."""
        return self._now() < self._quiet_until

    async def of(self, shown_prices: Any, items: Sequence[pb.ShownItem]) -> dict[str, Json]:
        """By SKU, what promotions make of these items; nothing while marketing is away."""
        if not items or self.quiet:
            return {}
        seen = self._changes
        try:
            answered: pb.ListShownPricesResponse = await call(
                shown_prices.ListShownPrices, pb.ListShownPricesRequest(items=items), timeout_s=_WAIT_S
            )
        except (Refused, NeighbourFailed):
            return {}
        if answered.quiet and seen == self._changes:
            self._quiet_until = self._now() + QUIET_S
        was = {each.sku: each.unit_price for each in items}
        return {each.sku: _promotion(each, was[each.sku]) for each in answered.prices if each.sku in was}


def item(sku: str, category: str, price: Money) -> pb.ShownItem:
    """An item as it is listed."""
    return pb.ShownItem(sku=sku, category=category, unit_price=price)


def _promotion(of: pb.ShownPrice, was: Money) -> Json:
    return {
        "id": of.promotion_id,
        "price": money(of.price),
        "was": money(was),
        "reason": of.reason,
        "ends_at": of.ends_at or None,
        "left": of.left if of.HasField("left") else None,
    }
