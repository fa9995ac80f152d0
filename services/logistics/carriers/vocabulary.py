"""This is where a carrier's words are looked up: a raw code, with or without a reason, and what it means here. Pure.

A vocabulary is a JSON file: a code, and the canonical state it stands for, or that and a reason. `code+reason` is a code
told with a reason; a trailing `*` stands for any ending. The longest entry that fits is the one that is meant.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.logistics.tracking import CANONICAL, UNKNOWN

VOCABULARIES = Path(__file__).parent / "vocabularies"
# Why something went wrong, in our own words; the carrier's own are kept beside them.
REASONS = frozenset(
    {
        "absent",
        "cancelled",
        "closed",
        "customs",
        "damaged",
        "delayed",
        "disposed",
        "held",
        "lost",
        "not_collected",
        "out_of_area",
        "refused",
        "security",
        "unpaid",
        "unreachable",
        "wrong_address",
    }
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A canonical state, and why, where the carrier says it."""

    state: str
    reason: str = ""


_UNEXPLAINED = Meaning(UNKNOWN)


class Vocabulary:
    """What a carrier's codes mean; small and capital letters are one."""

    def __init__(self, words: Iterable[tuple[str, Meaning]]) -> None:
        self._exact: dict[str, Meaning] = {}
        begun: dict[str, Meaning] = {}
        for word, meaning in words:
            if word.endswith("*"):
                begun[word[:-1].casefold()] = meaning
            else:
                self._exact[word.casefold()] = meaning
        self._begun = sorted(begun.items(), key=lambda entry: -len(entry[0]))

    def __len__(self) -> int:
        return len(self._exact) + len(self._begun)

    def meaning(self, code: str, reason: str = "") -> Meaning:
        """What a code means; `unknown` when nobody has explained it. A reason nobody has explained changes nothing."""
        if reason and (found := self._found(f"{code}+{reason}".casefold())):
            return found
        return self._found(code.casefold()) or _UNEXPLAINED

    def _found(self, word: str) -> Meaning | None:
        if exact := self._exact.get(word):
            return exact
        return next((meaning for beginning, meaning in self._begun if _begins(word, beginning)), None)


def _begins(word: str, beginning: str) -> bool:
    # `intransit_*` does not speak of `intransit_1+customs`: a reason is only explained by an entry that has one.
    return word.startswith(beginning) and word.count("+") == beginning.count("+")


def vocabulary(*names: str) -> Vocabulary:
    """The vocabularies of these names in one; a later one wins. Raises ValueError for a state or reason that is not ours."""
    return Vocabulary(entry for name in names for entry in words(name))


def words(name: str) -> list[tuple[str, Meaning]]:
    """A vocabulary's entries, as its file has them. Raises ValueError for a state or reason that is not ours."""
    return [
        (code, _checked(name, code, said))
        for code, said in json.loads((VOCABULARIES / f"{name}.json").read_text("utf-8")).items()
    ]


def _checked(name: str, code: str, said: str | list[str]) -> Meaning:
    meaning = Meaning(said) if isinstance(said, str) else Meaning(*said)
    if meaning.state not in CANONICAL:
        raise ValueError(f"{name}.json: {code} stands for {meaning.state}, which is no canonical state")
    if meaning.reason and meaning.reason not in REASONS:
        raise ValueError(f"{name}.json: {code} has the reason {meaning.reason}, which is none of ours")
    return meaning
