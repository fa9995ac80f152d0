"""This is where a payment card's number is known when it is seen, and blotted out. Pure."""

import re
from collections.abc import Iterator, Sequence

_ISSUED = (
    re.compile(  # Visa, Mastercard, American Express, Diners, JCB, and who begins with 5 or 6 (UnionPay, Discover …)
        r"4\d{12}(?:\d{3}){0,2}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14}|[56]\d{13,18}"
    )
)
_STRETCH = re.compile(r"[0-9](?:[ -]?[0-9]){12,}")  # nothing in it can fail late: a long body costs one look
_GROUP = re.compile(r"[0-9]+")
_BEFORE, _AFTER = re.compile(r"[A-Za-z+.]"), re.compile(r"[A-Za-z]")  # digits of a word, a phone number, a fraction
_LEAST, _MOST = 13, 19  # digits
_WRITTEN = 3  # digits a group has at least, when a card's number stands among other numbers


def is_card(text: str) -> bool:
    """13 to 19 digits, spaces and dashes among them, of an issuer, that pass Luhn's test (ISO/IEC 7812-1)."""
    digits = text.replace(" ", "").replace("-", "")
    if not _ISSUED.fullmatch(digits):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + doubled) % 10 == 0


def has_card(text: str) -> bool:
    """Whether a card's number stands in it, by itself: digits among letters are an identifier's."""
    return next(_cards(text), None) is not None


def masked(text: str) -> str:
    """The text, with four digits left of every card number in it."""
    parts, done = [], 0
    for start, end in _cards(text):
        if start >= done:
            digits = text[start:end].replace(" ", "").replace("-", "")
            parts += [text[done:start], "****", digits[-4:]]
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def _cards(text: str) -> Iterator[tuple[int, int]]:
    """From where to where card numbers stand, by their beginnings: whole groups of digits, whatever numbers stand beside."""
    for stretch in _STRETCH.finditer(text):
        start, end = stretch.span()
        groups = [group.span() for group in _GROUP.finditer(text, start, end)]
        if _BEFORE.fullmatch(text[start - 1 : start]):
            del groups[0]
        if _AFTER.fullmatch(text[end : end + 1]):
            del groups[-1:]
        for number in range(len(groups)):
            yield from _beginning(text, groups, number)


def _beginning(text: str, groups: Sequence[tuple[int, int]], number: int) -> Iterator[tuple[int, int]]:
    start, digits, written = groups[number][0], 0, True
    for first, last in groups[number : number + _MOST]:
        digits, written = digits + last - first, written and last - first >= _WRITTEN
        if digits > _MOST or (number and not written):
            return
        alone = (start, last) == (groups[0][0], groups[-1][1])
        if digits >= _LEAST and (written or alone) and is_card(text[start:last]):
            yield start, last
