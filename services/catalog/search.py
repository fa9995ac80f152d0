"""This is where customers search and browse: live products, by words, category, tag, price and stock.

A page is one find of products and one of their SKUs. With words, products that have them all in the title come first, the
newest of them first; then those that have them elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.store import Document, decode_cursor, encode_cursor

from .categories import Categories
from .content import ListingState, Product
from .fields import MAX_MINOR, Faults
from .skus import Sku
from .store import Table
from .words import Asked, asked_for

_USUAL = 20
_MOST = 100
_COUNTED = 5_000  # products a facet is counted over, at most
_VALUES = 20
_REMEMBERED = timedelta(seconds=30)
_REMEMBERED_SETS = 200
_SHOWN = {"title": 1, "price": 1, "category": 1, "variants.sku": 1, "media": {"$slice": 1}, "sales": 1}


class InvalidPage(Invalid):
    """The page, or what is searched for, cannot be."""


class Sort(StrEnum):
    """How a list is ordered."""

    RELEVANCE = "relevance"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NEWEST = "newest"
    SALES = "sales"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for; empty and zero leave a filter out. Prices are minor units."""

    q: str = ""
    category: str = ""
    tag: str = ""
    min_price: int = 0
    max_price: int = 0
    in_stock: bool = False
    sort: Sort = Sort.RELEVANCE
    limit: int = 0
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page: documents with `available` added, counts by facet (first page only), and where the next page starts."""

    items: list[Document]
    facets: Mapping[str, Sequence[tuple[str, int]]]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: its keys, and where in a document they are."""

    keys: tuple[tuple[str, int], ...]

    def of(self, document: Document) -> list[Any]:
        """Where a document stands."""
        return [_at(document, path) for path, _ in self.keys]

    def after(self, values: Sequence[Any]) -> Document:
        """What comes after `values`; the bound on the first key, said twice, lets the index start there."""
        compare = {1: "$gt", -1: "$lt"}
        *leading, (last, way) = self.keys
        if not leading:
            return {last: {compare[way]: values[0]}}
        path, first_way = leading[0]
        behind = [{path: {compare[first_way]: values[0]}}, {path: values[0], last: {compare[way]: values[1]}}]
        return {path: {compare[first_way] + "e": values[0]}, "$or": behind}


_ORDERS = {
    Sort.NEWEST: Order((("_id", -1),)),
    Sort.SALES: Order((("sales", -1), ("_id", -1))),
    Sort.PRICE_ASC: Order((("price.minor", 1), ("_id", 1))),
    Sort.PRICE_DESC: Order((("price.minor", -1), ("_id", -1))),
}


class Finding:
    """Searches and browses."""

    def __init__(self, products: Table[Product], skus: Table[Sku], categories: Categories, clock: Clock) -> None:
        self._products, self._skus, self._categories, self._clock = products, skus, categories, clock
        self._facets: dict[Search, tuple[datetime, Mapping[str, Sequence[tuple[str, int]]]]] = {}

    async def search(self, asked: Search) -> Found:
        """A page. Refuses with INVALID_PAGE."""
        _check(asked)
        limit = asked.limit or _USUAL
        ranks = await self._ranks(asked)
        order = _ORDERS[Sort.NEWEST if asked.sort is Sort.RELEVANCE else asked.sort]
        start, after = _start(asked, order, len(ranks))
        items: list[Document] = []
        rank = start
        for rank in range(start, len(ranks)):
            clauses = [ranks[rank]] + ([order.after(after)] if after and rank == start else [])
            items += [
                document | {"rank": rank}
                for document in await self._products.parts(
                    {"$and": clauses}, _SHOWN, order.keys, limit + 1 - len(items)
                )
            ]
            if len(items) > limit:
                break
        more, items = len(items) > limit, items[:limit]
        await self._add_stock(items)
        cursor = encode_cursor(items[-1]["rank"], *order.of(items[-1])) if more else ""
        return Found(items, {} if asked.cursor else await self._count(asked, ranks), cursor)

    async def _ranks(self, asked: Search) -> list[Document]:
        """What must hold of a product, best matches first; together every match, each in one rank."""
        must = await self._filters(asked)
        words = asked_for(asked.q)
        if words is None:
            return [must]
        anywhere, in_title = (
            [*({name: word} for word in words.words), _last(name, words)] for name in ("words", "title_words")
        )
        if asked.sort is not Sort.RELEVANCE:
            return [{"$and": [must, *anywhere]}]
        return [{"$and": [must, *in_title]}, {"$and": [must, *anywhere, {"$nor": [{"$and": in_title}]}]}]

    async def _filters(self, asked: Search) -> Document:
        must: Document = {"state": ListingState.LIVE.value}
        if asked.category:
            must["category"] = {"$in": await self._categories.with_descendants(asked.category)}
        if asked.tag:
            must["tags"] = asked.tag
        if asked.min_price or asked.max_price:
            must["price.minor"] = {"$gte": asked.min_price} | ({"$lte": asked.max_price} if asked.max_price else {})
        if asked.in_stock:
            must["in_stock"] = True
        return must

    async def _add_stock(self, items: Sequence[Document]) -> None:
        skus = [variant["sku"] for item in items for variant in item["variants"]]
        found = await self._skus.by_keys(skus, {"available": 1}) if skus else {}
        for item in items:
            there = (found.get(variant["sku"]) for variant in item["variants"])
            item["available"] = sum(each["available"] for each in there if each)

    async def _count(self, asked: Search, ranks: Sequence[Document]) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Facets over the first 5,000 found; remembered for half a minute, for they cost more than a page."""
        key = Search(asked.q, asked.category, asked.tag, asked.min_price, asked.max_price, asked.in_stock)
        now = self._clock.now()
        known = self._facets.get(key)
        if known and known[0] <= now < known[0] + _REMEMBERED:
            return known[1]
        match = ranks[0] if len(ranks) == 1 else (await self._ranks_unsorted(asked))
        counted = await self._products.aggregate(_facet_stages(match))
        facets = {
            name: [(each["_id"], each["count"]) for each in counted[0][name] if each["_id"]]
            for name in ("category", "tag")
        }
        while len(self._facets) >= _REMEMBERED_SETS:
            self._facets.pop(next(iter(self._facets)))
        self._facets[key] = (now, facets)
        return facets

    async def _ranks_unsorted(self, asked: Search) -> Document:
        whole = Search(
            asked.q, asked.category, asked.tag, asked.min_price, asked.max_price, asked.in_stock, Sort.NEWEST
        )
        return (await self._ranks(whole))[0]


def _last(name: str, words: Asked) -> Document:
    """The last word may be unfinished: what begins with it will do."""
    if not words.prefix:
        return {name: words.last}
    return {"$or": [{name: words.last}, {name: {"$regex": f"^{words.prefix}"}}]}


def _facet_stages(match: Document) -> list[Document]:
    most = {"$limit": _VALUES}
    return [
        {"$match": match},
        {"$limit": _COUNTED},
        {"$project": {"category": 1, "tags": 1}},
        {
            "$facet": {
                "category": [{"$sortByCount": "$category"}, most],
                "tag": [{"$unwind": "$tags"}, {"$sortByCount": "$tags"}, most],
            }
        },
    ]


def _at(document: Document, path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return value


def _check(asked: Search) -> None:
    faults = Faults()
    faults.text("/q", asked.q, 200)
    faults.text("/category", asked.category, 64)
    faults.text("/tag", asked.tag, 60)
    faults.number("/min_price", asked.min_price, 0, MAX_MINOR)
    faults.number("/max_price", asked.max_price, 0, MAX_MINOR)
    faults.number("/limit", asked.limit, 0, _MOST)
    faults.refuse(InvalidPage)


def _start(asked: Search, order: Order, ranks: int) -> tuple[int, list[Any]]:
    """The rank and place a cursor stands for."""
    if not asked.cursor:
        return 0, []
    try:
        rank, *after = decode_cursor(asked.cursor[:1_000], 1 + len(order.keys))
        kinds = [str if path == "_id" else int for path, _ in order.keys]
        whole = all(abs(value) <= MAX_MINOR for value in after if isinstance(value, int))
        if isinstance(rank, int) and 0 <= rank < ranks and whole and all(map(isinstance, after, kinds)):
            return rank, after
    except Invalid:
        pass
    raise InvalidPage("this cursor is not one of this list's", errors=[FieldError("/cursor", "is not of this list")])
