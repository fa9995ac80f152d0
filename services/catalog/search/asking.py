"""This is where it is said what can be asked for, in which order it comes, and where a page ends. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.catalog.fields import MAX_MINOR, Faults
from services.kit.errors import FieldError, Invalid
from services.kit.store import Document, decode_cursor, encode_cursor

USUAL, MOST = 20, 100
DEEPEST = 10_000  # how far pages by relevance go; in every other order they go to the end
_MOST_ATTRIBUTES = 10


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
    attributes: tuple[tuple[str, str], ...] = ()
    sort: Sort = Sort.RELEVANCE
    limit: int = 0
    cursor: str = ""

    @property
    def order(self) -> Sort:
        """Without words the best match is the newest."""
        return Sort.NEWEST if self.sort is Sort.RELEVANCE and not self.q.strip() else self.sort

    @property
    def size(self) -> int:
        """How many are wanted."""
        return self.limit or USUAL

    def check(self) -> None:
        """Refuses with INVALID_PAGE."""
        faults = Faults()
        faults.text("/q", self.q, 200)
        faults.text("/category", self.category, 64)
        faults.text("/tag", self.tag, 60)
        faults.number("/min_price", self.min_price, 0, MAX_MINOR)
        faults.number("/max_price", self.max_price, 0, MAX_MINOR)
        faults.number("/limit", self.limit, 0, MOST)
        faults.number("/attributes", len(self.attributes), 0, _MOST_ATTRIBUTES)
        for name, value in self.attributes:
            faults.text("/attributes/name", name, 60, least=1)
            faults.text("/attributes/value", value, 500, least=1)
        faults.refuse(InvalidPage)

    def start(self) -> int | None:
        """Where the page starts: after this key of its order, or by relevance at this place; None at the beginning.

        Refuses with INVALID_PAGE.
        """
        if not self.cursor:
            return None
        try:
            order, key = decode_cursor(self.cursor[:1_000], 2)
            if order == self.order.value and isinstance(key, int) and 0 <= key < 2**63:
                return key
        except Invalid:
            pass
        raise InvalidPage(
            "this cursor is not one of this list's", errors=[FieldError("/cursor", "is not of this list")]
        )

    def next(self, key: int) -> str:
        """The cursor of the page that starts there."""
        return encode_cursor(self.order.value, key)


Counts = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Found:
    """A page: documents with `available` added, counts by facet (first page only), and where the next page starts."""

    items: list[Document]
    facets: Mapping[str, Counts]
    next_cursor: str
    total: int = 0
    did_you_mean: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query as the index is asked for it: any of `forms` (itself, its stem, its synonyms), each of which may
    be several words; `prefix` also takes what begins with it; `near` also takes what is a typo away."""

    text: str
    forms: tuple[tuple[str, ...], ...]
    prefix: str = ""
    near: int = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """What must hold of a product beside the words."""

    categories: tuple[str, ...] = ()
    tag: str = ""
    min_price: int = 0
    max_price: int = 0
    in_stock: bool = False
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """What the index found: product ids in order, the key of the last of them, and how many there are in all."""

    ids: list[str] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    total: int = 0

    def end(self, size: int) -> int:
        """Where a page of `size` ends, of hits that may be one more: never between two of the same key, however rare."""
        end = min(size, len(self.ids))
        while 1 < end < len(self.ids) and self.keys[end - 1] == self.keys[end]:
            end -= 1
        return end
