"""This is where text is cut into words."""

import pytest

from services.catalog.categories import slug
from services.catalog.words import asked_for, words_of


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "heart holders"),
        ("White Hanging Heart T-Light Holder", "the t-light holder"),
        ("纯棉短袖T恤 男", "纯棉T恤"),
        ("圣诞玻璃杯", "圣诞杯"),
        ("圣诞玻璃杯", "玻璃"),
        ("聖誕玻璃杯", "玻璃杯"),
        ("Ｆｕｌｌｗｉｄｔｈ Ｍｕｇ", "fullwidth mug"),
        ("Café crème", "CAFÉ"),
        ("SKU 85123A", "85123a"),
    ],
)
def test_what_means_the_same_is_found(text: str, query: str) -> None:
    asked = asked_for(query)
    assert asked is not None
    assert {*asked.words, asked.last} <= set(words_of(text))


def test_an_unfinished_word_is_a_prefix() -> None:
    asked = asked_for("white hea")
    assert asked is not None
    assert (asked.words, asked.prefix) == (("white",), "hea")
    single = asked_for("white h")
    assert single is not None
    assert single.prefix == ""


@pytest.mark.parametrize("query", ["", "  ", "!?", "。，"])
def test_no_words_ask_for_nothing(query: str) -> None:
    assert asked_for(query) is None


def test_a_book_of_text_stays_bounded() -> None:
    assert len(words_of(" ".join(f"word{n}" for n in range(10_000)))) == 300
    asked = asked_for(" ".join(f"word{n}" for n in range(100)))
    assert asked is not None
    assert len(asked.words) == 11


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Home & Garden", "home-garden"), ("厨房 用品", "厨房-用品"), ("  A__B  ", "a-b"), ("&", "")],
)
def test_a_slug_is_made_of_a_title(title: str, expected: str) -> None:
    assert slug(title) == expected
