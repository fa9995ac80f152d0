"""This is where it is proposed which goods to sell as one, and at what price: a tenth less than apart, but never less than
keeps the margin floor. Nothing is done by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.content import ListingState, Product
from services.catalog.gates import Gates, Repricing
from services.catalog.margins.floor import BELOW
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.money import Money
from services.kit.store import Document, decode_cursor, encode_cursor

from .affinity import CARD, AffinityRule

_OFF_PERCENT = 10
_AT_ONCE = 50  # rules looked at in one read
_SKU = dict.fromkeys(("product_id", "merchant_id", "title", "price", "cost", "weight_g", "category", "parts"), 1)


@dataclass(frozen=True, slots=True)
class BundleProposal:
    """One of each of these; `parts` are documents of SKUs, the consequence last."""

    rule: AffinityRule
    parts: Sequence[Document]
    apart: Money
    cost: Money
    price: Money

    @property
    def said(self) -> tuple[str, str]:
        """Why, in English and Chinese."""
        *others, last = (part["title"] for part in self.parts)
        share = round(100 * self.rule.together / self.rule.of)
        return (
            f"{share} % who bought {' and '.join(others)} also bought {last}, in {self.rule.together} baskets",
            f"购买 {'和'.join(others)} 的顾客中有 {share}% 还购买了 {last}，共 {self.rule.together} 单",
        )


class BundleProposals:
    """Finds sets that might be bundles, as they are asked for."""

    def __init__(self, rules: Table[AffinityRule], products: Table[Product], skus: Table[Sku], gates: Gates) -> None:
        self._rules, self._products, self._skus, self._gates = rules, products, skus, gates

    async def page(self, limit: int, cursor: str) -> tuple[list[BundleProposal], str]:
        """The surest first, and where the next page starts. Sets that are a bundle already, are not all on sale, or could
        not be sold for less than apart are left out."""
        size, found = min(limit or 20, 100), list[BundleProposal]()
        while True:
            rules = await self._next(cursor)
            for rule in rules:
                if proposal := await self._proposed(rule):
                    found.append(proposal)
                cursor = encode_cursor(rule.sure_ppm, rule.id)
                if len(found) == size:
                    return found, cursor
            if len(rules) < _AT_ONCE:
                return found, ""

    async def _next(self, cursor: str) -> list[AffinityRule]:
        where = dict[str, Any]()
        if cursor:
            sure, key = decode_cursor(cursor, 2)
            where["$or"] = [{"sure_ppm": {"$lt": sure}}, {"sure_ppm": sure, "_id": {"$gt": key}}]
        return await self._rules.find(where, [("sure_ppm", -1), ("_id", 1)], _AT_ONCE)

    async def _proposed(self, rule: AffinityRule) -> BundleProposal | None:
        products = await self._products.by_keys(rule.items, CARD, {"state": ListingState.LIVE.value})
        if len(products) < len(rule.items):
            return None
        keys = [products[item]["variants"][0]["sku"] for item in rule.items]
        skus = await self._skus.by_keys(keys, _SKU)
        parts = [skus[key] for key in keys if key in skus and "parts" not in skus[key]]
        sold = {(part["merchant_id"], part["price"]["currency"]) for part in parts}
        if len(parts) < len(keys) or len(sold) > 1 or await self._is_a_bundle(keys):
            return None
        currency = parts[0]["price"]["currency"]
        apart, cost = (Money(currency, sum(part[name]["minor"] for part in parts)) for name in ("price", "cost"))
        price = await self._price(parts, apart, cost)
        return BundleProposal(rule, parts, apart, cost, price) if price < apart else None

    async def _is_a_bundle(self, keys: Sequence[str]) -> bool:
        return bool(await self._skus.parts({"parts.sku": {"$all": list(keys)}}, {"_id": 1}, limit=1))

    async def _price(self, parts: Sequence[Document], apart: Money, cost: Money) -> Money:
        """A tenth less than apart; or, where the margin's gate says so, the lowest price that keeps the floor."""
        last = parts[-1]
        wished = Money(apart.currency, apart.minor - apart.minor * _OFF_PERCENT // 100)
        change = Repricing(
            sku=last["_id"],
            product_id=last["product_id"],
            merchant_id=last["merchant_id"],
            category=last["category"],
            before=apart,
            price=wished,
            cost=cost,
            weight_g=sum(part["weight_g"] for part in parts),
            live=True,
            by="catalog",
        )
        (findings,) = await self._gates.look_at_prices([change])
        below = next((each for each in findings if each.code == BELOW), None)
        if below is None:
            return wished
        return Money(apart.currency, int(below.suggestion)) if below.suggestion else apart
