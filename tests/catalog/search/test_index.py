"""This is where the index alone is asked: words, filters, orders, pages, facets."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.search.asking import Filters, Hits, Sort, Word
from services.catalog.search.index import Entry, ProductIndex
from services.catalog.words import words_of
from services.kit.ids import new_id

RED, BLUE = "red", "blue"


def entry(title: str, price: int = 900, sales: int = 0, **more: object) -> Entry:
    fields: dict[str, object] = {"category": "home", "tags": [], "attributes": [], "in_stock": True, "words": ""}
    fields |= more
    words = words_of(title, str(fields.pop("words")))
    return Entry(id=new_id("prd"), title_words=words_of(title), words=words, price=price, sales=sales, **fields)  # type: ignore[arg-type]


def word(text: str, **more: object) -> Word:
    return Word(text, ((text,),), **more)  # type: ignore[arg-type]


def filled(*entries: Entry) -> ProductIndex:
    index = ProductIndex()
    for each in entries:
        index.put(each)
    index.show()
    return index


def titles(index: ProductIndex, *words: Word, order: Sort = Sort.RELEVANCE, **filters: object) -> list[str]:
    return index.find(words, Filters(**filters), order, None, 50).ids  # type: ignore[arg-type]


def test_titles_with_all_the_words_come_first_then_the_better_match_then_the_popular() -> None:
    elsewhere, popular, plain = entry("Vase", words="red mug"), entry("Red mug", sales=1_000), entry("Red mug")
    partly = entry("Red vase", words="holds a mug")
    index = filled(elsewhere, plain, partly, popular)
    assert titles(index, word("red"), word("mug")) == [popular.id, plain.id, partly.id, elsewhere.id]


def test_what_is_put_again_takes_the_place_of_the_first_and_what_is_removed_is_gone() -> None:
    first = entry("Red mug")
    index = filled(first)
    index.put(Entry(first.id, ["blue"], ["blue"], "home", [], [], 500, 3, True))
    assert titles(index, word("red")) == [first.id]  # not shown yet
    index.show()
    assert titles(index, word("red")) == []
    assert titles(index, word("blue")) == [first.id]
    assert len(index) == 1
    index.remove(first.id)
    index.show()
    assert titles(index) == []


def test_filters_hold_together() -> None:
    fits = entry("Mug", 900, category="kitchen", tags=["gift"], attributes=[("material", "glass")])
    others = [
        entry("Mug", 900, category="home", tags=["gift"], attributes=[("material", "glass")]),
        entry("Mug", 900, category="kitchen", tags=[], attributes=[("material", "glass")]),
        entry("Mug", 900, category="kitchen", tags=["gift"], attributes=[("material", "wood")]),
        entry("Mug", 901, category="kitchen", tags=["gift"], attributes=[("material", "glass")]),
        entry("Mug", 899, category="kitchen", tags=["gift"], attributes=[("material", "glass")]),
        entry("Mug", 900, category="kitchen", tags=["gift"], attributes=[("material", "glass")], in_stock=False),
    ]
    index = filled(fits, *others)
    asked = Filters(("kitchen", "bar"), "gift", 900, 900, True, (("material", "glass"),))
    assert index.find([word("mug")], asked, Sort.RELEVANCE, None, 9).ids == [fits.id]
    assert index.find([], asked, Sort.NEWEST, None, 9).total == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=40), st.integers(1, 9))
def test_pages_in_every_order_show_each_product_once_whatever_is_equal(goods: list[tuple[int, int]], size: int) -> None:
    entries = [entry("Mug", price, sales) for price, sales in goods]
    index = filled(*entries)
    by_id = {each.id: each for each in entries}
    for order in Sort:
        words, seen, start = [word("mug")] if order is Sort.RELEVANCE else [], list[str](), None
        while hits := index.find(words, Filters(), order, start, size + 1):
            assert hits.total == len(entries)
            end = hits.end(size)
            seen += hits.ids[:end]
            if end == len(hits.ids):
                break
            start = hits.keys[end - 1]
        assert sorted(seen) == sorted(by_id)
        shown = [by_id[key] for key in seen]
        for before, after in pairwise(shown):
            assert order is not Sort.PRICE_ASC or before.price <= after.price
            assert order is not Sort.PRICE_DESC or before.price >= after.price
            assert order is not Sort.SALES or before.sales >= after.sales
        if order is Sort.NEWEST:
            assert [key[:14] for key in seen] == sorted((key[:14] for key in seen), reverse=True)


def test_facets_count_everything_that_is_found() -> None:
    chance = random.Random(1)
    entries = [
        entry(
            "Mug" if n % 3 else "Pot",
            chance.choice([500, 1_500, 2_500_000]),
            category=chance.choice(["home", "bar"]),
            tags=chance.sample(["gift", "new"], chance.randrange(3)),
            attributes=[("material", chance.choice(["glass", "a=b"])), ("colour", "red")],
        )
        for n in range(300)
    ]
    mugs = [each for each in entries if each.title_words[0] == "mug"]
    counts = {name: dict(values) for name, values in filled(*entries).count([word("mug")], Filters()).items()}
    assert counts["category"] == {name: sum(each.category == name for each in mugs) for name in ("home", "bar")}
    assert counts["tag"] == {name: sum(name in each.tags for each in mugs) for name in ("gift", "new")}
    assert counts["attribute:material"] == {
        value: sum(("material", value) in each.attributes for each in mugs) for value in ("glass", "a=b")
    }
    assert counts["attribute:colour"] == {"red": 200}
    assert counts["price"] == {
        "0-1000": sum(each.price == 500 for each in mugs),
        "1000-2000": sum(each.price == 1_500 for each in mugs),
        "1000000-": sum(each.price == 2_500_000 for each in mugs),
    }


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        (word("chris", prefix="chris"), True),
        (word("chris"), False),
        (word("chirstmas", near=1), True),  # two letters swapped
        (word("chrismas", near=1), True),
        (word("krissmas", near=1), False),
        (Word("xmas", (("xmas",), ("christma", "tree"))), True),
        (Word("xmas", (("xmas",), ("christma", "tree", "big"))), False),
    ],
)
def test_a_word_is_found_as_it_is_asked_for(asked: Word, finds: bool) -> None:
    index = filled(entry("Christmas tree"))
    assert bool(titles(index, asked)) is finds


def test_words_of_titles_are_known_and_counted() -> None:
    index = filled(entry("Blue mug"), entry("Blue mat"), entry("Vase", words="blue"))
    assert index.knows("vase")
    assert not index.knows("mu")
    assert index.titled([word("blue")]) == 2
    assert index.titled([]) == 0
    assert dict(index.beginning("m", 10)) == {"mat": 1, "mug": 1}


def test_no_page_ends_between_two_of_the_same_key() -> None:
    hits = Hits(["a", "b", "c", "d"], [9, 7, 7, 7], 4)
    assert [hits.end(size) for size in (1, 2, 3, 4, 5)] == [1, 1, 1, 4, 4]
    assert Hits(["a", "b"], [7, 7], 2).end(1) == 1  # a page is never empty
    assert Hits().end(3) == 0


class Interrupted:
    """A searcher; just after it has searched, other products are shown, and addresses mean something else."""

    def __init__(self, index: ProductIndex) -> None:
        self._index, self._searcher = index, index._searcher

    def search(self, *asked: Any, **more: Any) -> Any:
        found = self._searcher.search(*asked, **more)
        for _ in range(40):
            self._index.put(entry("Vase"))
        self._index.show()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


@pytest.mark.parametrize("order", [Sort.RELEVANCE, Sort.PRICE_ASC])
def test_who_asks_while_others_are_shown_gets_what_was_asked_for(order: Sort) -> None:
    mugs = [entry("Mug", n) for n in range(30)]
    index = filled(*mugs)
    for each in mugs:
        index.remove(each.id)  # seen from the next `show` on, in the middle of the question
    index._searcher = Interrupted(index)
    assert set(index.find([word("mug")], Filters(), order, None, 50).ids) == {each.id for each in mugs}
