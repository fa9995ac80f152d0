"""This is where customers search and browse: words are understood, the index is asked, the page is read from MongoDB.

A page is one question to the index (no round trip), one find of products and one of their SKUs, whatever the size of the
catalogue; what it shows is never older than what MongoDB has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.catalog.categories import Categories
from services.catalog.content import Product
from services.catalog.parts import told_by_parts
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.catalog.words import Asked, asked_for, is_han
from services.kit.store import Document

from .asking import Filters, Found, Search, Sort, Word
from .index import ProductIndex
from .keeping import Keeper
from .queries import Queries
from .synonyms import Form, Synonyms

_SHOWN = {"state": 1, "title": 1, "price": 1, "category": 1, "variants.sku": 1, "media": {"$slice": 1}}
_NEAR_FROM, _NEARER_FROM = 4, 8  # letters from which a word may be one typo off, and two
_LIKE = 3_000  # words looked through for what was meant


@dataclass(frozen=True, slots=True)
class Understood:
    """A query's words as the index is asked for them, and what was probably meant."""

    words: tuple[Word, ...] = ()
    did_you_mean: str = ""


class Finding:
    """Searches and browses."""

    def __init__(
        self,
        products: Table[Product],
        skus: Table[Sku],
        categories: Categories,
        keeper: Keeper,
        synonyms: Synonyms,
        queries: Queries,
    ) -> None:
        self._products, self._skus, self._categories = products, skus, categories
        self._keeper, self._synonyms, self._queries = keeper, synonyms, queries

    async def search(self, asked: Search) -> Found:
        """A page. Refuses with INVALID_PAGE, INDEX_BUILDING."""
        asked.check()
        index = await self._keeper.index()
        understood = await self._understand(asked.q, index)
        words = understood.words
        if not words and asked.sort is Sort.RELEVANCE:
            asked = replace(asked, sort=Sort.NEWEST)
        start, filters = asked.start(), await self._filters(asked)
        hits = index.find(words, filters, asked.sort, start, asked.size + 1)
        if not asked.cursor and words:
            self._queries.asked(asked.q, hits.total)
        end = hits.end(asked.size)
        items = await self._read(hits.ids[:end])
        return Found(
            items=items,
            facets={} if asked.cursor else index.count(words, filters),
            next_cursor=asked.next(hits.keys[end - 1]) if end < len(hits.ids) else "",
            total=hits.total,
            did_you_mean=understood.did_you_mean,
        )

    async def complete(self, typed: str, most: int) -> list[str]:
        """What somebody who has typed this may go on to write: the last word, made whole from words of titles."""
        index, asked = await self._keeper.index(), asked_for(typed[:200])
        if asked is None or not asked.prefix:
            return []
        begun = typed[: len(typed) - len(asked.prefix)]
        known = sorted(index.beginning(asked.prefix, _LIKE), key=lambda entry: (-entry[1], entry[0]))
        return list(dict.fromkeys(f"{begun}{word}" for word, _ in known))[:most]

    async def _filters(self, asked: Search) -> Filters:
        below = await self._categories.with_descendants(asked.category) if asked.category else []
        return Filters(tuple(below), asked.tag, asked.min_price, asked.max_price, asked.in_stock, asked.attributes)

    async def _understand(self, query: str, index: ProductIndex) -> Understood:
        asked = asked_for(query)
        if asked is None:
            return Understood()
        words = _with_synonyms(asked, await self._synonyms.forms())
        spelt = [_as_may_be_meant(word, index) for word in words]
        changed = {word.text: meant for word, meant in spelt if meant}
        said = " ".join(changed.get(word, word) for word in query.casefold().split()) if changed else ""
        return Understood(tuple(word for word, _ in spelt), said)

    async def _read(self, ids: Sequence[str]) -> list[Document]:
        """The products of a page in its order, as they are now; what has just gone off sale is left out."""
        found = await self._products.by_keys(ids, _SHOWN) if ids else {}
        items = [found[key] for key in ids if key in found and found[key]["state"] == "live"]
        skus = [variant["sku"] for item in items for variant in item["variants"]]
        there = await self._skus.by_keys(skus, {"available": 1, "parts": 1}) if skus else {}
        await told_by_parts(self._skus, there.values())
        for item in items:
            units = (there.get(variant["sku"]) for variant in item["variants"])
            item["available"] = sum(each["available"] for each in units if each)
        return items


def _with_synonyms(asked: Asked, forms: Mapping[Form, Sequence[Form]]) -> list[Word]:
    """The words of a query; a term of several words that has synonyms becomes one."""
    terms, words, at = (*asked.words, asked.last), list[Word](), 0
    longest = max((len(form) for form in forms), default=1)
    while at < len(terms):
        for length in range(min(longest, len(terms) - at), 0, -1):
            term = terms[at : at + length]
            if length == 1 or term in forms:
                break
        is_last = at + length == len(terms) and length == 1
        text = asked.typed[at] if length == 1 else " ".join(term)
        words.append(Word(text, (term, *forms.get(term, ())), asked.prefix if is_last else ""))
        at += length
    return words


def _as_may_be_meant(word: Word, index: ProductIndex) -> tuple[Word, str]:
    """The word, taken with typos when nothing on sale has it; and what was probably meant."""
    long_enough = len(word.text) >= _NEAR_FROM and not is_han(word.text) and " " not in word.text
    known = len(word.forms) > 1 or any(index.knows(form[0]) for form in word.forms)
    if not long_enough or known or (word.prefix and index.beginning(word.prefix, 1)):
        return word, ""
    near = 1 if len(word.text) < _NEARER_FROM else 2
    candidates = dict(index.beginning(word.text[:2], _LIKE) or index.beginning(word.text[:1], _LIKE))
    best = process.extractOne(word.text, candidates.keys(), scorer=OSA.distance, score_cutoff=near)
    return replace(word, near=near), best[0] if best else ""
