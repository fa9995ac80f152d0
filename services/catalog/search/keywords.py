"""This is where it is told which words are worth having: popular ones, ones that find nothing, and the long tail, which is
much asked for and little contested (C13, C14)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.catalog.content import Product
from services.catalog.fields import Faults
from services.catalog.products import Products
from services.catalog.words import asked_words, words_of
from services.kit.clock import Clock

from .asking import InvalidPage, Word
from .index import ProductIndex
from .keeping import Keeper
from .queries import Queries

_READ = 2_000  # most frequent queries a report looks at
_LONG = 2  # words from which a query belongs to the long tail
_SHOWN = 50


class KeywordKind(StrEnum):
    """What a report is about."""

    POPULAR = "popular"
    NO_RESULT = "no_result"
    LONG_TAIL = "long_tail"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A query: how often it was asked, how often nothing was found, how many titles have all its words."""

    q: str
    asked: int
    empty: int
    titles: int

    @property
    def score(self) -> float:
        """Popular and little contested."""
        return self.asked / (1 + self.titles)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A word customers ask for that a product has: how often it was asked, and where the product has it."""

    word: str
    asked: int
    in_title: bool
    in_description: bool
    in_attributes: bool


class Keywords:
    """Reports on what is asked for."""

    def __init__(self, queries: Queries, keeper: Keeper, products: Products, clock: Clock) -> None:
        self._queries, self._keeper, self._products, self._clock = queries, keeper, products, clock

    async def report(self, kind: KeywordKind, days: int, most: int) -> list[Keyword]:
        """The best of a kind in the last `days` days (1 to 365). Refuses with INVALID_PAGE, INDEX_BUILDING."""
        faults = Faults()
        faults.number("/days", days, 1, 365)
        faults.number("/limit", most, 0, 500)
        faults.refuse(InvalidPage)
        index = await self._keeper.index()
        rows = await self._queries.since(self._day(days), _READ)
        if kind is KeywordKind.LONG_TAIL:
            rows = [row for row in rows if len(asked_words(row[0])) >= _LONG]
        if kind is KeywordKind.NO_RESULT:
            rows = [row for row in rows if row[2]]
        found = [Keyword(q, asked, empty, _titles(q, index)) for q, asked, empty in rows]
        if kind is KeywordKind.LONG_TAIL:
            found.sort(key=lambda each: (-each.score, each.q))
        elif kind is KeywordKind.NO_RESULT:
            found.sort(key=lambda each: (-each.empty, each.q))
        return found[: most or _SHOWN]

    async def coverage(self, product_id: str, days: int) -> tuple[Product, list[Coverage]]:
        """The words of a product that customers ask for, the most frequent first. Refuses with PRODUCT_NOT_FOUND."""
        product = await self._products.get(product_id)
        asked = await self.words(days)
        title, description = set(product.title_words), set(words_of(product.description[:2_000]))
        attributes = set(words_of(*(f"{each.name} {each.value}" for each in product.attributes)))
        rows = [
            Coverage(word, asked[word], word in title, word in description, word in attributes)
            for word in {*product.words, *attributes}
            if asked[word]
        ]
        return product, sorted(rows, key=lambda row: (-row.asked, row.word))[:_SHOWN]

    async def words(self, days: int) -> Counter[str]:
        """How often each word was asked for, as the index knows words."""
        asked: Counter[str] = Counter()
        for q, times, _ in await self._queries.since(self._day(days), _READ):
            for word in asked_words(q):
                asked[word] += times
        return asked

    def _day(self, days: int) -> str:
        return (self._clock.now() - timedelta(days=days - 1)).date().isoformat()


def _titles(query: str, index: ProductIndex) -> int:
    return index.titled([Word(word, ((word,),)) for word in asked_words(query)])


def missing_words(rows: Sequence[Coverage]) -> list[str]:
    """Words customers ask for that the title does not have."""
    return [row.word for row in rows if not row.in_title]
