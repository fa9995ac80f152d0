"""This is where the built-in list of words is read: the family of article 9 of the Advertising Law and what goes with it."""

import hashlib
from pathlib import Path

import msgspec

from .words import Word, WordKind, key_of

# Rises with the file: a shop that has an older one gets what is new; what staff took off stays off.
VERSION = 1
_FILE = Path(__file__).with_name("default_words.jsonl")


class _Line(msgspec.Struct):
    term: str
    kind: WordKind
    locale: str
    suggestions: list[str] = []
    note: str = ""
    exceptions: list[str] = []
    blocks: bool = True


def default_words() -> list[Word]:
    """The built-in words; each has the same id everywhere."""
    return [_word(msgspec.json.decode(line, type=_Line)) for line in _FILE.read_bytes().splitlines()]


def _word(line: _Line) -> Word:
    word = Word(
        id="",
        term=line.term,
        kind=line.kind,
        locale=line.locale,
        suggestions=line.suggestions,
        note=line.note,
        exceptions=line.exceptions,
        blocks=line.blocks,
        added_in=1,
    )
    word.key = key_of(word)
    word.id = f"wrd_{hashlib.sha256(word.key.encode()).hexdigest()[:26]}"
    return word
