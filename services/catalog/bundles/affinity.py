"""This is where it is known what is bought together: computed each night from the baskets of the last days, and explained by
shares people understand: so many of those who bought this also bought that.
"""

from array import array
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.catalog.baskets import Basket
from services.catalog.content import ListingState, Product
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.products import Products
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.store import Document, decode_cursor, encode_cursor

from .alike import SureRule, Together, bought_together

KIND = "affinity"
_MOST_BASKETS = 200_000  # the newest
_LOOKED_AT = 60  # pairs of a product, for what of them is on sale and in stock
_SAID_TOGETHER, _SAID_OF = 5, 20  # baskets from which on a share may be said
_KEPT_RULES = 1_000
_AT_ONCE = 1_000
_EVERY = timedelta(days=1)
Compute = Callable[..., Awaitable[Any]]
CARD = {"title": 1, "price": 1, "media": 1, "variants": 1, "category": 1, "merchant_id": 1}


@dataclass
class AffinityPair:
    """Two products in `together` of `of` baskets; each in so many `baskets`, in the order of `products`."""

    id: str
    products: list[str]
    categories: list[str]
    together: int
    baskets: list[int]
    of: int
    score_ppm: int
    run: str
    version: int = 0


@dataclass
class AffinityRule:
    """A set of products, the surest consequence last: in `together` of the `of` baskets with the others."""

    id: str
    items: list[str]
    together: int
    of: int
    sure_ppm: int
    run: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Related:
    """A product bought with another: `together` of the `of` baskets with that one."""

    product: Document
    together: int
    of: int

    @property
    def confidence_bp(self) -> int:
        """The share, in basis points."""
        return 10_000 * self.together // self.of

    @property
    def said(self) -> tuple[str, str]:
        """The reason in English and Chinese; empty while the numbers are too small to say so."""
        if self.together < _SAID_TOGETHER or self.of < _SAID_OF:
            return "", ""
        title, share = self.product["title"], round(100 * self.together / self.of)
        return f"{share} % who bought this also bought {title}", f"购买此商品的顾客中有 {share}% 还购买了 {title}"


class Affinity:
    """Computes what is bought together, and shows it."""

    def __init__(
        self,
        pairs: Table[AffinityPair],
        rules: Table[AffinityRule],
        baskets: Table[Basket],
        products: Table[Product],
        writing: Products,
        jobs: Jobs,
        days: int,
        clock: Clock,
        compute: Compute,
    ) -> None:
        self._pairs, self._rules, self._baskets = pairs, rules, baskets
        self._products, self._writing, self._jobs = products, writing, jobs
        self._days, self._clock, self._compute = days, clock, compute
        jobs.kinds[KIND] = self._step

    async def start(self, by: str) -> Job:
        """Begins; answers the run that is under way if there is one."""
        return await self._jobs.start(KIND, "What is bought together", by, only="all")

    async def nightly(self) -> None:
        """Begins when the last run is a day old."""
        last, _ = await self._jobs.page(KIND, 1, "")
        if not last or last[0].created_at <= self._clock.now() - _EVERY:
            await self.start("catalog")

    async def related(self, id_or_sku: str, limit: int) -> list[Related]:
        """What is bought with a product, of what is on sale and in stock, the most alike first. Refuses with
        PRODUCT_NOT_FOUND."""
        product, _ = await self._writing.show(id_or_sku, staff=False)
        return (await self.partners(product.id))[: limit or 10]

    async def partners(self, product_id: str) -> list[Related]:
        """The same, of any product."""
        pairs = await self._pairs.find({"products": product_id}, [("score_ppm", -1), ("_id", 1)], _LOOKED_AT)
        others = {pair.id: next(each for each in pair.products if each != product_id) for pair in pairs}
        sold = {"state": ListingState.LIVE.value, "in_stock": True}
        there = await self._products.by_keys(sorted(others.values()), CARD, sold) if others else {}
        return [
            Related(there[others[pair.id]], pair.together, pair.baskets[pair.products.index(product_id)])
            for pair in pairs
            if others[pair.id] in there
        ]

    async def page(self, product_id: str, category: str, limit: int, cursor: str) -> tuple[list[AffinityPair], str]:
        """Pairs, the most alike first, and where the next page starts."""
        size, where = min(limit or 20, 100), dict[str, Any]()
        if product_id:
            where["products"] = product_id
        if category:
            where["categories"] = category
        if cursor:
            score, key = decode_cursor(cursor, 2)
            where["$or"] = [{"score_ppm": {"$lt": score}}, {"score_ppm": score, "_id": {"$gt": key}}]
        found = await self._pairs.find(where, [("score_ppm", -1), ("_id", 1)], size + 1)
        last = found[size - 1] if len(found) > size else None
        return found[:size], encode_cursor(last.score_ppm, last.id) if last else ""

    async def _step(self, job: Job) -> Progress:
        """All of it: a crash begins anew. What an earlier run found and this one has not goes last."""
        lengths, items, ids = await self._read(job.created_at)
        found = Together(0, [], [], [])
        if lengths:
            found = await self._compute(bought_together, lengths, items, len(ids))
        categories = await self._categories(ids)
        pairs = dict(_pair(ids, categories, found, place, job.id) for place in range(len(found.pairs)))
        rules = dict(_rule(ids, rule, job.id) for rule in found.rules[:_KEPT_RULES])
        await _replace(self._pairs, pairs, job.id)
        await _replace(self._rules, rules, job.id)
        counts = {"baskets": found.baskets, "pairs": len(pairs), "rules": len(rules)}
        return Progress(found.baskets, found.baskets, counts=counts, over=True)

    async def _read(self, until: datetime) -> "tuple[array[int], array[int], list[str]]":
        """The length of each basket and its products by number, the newest baskets first; and the products."""
        lengths, items, numbers = array("I"), array("I"), dict[str, int]()
        for day in range(self._days):
            span = {"$gte": until - timedelta(days=day + 1), "$lt": until - timedelta(days=day)}
            left = _MOST_BASKETS - len(lengths)
            if not left:
                break
            for basket in await self._baskets.parts({"at": span}, {"lines.product_id": 1}, [("at", -1)], left):
                products = sorted({line["product_id"] for line in basket["lines"]})
                lengths.append(len(products))
                items.extend(numbers.setdefault(product, len(numbers)) for product in products)
        return lengths, items, list(numbers)

    async def _categories(self, ids: Sequence[str]) -> dict[str, str]:
        known: dict[str, str] = {}
        for start in range(0, len(ids), _AT_ONCE):
            found = await self._products.by_keys(ids[start : start + _AT_ONCE], {"category": 1})
            known |= {key: document["category"] for key, document in found.items()}
        return known


def _pair(
    ids: Sequence[str], categories: Mapping[str, str], found: Together, place: int, run: str
) -> tuple[str, dict[str, Any]]:
    pair = found.pairs[place]
    products = [ids[pair.first], ids[pair.second]]
    return "|".join(products), {
        "products": products,
        "categories": sorted({categories[each] for each in products if each in categories}),
        "together": pair.together,
        "baskets": [found.counts[pair.first], found.counts[pair.second]],
        "of": found.baskets,
        "score_ppm": round(1_000_000 * pair.score),
        "run": run,
    }


def _rule(ids: Sequence[str], rule: SureRule, run: str) -> tuple[str, dict[str, Any]]:
    items = [ids[item] for item in rule.items]
    return "|".join(sorted(items)), {
        "items": items,
        "together": rule.together,
        "of": rule.of,
        "sure_ppm": round(1_000_000 * rule.sure),
        "run": run,
    }


async def _replace(table: Table[Any], rows: Mapping[str, Mapping[str, Any]], run: str) -> None:
    writes = [table.setting(key, fields) for key, fields in rows.items()]
    for start in range(0, len(writes), _AT_ONCE):
        await table.write_each(writes[start : start + _AT_ONCE])
    while old := await table.parts({"run": {"$ne": run}}, {"_id": 1}, limit=_AT_ONCE):
        await table.remove([row["_id"] for row in old])
