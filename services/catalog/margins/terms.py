"""This is where it is looked up what holds for SKUs, and what each earns by it: two reads, however many they are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.catalog.products import ProductNotFound
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.money import Money
from services.kit.store import Document

from .cost_models import CostModels
from .costs import Margin, Terms, margin_at
from .overrides import Overrides

FACTS = {"category": 1, "price": 1, "cost": 1, "weight_g": 1}


@dataclass(frozen=True, slots=True)
class Unit:
    """One SKU as its margin is worked out."""

    sku: str
    category: str
    price: Money
    cost: Money
    weight_g: int

    def margin(self, terms: Terms, price_minor: int | None = None) -> Margin:
        """What it earns at its price, or at another. A cost in another currency is as good as none."""
        at = self.price.minor if price_minor is None else price_minor
        known = self.cost.currency == self.price.currency
        return margin_at(at, self.cost.minor if known else 0, self.weight_g, terms, cost_known=known)


def unit_of(document: Document) -> Unit:
    """A SKU's document as a unit."""
    return Unit(
        document["_id"],
        document["category"],
        Money(**document["price"]),
        Money(**document["cost"]),
        document["weight_g"],
    )


class Standing:
    """What holds for SKUs."""

    def __init__(self, models: CostModels, overrides: Overrides, skus: Table[Sku]) -> None:
        self._models, self._overrides, self._skus = models, overrides, skus

    async def of(self, units: Sequence[Unit]) -> list[Terms]:
        """The terms of each, in the order given."""
        if not units:
            return []
        rates, leaves = await asyncio.gather(
            self._models.of([(unit.sku, unit.category) for unit in units]),
            self._overrides.of([unit.sku for unit in units]),
        )
        return [Terms(each, leaves.get(unit.sku)) for unit, each in zip(units, rates, strict=True)]

    async def of_product(self, id_or_sku: str) -> tuple[str, list[tuple[Unit, Terms]]]:
        """A product's SKUs in their order, each with its terms. Refuses with PRODUCT_NOT_FOUND."""
        product_id = id_or_sku
        if not id_or_sku.startswith("prd_"):
            found = await self._skus.by_keys([id_or_sku], {"product_id": 1})
            product_id = found[id_or_sku]["product_id"] if id_or_sku in found else ""
        documents = await self._skus.parts({"product_id": product_id}, FACTS) if product_id else []
        if not documents:
            raise ProductNotFound("there is no such product")
        units = [unit_of(document) for document in documents]
        return product_id, list(zip(units, await self.of(units), strict=True))
