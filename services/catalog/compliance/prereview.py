"""This is where somebody asks what there would be against a text or a product, before anybody hands it in."""

from collections.abc import Sequence

from services.catalog.categories import Categories
from services.catalog.fields import Faults
from services.catalog.gates import Finding, Gates, Moment
from services.catalog.products import Products

from .lists import Lists
from .wording import findings_in

_MOST_TEXTS = 20
_MOST_SIGNS = 50_000


class Prereview:
    """Answers what the gates have to say, and changes nothing."""

    def __init__(self, lists: Lists, categories: Categories, products: Products, gates: Gates) -> None:
        self._lists, self._categories, self._products, self._gates = lists, categories, products, gates

    async def of_texts(self, texts: Sequence[str], category: str) -> list[Finding]:
        """What may not be said of goods of a category. Refuses with INVALID, UNKNOWN_CATEGORY."""
        faults = Faults()
        faults.number("/texts", len(texts), 1, _MOST_TEXTS)
        if sum(map(len, texts)) > _MOST_SIGNS:
            faults.add("/texts", f"must be at most {_MOST_SIGNS} characters together")
        faults.refuse()
        if category:
            await self._categories.must_exist(category)
        above = await self._categories.lineage(category) if category else []
        matcher = await self._lists.matcher()
        return [finding for i, text in enumerate(texts) for finding in findings_in(matcher, f"/texts/{i}", text, above)]

    async def of_product(self, product_id: str, merchant_id: str = "") -> list[Finding]:
        """What all gates have against a product as it is. Refuses with PRODUCT_NOT_FOUND."""
        product = await self._products.get(product_id, merchant_id)
        (findings,) = await self._gates.look([product], Moment.REVIEW)
        return findings
