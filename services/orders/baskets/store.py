"""This is where orders are read in part."""

from collections.abc import Mapping
from typing import Any

from services.kit.store import Store, Turnstile
from services.orders.orders import Order

from .baskets import Basket, Line

_LINE = ("sku", "category", "quantity", "unit_minor", "cost_minor")
_FIELDS = {"placed_at": 1, "currency": 1, "channel": 1, **{f"lines.{name}": 1 for name in _LINE}}


class ReadBaskets:
    """Reads what names nobody, and nothing else leaves the database."""

    def __init__(self, orders: Store[Order], turnstile: Turnstile) -> None:
        self._orders, self._turnstile = orders, turnstile

    async def __call__(self, where: Mapping[str, Any], most: int) -> list[Basket]:
        """At most so many that fit, oldest first."""
        async with self._turnstile.reads:
            found = self._orders.collection.find(where, _FIELDS).sort([("_id", 1)]).limit(most)
            documents = await found.to_list(most)
        return [_basket(document) for document in documents]


def _basket(document: Mapping[str, Any]) -> Basket:
    lines = [Line(*(line[name] for name in _LINE)) for line in document["lines"]]
    return Basket(
        document["_id"], document["placed_at"], document["currency"], document.get("channel") or "storefront", lines
    )
