"""This is where a word is that may not be said of goods: what it is, where it is fine, what to say instead. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.fields import Faults
from services.kit.errors import Invalid

from .folding import fold


class WordKind(StrEnum):
    """Why it may not be said."""

    SUPERLATIVE = "superlative"
    ABSOLUTE = "absolute"
    MEDICAL_CLAIM = "medical_claim"
    PROHIBITED_GOOD = "prohibited_good"
    FALSE_SCARCITY = "false_scarcity"
    DATA_CLAIM = "data_claim"


@dataclass
class Word:
    """A word of the list, from the version of the list that brought it to the one that took it off (0: it stands)."""

    id: str
    term: str
    kind: WordKind
    locale: str  # zh, en, or empty for any
    key: str = ""  # what there may be one of while it stands
    suggestions: list[str] = field(default_factory=list)
    note: str = ""  # under which condition a suggestion may be said
    categories: list[str] = field(default_factory=list)  # empty: everywhere; what hangs below counts
    exceptions: list[str] = field(default_factory=list)  # phrases around it in which it is fine
    blocks: bool = True  # False: advice
    added_in: int = 0
    removed_in: int = 0
    by: str = "shop"
    added_at: datetime | None = None
    version: int = 0

    def holds_in(self, categories: Collection[str]) -> bool:
        """Whether it is looked for in a text of these categories."""
        return not self.categories or not set(self.categories).isdisjoint(categories)


class InvalidWord(Invalid):
    """Not what a word of the list must be."""


def key_of(word: Word) -> str:
    """Two words of one key would be found at the same places."""
    return "|".join((fold(word.term).text, *sorted(word.categories)))


def check_word(word: Word) -> None:
    """Refuses with INVALID_WORD, naming each fault."""
    faults = Faults()
    word.term = faults.text("/term", word.term, 60, least=1)
    if not faults.errors and not fold(word.term).text:
        faults.add("/term", "must have a letter or digit")
    if word.locale not in ("", "zh", "en"):
        faults.add("/locale", "must be zh, en or empty")
    word.note = faults.text("/note", word.note, 300)
    for name, values, most in (("suggestions", word.suggestions, 10), ("exceptions", word.exceptions, 1_000)):
        if len(values) > most:
            faults.add(f"/{name}", f"must be at most {most}")
        values[:] = [faults.text(f"/{name}/{i}", text, 100, least=1) for i, text in enumerate(values)]
    for i, phrase in enumerate(word.exceptions):
        if fold(word.term).text not in fold(phrase).text:
            faults.add(f"/exceptions/{i}", "must hold the term")
    if len(word.categories) > 50:
        faults.add("/categories", "must be at most 50")
    faults.refuse(InvalidWord)
    word.key = key_of(word)
