"""This is where a competitor's item is likened to products of ours by its title, for a person to say whether it is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from services.catalog.content import Product
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import Table
from services.catalog.words import words_of
from services.kit.store import decode_cursor, encode_cursor

from .competitors import CompetitorItem, CompetitorItemNotFound

_MOST = 50
_LOOKED_AT = 5_000
_COMPARED = 60
_SHOWN = 3
_LIKE_ENOUGH = 55


@dataclass(frozen=True, slots=True)
class Likeness:
    """A SKU it may be; 100 is the same title."""

    sku: str
    title: str
    score: int


def likeness(words: Sequence[str], others: Sequence[str]) -> int:
    """How alike two titles are, as words in any order: 0 to 100. Pure."""
    return round(fuzz.token_sort_ratio(" ".join(words), " ".join(others)))


class Matching:
    """Proposes matches and keeps what people say of them."""

    def __init__(self, items: Table[CompetitorItem], products: Table[Product], skus: Table[Sku]) -> None:
        self._items, self._products, self._skus = items, products, skus

    async def page(self, limit: int, cursor: str) -> tuple[list[tuple[CompetitorItem, list[Likeness]]], str]:
        """Items nobody has matched, each with the likest SKUs of ours, and where the next page starts."""
        size, where = min(limit or 20, _MOST), dict[str, object]({"matched_by": ""})
        if cursor:
            where["_id"] = {"$gt": decode_cursor(cursor, 1)[0]}
        items = await self._items.find(where, [("_id", 1)], size + 1)
        more = encode_cursor(items[size - 1].id) if len(items) > size else ""
        return [(item, await self._likest(item)) for item in items[:size]], more

    async def _likest(self, item: CompetitorItem) -> list[Likeness]:
        words = words_of(item.name)
        if not words:
            return []
        shared = {"$size": {"$setIntersection": ["$title_words", words]}}
        stages: list[dict[str, Any]] = [
            {"$match": {"state": "live", "title_words": {"$in": words}}},
            {"$limit": _LOOKED_AT},
            {"$project": {"title": 1, "title_words": 1, "sku": {"$first": "$variants.sku"}, "shared": shared}},
            {"$sort": {"shared": -1, "_id": 1}},
            {"$limit": _COMPARED},
        ]
        found = [
            Likeness(each["sku"], each["title"], likeness(words, each["title_words"]))
            for each in await self._products.aggregate(stages)
        ]
        found.sort(key=lambda each: (-each.score, each.sku))
        return [each for each in found[:_SHOWN] if each.score >= _LIKE_ENOUGH]

    async def match(self, item_id: str, sku: str, by: str) -> CompetitorItem:
        """It is this SKU; an empty one: it is nothing of ours. Refuses with COMPETITOR_ITEM_NOT_FOUND, SKU_NOT_FOUND."""
        if sku and not await self._skus.by_keys([sku], {"_id": 1}):
            raise SkuNotFound("there is no such SKU")
        matched = await self._items.change({"_id": item_id}, {"$set": {"sku": sku, "matched_by": by}})
        if matched is None:
            raise CompetitorItemNotFound("there is no such item of a competitor")
        return matched
