"""This is where the words of what is on sale are indexed and asked for: Tantivy, in memory, made from MongoDB at each start.

Every order but relevance has a key that hardly two products share (value, then a few bits of the id), and no page ends
between two that do: pages neither repeat nor miss a product, whatever is merged meanwhile. Tantivy is asked within a
fraction of a millisecond, also with 200,000 products (docs/decisions/0014).
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

import tantivy
from tantivy import Occur, Query

from services.catalog.words import stem

from .asking import DEEPEST, Counts, Filters, Hits, Sort, Word

_HEAP = 15_000_000  # the least Tantivy takes
_TIE_BITS = 22
_BORN_LETTERS = 14  # ten of milliseconds, four of chance
_TIES = (1 << _TIE_BITS) - 1
_ALPHABET = {letter: value for value, letter in enumerate("0123456789abcdefghjkmnpqrstvwxyz")}
_BLOCK = 100  # so many matches at a time are put in order by relevance, popularity and age: a page looks at two at most
_MOST_BEGUN = 32  # words a prefix is spelt out into; beyond, all that begin so are looked through
_TITLE, _ANYWHERE, _WHOLE_TITLE = 3.0, 1.0, 1_000.0
_ALL_WORDS = ("words",)  # those of the title among them
_ALL_FIELDS = ("title_words", "words")
_POPULAR = 0.2  # what sold ten times as much scores a fifth more
_VALUES, _ATTRIBUTE_VALUES, _NAMES = 20, 60, 20
_BANDS = [0, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000]
_KEYS = {Sort.NEWEST: "newest", Sort.SALES: "sales", Sort.PRICE_ASC: "price_key", Sort.PRICE_DESC: "price_key"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a product. Prices in minor units."""

    id: str
    title_words: Sequence[str]
    words: Sequence[str]
    category: str
    tags: Sequence[str]
    attributes: Sequence[tuple[str, str]]
    price: int
    sales: int
    in_stock: bool


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "category", "tags", "attributes", "band"):
        builder.add_text_field(name, stored=name == "id", fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("title_words", "words"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("price", "price_key", "newest", "sales"):
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_boolean_field("in_stock", indexed=True, fast=True)
    return builder.build()


def _tie(product_id: str) -> int:
    return zlib.crc32(product_id.encode()) & _TIES


def _born(product_id: str) -> int:
    """Ids sort by time (kit.ids): 42 bits of milliseconds, then 20 of chance; what is no such id is as old as can be."""
    letters = product_id.partition("_")[2][:_BORN_LETTERS]
    if len(letters) < _BORN_LETTERS or any(letter not in _ALPHABET for letter in letters):
        return _tie(product_id)
    value = 0
    for letter in letters:
        value = value << 5 | _ALPHABET[letter]
    return value & (1 << 62) - 1


def _attribute(name: str, value: str) -> str:
    return f"{name}={value}"[:200]


def _band(price: int) -> str:
    """The band a price is counted in, as customers see it. It is indexed: to sort every match into ranges costs three times
    as much."""
    at = bisect_right(_BANDS, price)
    return f"{_BANDS[at - 1]}-{_BANDS[at] if at < len(_BANDS) else ''}"


class ProductIndex:
    """What is on sale, by its words. `show` makes what was put and removed visible."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(_HEAP, 1)
        self._searcher: Any = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def put(self, entry: Entry) -> None:
        """Puts a product in the place of what was known of it."""
        self.remove(entry.id)
        document = tantivy.Document(
            id=[entry.id],
            title_words=[" ".join(entry.title_words)],
            words=[" ".join(entry.words)],
            category=[entry.category],
            tags=list(entry.tags),
            attributes=[_attribute(name, value) for name, value in entry.attributes],
            band=[_band(entry.price)],
            price=[entry.price],
            price_key=[entry.price << _TIE_BITS | _tie(entry.id)],
            newest=[_born(entry.id)],
            sales=[entry.sales << _TIE_BITS | _tie(entry.id)],
            in_stock=[entry.in_stock],
        )
        self._writer.add_document(document)

    def remove(self, product_id: str) -> None:
        """It is not on sale."""
        self._writer.delete_documents_by_term("id", product_id)

    def show(self) -> None:
        """What was put and removed is seen from now on."""
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, words: Sequence[Word], filters: Filters, order: Sort, start: int | None, size: int) -> Hits:
        """A page of products, and how many there are in all."""
        searcher = self._searcher  # one for the whole question: another may be shown meanwhile, with other addresses
        if order is Sort.RELEVANCE:
            return self._best(searcher, words, filters, start or 0, size)
        name, downwards = _KEYS[order], order is not Sort.PRICE_ASC
        query = self._query(words, filters)
        total = None
        if start is not None:
            bounds: dict[str, Any] = {"upper_bound": start} if downwards else {"lower_bound": start}
            ends = {"include_upper": False} if downwards else {"include_lower": False}
            after = Query.range_query(self._schema, name, tantivy.FieldType.Integer, **bounds, **ends)
            total = searcher.search(query, limit=1).count
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, after)])
        way = tantivy.Order.Desc if downwards else tantivy.Order.Asc
        found = searcher.search(query, limit=size, order_by_field=name, order=way)
        keys = [int(key) for key, _ in found.hits]
        return Hits(
            _ids(searcher, (address for _, address in found.hits)), keys, found.count if total is None else total
        )

    def _best(self, searcher: Any, words: Sequence[Word], filters: Filters, start: int, size: int) -> Hits:
        """By relevance: titles that have all the words first, then by score and popularity, then the newest."""
        bonus = Query.const_score_query(self._titled(words), _WHOLE_TITLE)
        # The bonus weighs the title of a single word already; of several, those that have some of them are told apart.
        fields = _ALL_FIELDS if len(words) > 1 else _ALL_WORDS
        query = Query.boolean_query([(Occur.Must, self._query(words, filters, fields)), (Occur.Should, bonus)])
        first = start // _BLOCK * _BLOCK
        last = min(DEEPEST, -(-(start + size) // _BLOCK) * _BLOCK)
        found = searcher.search(query, limit=max(1, last - first), offset=first)
        addresses = [address for _, address in found.hits]
        sales = searcher.fast_field_values("sales", addresses)
        newest = searcher.fast_field_values("newest", addresses)
        ranked = sorted(
            (place // _BLOCK, -round(score * (1 + _POPULAR * log10(1 + (sold >> _TIE_BITS))), 3), -born, place)
            for place, ((score, _), sold, born) in enumerate(zip(found.hits, sales, newest, strict=True))
        )
        places = [place for *_, place in ranked[start - first : start - first + size]]
        ids = _ids(searcher, (addresses[place] for place in places))
        return Hits(ids, list(range(start + 1, start + 1 + len(ids))), min(found.count, DEEPEST))

    def count(self, words: Sequence[Word], filters: Filters) -> Mapping[str, Counts]:
        """How many of all that is found have which category, tag, attribute and price."""
        terms = {name: {"terms": {"field": name, "size": _VALUES}} for name in ("category", "tags")}
        terms["attributes"] = {"terms": {"field": "attributes", "size": _ATTRIBUTE_VALUES}}
        terms["band"] = {"terms": {"field": "band", "size": len(_BANDS)}}
        answer = self._searcher.aggregate(self._query(words, filters), terms)
        facets = {
            "category": _buckets(answer["category"]),
            "tag": _buckets(answer["tags"]),
            "price": sorted(_buckets(answer["band"]), key=lambda band: int(band[0].partition("-")[0])),
        }
        for pair, count in _buckets(answer["attributes"]):
            name, _, value = pair.partition("=")
            if f"attribute:{name}" in facets or len(facets) < _NAMES:
                facets.setdefault(f"attribute:{name}", []).append((value, count))
        return {name: counts for name, counts in facets.items() if counts}

    def knows(self, word: str) -> bool:
        """Whether anything on sale has this word."""
        return bool(self._searcher.doc_freq("words", word))

    def titled(self, words: Sequence[Word]) -> int:
        """How many titles have all of these words."""
        return int(self._searcher.search(self._titled(words), limit=1).count) if words else 0

    def beginning(self, prefix: str, most: int) -> list[tuple[str, int]]:
        """Words of titles that begin so, with the number of products that have them."""
        found: list[tuple[str, int]] = self._searcher.terms_with_prefix("title_words", prefix, limit=most)
        return found

    def _query(self, words: Sequence[Word], filters: Filters, fields: Sequence[str] = _ALL_WORDS) -> Any:
        parts = [self._word(word, fields) for word in words]
        parts += [Query.const_score_query(each, 0.0) for each in self._filtered(filters)]
        return _of(Occur.Must, parts) if parts else Query.all_query()

    def _titled(self, words: Sequence[Word]) -> Any:
        """Titles that have all of the words, of which there is one at the least."""
        return _of(Occur.Must, [self._word(word, ("title_words",)) for word in words])

    def _word(self, word: Word, fields: Sequence[str]) -> Any:
        """Any form of a word, in any of the fields; the title weighs more."""
        parts: list[Any] = []
        for name in fields:
            weight = _TITLE if name == "title_words" else _ANYWHERE
            ways = [self._all(name, form) for form in word.forms]
            if word.prefix:
                ways += self._begun(name, word)
            if word.near:
                ways.append(Query.fuzzy_term_query(self._schema, name, word.text, word.near, True, False))
            parts += ways if weight == _ANYWHERE else [Query.boost_query(way, weight) for way in ways]
        return _of(Occur.Should, parts)

    def _begun(self, name: str, word: Word) -> list[Any]:
        """What begins with the word but is none of its forms, nor has one for its stem: who has the word has its stem, too.
        The few there usually are cost less one by one."""
        begun = self._searcher.terms_with_prefix(name, word.prefix, limit=_MOST_BEGUN)
        if len(begun) == _MOST_BEGUN:
            return [Query.fuzzy_term_query(self._schema, name, word.prefix, 0, True, True)]
        forms = {form[0] for form in word.forms if len(form) == 1}
        terms = sorted(term for term, _ in begun if term not in forms and stem(term) not in forms)
        anyone = [Query.term_query(self._schema, name, term) for term in terms]
        return [Query.const_score_query(_of(Occur.Should, anyone), 1.0)] if anyone else []

    def _all(self, name: str, form: Sequence[str]) -> Any:
        return _of(Occur.Must, [Query.term_query(self._schema, name, term) for term in form])

    def _filtered(self, filters: Filters) -> list[Any]:
        schema, parts = self._schema, list[Any]()
        if filters.categories:
            parts.append(Query.term_set_query(schema, "category", list(filters.categories)))
        if filters.tag:
            parts.append(Query.term_query(schema, "tags", filters.tag))
        parts += [Query.term_query(schema, "attributes", _attribute(*pair)) for pair in filters.attributes]
        if filters.min_price or filters.max_price:
            high = filters.max_price or 10**13
            parts.append(Query.range_query(schema, "price", tantivy.FieldType.Integer, filters.min_price, high))
        if filters.in_stock:
            parts.append(Query.term_query(schema, "in_stock", True))
        return parts


def _of(occur: Any, parts: Sequence[Any]) -> Any:
    """All of the parts, or any. A single one as it is: each wrapping costs every match."""
    return parts[0] if len(parts) == 1 else Query.boolean_query([(occur, part) for part in parts])


def _ids(searcher: Any, addresses: Iterable[Any]) -> list[str]:
    return [str(searcher.doc(address).get_first("id")) for address in addresses]


def _buckets(answer: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer["buckets"] if bucket["key"]]
