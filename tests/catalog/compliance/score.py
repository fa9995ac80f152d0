"""This is where precision and recall of the built-in word list are worked out: `make bench ARGS=gate` shows them.

The corpus was written and labelled before there was a list. A term counts once a text; an entry of the list that
holds a labelled term (`第一品牌` where `第一` is labelled) is that term.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from services.catalog.compliance.defaults import default_words
from services.catalog.compliance.matching import Matcher

CORPUS = Path(__file__).with_name("corpus.jsonl")


class Labelled(msgspec.Struct):
    """A text, the terms somebody sees in it, and how they are dressed up."""

    text: str
    terms: list[str]
    trick: str


@dataclass
class Score:
    """Terms found rightly, found wrongly, missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of those found, the share that is right."""
        return self.right / ((self.right + self.wrong) or 1)

    @property
    def recall(self) -> float:
        """Of those there, the share that is found."""
        return self.right / ((self.right + self.missed) or 1)


def corpus() -> list[Labelled]:
    """The labelled texts."""
    return [msgspec.json.decode(line, type=Labelled) for line in CORPUS.read_bytes().splitlines()]


def score(texts: list[Labelled]) -> dict[str, Score]:
    """The score of all, and by trick."""
    matcher, scores = Matcher(default_words()), defaultdict[str, Score](Score)
    for each in texts:
        found = {hit.word.term for hit in matcher.find(each.text)}
        missed = [term for term in each.terms if not any(term in entry for entry in found)]
        wrong = [entry for entry in found if not any(term in entry for term in each.terms)]
        for part in (scores["all"], scores[each.trick]):
            part.right += len(each.terms) - len(missed)
            part.wrong += len(wrong)
            part.missed += len(missed)
        if missed or wrong:
            scores["all"].said.append(f"{each.text!r}: missed {missed}, wrongly found {wrong}")
    return scores


def report(scores: dict[str, Score]) -> str:
    """As people read it."""
    lines = [f"{'':12} right wrong missed precision recall"]
    for name, part in scores.items():
        lines.append(
            f"{name:12} {part.right:5} {part.wrong:5} {part.missed:6} {part.precision:9.4f} {part.recall:6.4f}"
        )
    return "\n".join([*lines, *scores["all"].said])
