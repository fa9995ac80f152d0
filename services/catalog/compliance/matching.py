"""This is where words of the list are found in texts, whatever they are dressed up as, and where they are fine. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .automaton import Automaton
from .folding import Folded, fold, is_word_sign
from .words import Word

_STOP = re.compile(r"[，。！？；：、\n]|(?<!\s)[,.!?;:]\s+(?!\s|\d)")
_MOST_BETWEEN = 4  # visible signs between two of a word


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the list in a text: `text[start:end]`, as it stands there."""

    word: Word
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A folded phrase; `breaks` are the places before which its own words begin."""

    text: str
    breaks: frozenset[int]


def _pattern(phrase: str) -> _Pattern:
    folded = fold(phrase)
    breaks = {i for i in range(1, len(folded.text)) if not phrase[folded.at[i - 1] + 1 : folded.at[i]].isalnum()}
    return _Pattern(folded.text, frozenset(i for i in breaks if folded.at[i] - folded.at[i - 1] > 1))


@lru_cache(maxsize=1)
def _automaton(patterns: tuple[str, ...]) -> Automaton:
    return Automaton(patterns)


class Matcher:
    """Finds a list's words. Made once a version of the list; a text of 2,000 signs takes a fraction of a millisecond."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words: dict[str, list[Word]] = defaultdict(list)
        self._patterns: dict[str, _Pattern] = {}
        self._fine_for: dict[str, set[str]] = defaultdict(set)
        for word in words:
            pattern = self._know(word.term)
            self._words[pattern].append(word)
            for phrase in word.exceptions:
                self._fine_for[self._know(phrase)].add(word.id)
        self._automaton = _automaton(tuple(sorted(self._patterns)))
        self.scoped = any(word.categories for found in self._words.values() for word in found)

    def _know(self, phrase: str) -> str:
        pattern = _pattern(phrase)
        self._patterns.setdefault(pattern.text, pattern)
        return pattern.text

    def find(self, text: str, categories: Collection[str] = ()) -> list[Hit]:
        """The hits in order, none within another. Words meant for some categories are looked for there only."""
        folded = fold(text)
        said: list[tuple[int, int, Word]] = []
        fine: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for start, pattern in self._found(folded):
            end = start + len(pattern)
            if pattern in self._fine_for and _is_plain(folded, start, self._patterns[pattern]):
                for word_id in self._fine_for[pattern]:
                    fine[word_id].append((start, end))
            said += [(start, end, word) for word in self._words.get(pattern, ()) if word.holds_in(categories)]
        hits, behind, excused = [], 0, 0
        for start, end, word in sorted(said, key=lambda each: (each[0], -each[1])):
            if any(left <= start and end <= right for left, right in fine[word.id]):
                excused = max(excused, end)  # and so are the words within it
            if start < behind or end <= excused:
                continue
            behind = end
            left, right = folded.span(start, end)
            hits.append(Hit(word, left, right, text[left:right]))
        return hits

    def _found(self, folded: Folded) -> Iterator[tuple[int, str]]:
        for start, text in self._automaton.find(folded.text):
            if _is_said(folded, start, self._patterns[text]):
                yield start, text


def _is_said(folded: Folded, start: int, pattern: _Pattern) -> bool:
    """Whether it is a word there, and not parts of other words or of two sentences."""
    at, original, end = folded.at, folded.original, start + len(pattern.text)
    left, right = at[start], at[end - 1]
    if left and is_word_sign(original[left - 1]) and is_word_sign(original[left]):
        return False
    if right + 1 < len(original) and is_word_sign(original[right]) and is_word_sign(original[right + 1]):
        return False
    if right - left == end - start - 1:
        return True
    gaps = [
        (i, at[start + i - 1], at[start + i]) for i in range(1, end - start) if at[start + i] > at[start + i - 1] + 1
    ]
    spaced_out = len(gaps) == end - start - 1
    return all(
        _may_lie_between(original, before, after, inside=not (spaced_out or i in pattern.breaks))
        for i, before, after in gaps
    )


def _is_plain(folded: Folded, start: int, pattern: _Pattern) -> bool:
    """Whether nothing but spaces stands within its words: who takes `万·能` apart does not mean `万能胶`."""
    at = folded.at
    inner = (i for i in range(1, len(pattern.text)) if i not in pattern.breaks)
    return all(not folded.original[at[start + i - 1] + 1 : at[start + i]].strip() for i in inner)


def _may_lie_between(original: str, before: int, after: int, *, inside: bool) -> bool:
    """Whether what stands between two signs leaves them one word; `inside`: of a word that spaces would set apart."""
    between = original[before + 1 : after]
    if _STOP.search(original, before + 1, after + 1):
        return False
    visible = [sign for sign in between if unicodedata.category(sign) not in ("Cf", "Mn", "Me")]
    if len(visible) > _MOST_BETWEEN:
        return False
    latin = is_word_sign(original[before]) and is_word_sign(original[after])
    return not (inside and latin and any(sign.isspace() for sign in visible))
