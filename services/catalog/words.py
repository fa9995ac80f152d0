"""This is where text becomes the words it is found by: Chinese is segmented, English stemmed. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff"
_RUN = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_NOT_ASKED_FOR = frozenset(
    ["a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with", "的", "了", "和", "与", "與"]
)
_MOST_WORDS = 300  # of one product
_MOST_ASKED = 12
_LONGEST = 40


@cache
def _segmenter() -> Any:
    # Loaded with the first Chinese text: its dictionary takes 33 MB and 0.2 s.
    import rjieba

    return rjieba


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(20_000)
def stem(word: str) -> str:
    """The English stem of a lower-case word."""
    return str(_stemmer().stemWord(word))


@cache
def _converter() -> Any:
    import zhconv_rs

    return zhconv_rs


def normalised(text: str) -> str:
    """Lower case, one width, and Chinese in simplified characters: 龍井 finds 龙井."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return str(_converter().zhconv(plain, "zh-hans")) if _IS_HAN.search(plain) else plain


def is_han(text: str) -> bool:
    """Whether it begins with a Chinese character."""
    return _IS_HAN.match(text) is not None


def _runs(text: str) -> Iterable[str]:
    return _RUN.findall(normalised(text))


def _segments(run: str) -> list[str]:
    return [run] if len(run) == 1 else _segmenter().cut_for_search(run)


def words_of(*texts: str) -> list[str]:
    """The words a product is found by: each as written and as stemmed; of Chinese, each word and each character."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _runs(text):
            if _IS_HAN.match(run):
                found |= dict.fromkeys((*_segments(run), *run))
            else:
                found |= dict.fromkeys((run[:_LONGEST], stem(run[:_LONGEST])))
        if len(found) > _MOST_WORDS:
            break
    return list(found)[:_MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a query: a product must have all of `words`, and one that is `last` or begins with `prefix`. `typed` are
    the same words as they were written."""

    words: tuple[str, ...]
    last: str
    prefix: str
    typed: tuple[str, ...]


def asked_for(query: str) -> Asked | None:
    """The words of a query; None when there is none in it.

    Of Chinese, the finest segments are asked for: 圣诞杯子 finds what has 圣诞 and 杯子. The last may be unfinished.
    """
    wanted: list[str] = []
    for run in _runs(query):
        wanted += _finest(_segments(run)) if _IS_HAN.match(run) else [run[:_LONGEST]]
    wanted = list(dict.fromkeys(wanted))[:_MOST_ASKED]
    wanted = [word for word in wanted if word not in _NOT_ASKED_FOR] or wanted
    if not wanted:
        return None
    last = wanted[-1]
    # One Latin letter begins too many words to be looked up while somebody types.
    prefix = last if len(last) > 1 or _IS_HAN.match(last) else ""
    return Asked(tuple(_asked(word) for word in wanted[:-1]), _asked(last), prefix, tuple(wanted))


def asked_words(term: str) -> tuple[str, ...]:
    """The words a term is asked for by."""
    asked = asked_for(term)
    return (*asked.words, asked.last) if asked else ()


def _asked(word: str) -> str:
    return word if _IS_HAN.match(word) else stem(word)


def _finest(segments: list[str]) -> list[str]:
    return [word for word in segments if not any(part != word and len(part) > 1 and part in word for part in segments)]
