"""This is where it stands what a label says, on paper of which size. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

A6, TALL = "a6", "100x180"
SIZES = {A6: (105, 148), TALL: (100, 180)}  # millimetres
_WHOLE = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})  # ISO 4217: no minor unit
_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, slots=True)
class Insert:
    """What the card in the parcel says: its code as people type it, the address behind its QR code, and why to scan it."""

    code: str
    url: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelText:
    """What a label says; the name and the phone in `to` are masked. `collect`: what the courier is to be paid."""

    carrier: str
    sort_code: str
    waybill: str
    to: str
    address: str
    sender: str
    note: str
    collect: str = ""
    insert: Insert | None = None


def amount(currency: str, minor: int) -> str:
    """An amount as people read it: `CNY 12.50`, `JPY 1250`."""
    places = 0 if currency in _WHOLE else 3 if currency in _THREE else 2
    whole, part = divmod(minor, 10**places)
    return f"{currency} {whole}.{part:0{places}d}" if places else f"{currency} {whole}"


def wrapped(text: str, width: int, most: int) -> Iterator[str]:
    """Lines of `width` wide characters; a narrow one counts half."""
    line, used = "", 0.0
    for letter in text:
        size = 0.5 if letter.isascii() else 1.0
        if used + size > width:
            yield line
            line, used, most = "", 0.0, most - 1
            if most == 0:
                return
        line, used = line + letter, used + size
    yield line
