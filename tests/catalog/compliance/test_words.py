"""This is where words are found whatever they are dressed up as, and left alone where they are fine."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.compliance.automaton import Automaton
from services.catalog.compliance.defaults import default_words
from services.catalog.compliance.folding import fold
from services.catalog.compliance.matching import Matcher
from services.catalog.compliance.words import InvalidWord, Word, WordKind, check_word
from tests.catalog.compliance.score import corpus, report, score

MATCHER = Matcher(default_words())


def word(term: str, *exceptions: str, categories: tuple[str, ...] = ()) -> Word:
    return Word(
        term, term, WordKind.SUPERLATIVE, "", exceptions=list(exceptions), categories=list(categories), suggestions=[]
    )


def found(matcher: Matcher, text: str, *categories: str) -> list[str]:
    return [hit.text for hit in matcher.find(text, categories)]


def test_the_corpus_is_judged_with_precision_and_recall() -> None:
    texts = corpus()
    assert len(texts) >= 200
    assert sum(not each.terms for each in texts) >= 100
    scores = score(texts)
    print(report(scores))
    assert scores["all"].precision >= 0.98
    assert scores["all"].recall >= 0.98


def test_where_it_stands_is_said_in_the_text_as_it_was_written() -> None:
    text = "茶杯 ﬁne 第 ① 品\u200b牌！"
    (hit,) = MATCHER.find(text)
    assert (hit.text, hit.word.term) == ("第 ① 品\u200b牌", "第一品牌")
    assert text[hit.start : hit.end] == hit.text


@given(st.text(max_size=200))
def test_whatever_the_text_each_hit_is_a_part_of_it(text: str) -> None:
    behind = 0
    for hit in MATCHER.find(text):
        assert text[hit.start : hit.end] == hit.text
        assert fold(hit.text).text == fold(hit.word.term).text
        assert behind <= hit.start < hit.end
        behind = hit.end


@given(
    st.sampled_from(["最佳", "绝对", "国家级", "独一无二", "第一品牌"]),
    st.lists(st.sampled_from(["", " ", "\u200b", "·", "*", "🔥", "\u3000", "-"]), min_size=4, max_size=4),
)
def test_what_is_put_between_the_characters_hides_nothing(term: str, between: list[str]) -> None:
    dressed = "".join(sign + gap for sign, gap in zip(term, [*between, "", ""], strict=False))
    assert [hit.word.term for hit in MATCHER.find(f"茶杯{dressed}")] == [term]


@given(st.lists(st.text("abc", min_size=1, max_size=4), max_size=8), st.text("abc", max_size=40))
def test_the_automaton_finds_what_a_plain_search_finds(patterns: list[str], text: str) -> None:
    plain = {(i, p) for p in patterns for i in range(len(text)) if text.startswith(p, i)}
    hits = list(Automaton(patterns).find(text))
    assert set(hits) == plain
    assert len(hits) == len(plain)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("the best.", ["best"]),
        ("bestow, best before", []),
        ("b e s t", ["b e s t"]),
        ("to be strong", []),
        ("Be st.", []),
        ("at its best. Buy", []),
        ("手艺一绝。对胃好", []),
        ("绝·对", ["绝·对"]),
        ("第10章", []),
        ("1100%", []),
    ],
)
def test_a_word_is_a_word_and_not_parts_of_others(text: str, says: list[str]) -> None:
    assert found(MATCHER, text) == says


def test_an_exception_is_fine_only_as_it_is_written() -> None:
    matcher = Matcher([word("万能", "万能胶"), word("最"), word("最好", "最好的我们")])
    assert found(matcher, "万能胶 万 能 胶") == []
    assert found(matcher, "万·能胶") == ["万·能"]  # who takes it apart means something else
    assert found(matcher, "最好的我们") == []  # what is within a fine one is fine, too
    assert found(matcher, "最好的我。们") == ["最好"]


def test_of_words_within_each_other_the_longest_is_said() -> None:
    matcher = Matcher([word("最"), word("最好"), word("好的")])
    assert found(matcher, "最好的") == ["最好"]


def test_a_word_of_some_categories_is_looked_for_there() -> None:
    matcher = Matcher([word("cure", categories=("food",)), word("best")])
    assert found(matcher, "best cure", "toys") == ["best"]
    assert found(matcher, "best cure", "kitchen", "food") == ["best", "cure"]


def test_the_built_in_words_are_what_words_must_be() -> None:
    words = default_words()
    assert len(words) > 300
    for each in words:
        check_word(each)
    assert len({each.key for each in words}) == len({each.id for each in words}) == len(words)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (word(""), "/term"),
        (word("！？"), "/term"),
        (word("x" * 61), "/term"),
        (word("best", "worst before"), "/exceptions/0"),
        (word("best", categories=tuple("c" * 51)), "/categories"),
    ],
)
def test_a_word_that_cannot_be_says_where(wrong: Word, pointer: str) -> None:
    with pytest.raises(InvalidWord) as refused:
        check_word(wrong)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_a_product_is_looked_at_in_less_than_a_millisecond_or_so() -> None:
    text = ("青花瓷茶杯 最近到货 手工制作，釉下彩，适合送礼。Teacup, stoneware, 300 ml. " * 40)[:1_500]
    MATCHER.find(text)
    took = []
    for _ in range(20):
        began = time.process_time()
        MATCHER.find(text)
        took.append(time.process_time() - began)
    assert min(took) < 0.002  # 0.4 ms where it was measured; the bound leaves room for a slower machine
