"""This is where what comes in is looked at: sizes, characters and patterns, each fault named by its JSON pointer. Pure."""

import re
from collections.abc import Iterable

from services.kit.errors import FieldError, Invalid

MAX_MINOR = 10**12
MAX_UNITS = 10_000_000
MAX_WEIGHT_G = 10_000_000
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WAREHOUSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")  # no dot: it is a part of a path in MongoDB
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_URL = re.compile(r"https?://[^\s\"<>\\]{1,2000}")
# A picture of this shop: whichever host an address names, it is ours that is shown.
_OUR_PICTURE = re.compile(r"(?:https?://[^\s/?#\\]{1,255})?(/v1/media/med_[0-9a-f]{26})(?:\?[^\s#]{0,100})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # tab and line feed may be
_LINE_BREAK = re.compile(r"[\t\n]")


class Faults:
    """Collects what is wrong with one input, to say all of it at once."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, pointer: str, message: str) -> None:
        """Something is wrong there."""
        self.errors.append(FieldError(pointer, message))

    def text(self, pointer: str, value: object, most: int, *, least: int = 0, lines: bool = False) -> str:
        """`value` trimmed, if it is text of `least` to `most` characters, without control characters."""
        if not isinstance(value, str):
            self.add(pointer, "must be text")
            return ""
        value = value.strip()
        if _CONTROL.search(value) or (not lines and _LINE_BREAK.search(value)):
            self.add(pointer, "must not contain control characters")
        elif len(value) < least:
            self.add(pointer, "must not be empty")
        elif len(value) > most:
            self.add(pointer, f"must be at most {most} characters long")
        return value

    def sku(self, pointer: str, value: str) -> str:
        """A SKU: 1 to 64 ASCII letters, digits, `.`, `_`, `-`, starting with a letter or digit."""
        return self._pattern(pointer, value, _SKU, "must be 1 to 64 letters, digits, '.', '_' or '-'")

    def warehouse(self, pointer: str, value: str) -> str:
        """A warehouse code; `main` when empty."""
        return self._pattern(pointer, value or "main", _WAREHOUSE, "must be 1 to 32 letters, digits, '_' or '-'")

    def id(self, pointer: str, value: str) -> str:
        """An id of any kind."""
        return self._pattern(pointer, value, _ID, "must be an id: 1 to 128 letters, digits, '.', '_', ':' or '-'")

    def currency(self, pointer: str, value: str) -> str:
        """An ISO 4217 code."""
        return self._pattern(pointer, value, _CURRENCY, "must be an ISO 4217 code, three capital letters")

    def url(self, pointer: str, value: str) -> str:
        """Where a picture is: somewhere else, or in this shop's library (then without host and query)."""
        if ours := _OUR_PICTURE.fullmatch(value):
            return ours[1]
        return self._pattern(pointer, value, _URL, "must be an http(s) address of at most 2,000 characters")

    def number(self, pointer: str, value: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        if not least <= value <= most:
            self.add(pointer, f"must be between {least} and {most}")
        return value

    def _pattern(self, pointer: str, value: str, pattern: re.Pattern[str], message: str) -> str:
        if not pattern.fullmatch(value):
            self.add(pointer, message)
        return value

    def refuse(self, refusal: type[Invalid] = Invalid) -> None:
        """Refuses if anything was wrong."""
        if self.errors:
            raise refusal("; ".join(f"{e.pointer} {e.message}" for e in self.errors[:3]), errors=self.errors)


def is_sku(text: str) -> bool:
    """Whether `text` could be a SKU."""
    return _SKU.fullmatch(text) is not None


def skus_of(values: Iterable[str], most: int = 1_000) -> list[str]:
    """The different ones of `values` that could be SKUs; the others exist nowhere. Refuses more than `most` values."""
    wanted = list(values)
    if len(wanted) > most:
        raise Invalid(f"at most {most} SKUs", errors=[FieldError("/skus", f"must be at most {most}")])
    return [sku for sku in dict.fromkeys(wanted) if is_sku(sku)]
