"""This is where it is said which SKUs something is about: some by name, some by category, some by tag."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.catalog.categories import Categories
from services.catalog.content import Product
from services.catalog.fields import Faults, is_sku
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.store import Document

_MOST_SKUS, _MOST_OTHERS = 1_000, 100
_AT_ONCE = 200  # products
_FROM_THE_FIRST = "prd_"


@dataclass
class Selection:
    """SKUs, whatever is in a category or below it, whatever bears a tag: all of them together."""

    skus: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    @property
    def wide(self) -> bool:
        """Whether what is listed later may be among them."""
        return bool(self.categories or self.tags)

    def check(self, faults: Faults) -> None:
        """Notes what is wrong with it."""
        for name, values, most in (
            ("skus", self.skus, _MOST_SKUS),
            ("categories", self.categories, _MOST_OTHERS),
            ("tags", self.tags, _MOST_OTHERS),
        ):
            if len(values) > most:
                faults.add(f"/{name}", f"must be at most {most}")
            for i, value in enumerate(values):
                faults.text(f"/{name}/{i}", value, 64, least=1)
                if name == "skus" and not is_sku(value):
                    faults.add(f"/{name}/{i}", "must be a SKU")
        if not (self.skus or self.wide):
            faults.add("/skus", "must name some, or else categories or tags")


class Selecting:
    """Finds the SKUs of a selection, a bounded batch at a time."""

    def __init__(self, products: Table[Product], skus: Table[Sku], categories: Categories) -> None:
        self._products, self._skus, self._categories = products, skus, categories

    async def batch(self, selection: Selection, after: str) -> tuple[list[str], str]:
        """The SKUs after a place (empty: the first), and the place they end at; empty when there are no more."""
        if not after:
            known = await self._skus.by_keys(selection.skus, {"_id": 1}) if selection.skus else {}
            return sorted(known), _FROM_THE_FIRST if selection.wide else ""
        either: list[dict[str, Any]] = []
        if selection.categories:
            either.append({"category": {"$in": await self._below(selection.categories)}})
        if selection.tags:
            either.append({"tags": {"$in": selection.tags}})
        where = {"$or": either, "_id": {"$gt": after}}
        products = await self._products.parts(where, {"variants.sku": 1}, limit=_AT_ONCE)
        skus = [variant["sku"] for product in products for variant in product["variants"]]
        return skus, products[-1]["_id"] if len(products) == _AT_ONCE else ""

    async def selects(self, selection: Selection, sku: Document) -> bool:
        """Whether a SKU (its id, category and tags) is among them now."""
        if sku["_id"] in selection.skus or set(selection.tags) & set(sku["tags"]):
            return True
        return bool(selection.categories) and sku["category"] in await self._below(selection.categories)

    async def _below(self, categories: Sequence[str]) -> list[str]:
        found: dict[str, None] = {}
        for category in categories:
            found.update(dict.fromkeys(await self._categories.with_descendants(category)))
        return list(found)
