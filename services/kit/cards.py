"""This is where a payment card's number is known when it is seen, and blotted out. Pure."""

import re

# Visa, Mastercard, American Express, Diners, JCB, and who begins with 5 or 6 (UnionPay, Discover …)
_ISSUED = re.compile(r"4\d{12}(?:\d{3}){0,2}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14}|[56]\d{13,18}")
_STRETCH = re.compile(r"[0-9](?:[ -]?[0-9]){12}")
# As people write them, whatever numbers stand beside. What touches a letter is an identifier's; `+` begins a phone number.
_LAYOUTS = r"\d{13,19}|\d{4}(?:[ -]\d{4}){3}|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{6}[ -]\d{7,13}", r"\d(?:[ -]?\d){12,18}"
_WRITTEN = [re.compile(rf"(?<![A-Za-z0-9+.])(?=({each})(?![A-Za-z0-9]))", re.ASCII) for each in _LAYOUTS]


def is_card(text: str) -> bool:
    """13 to 19 digits, spaces and dashes among them, of an issuer, that pass Luhn's test (ISO/IEC 7812-1)."""
    digits = text.replace(" ", "").replace("-", "")
    if not _ISSUED.fullmatch(digits):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + doubled) % 10 == 0


def has_card(text: str) -> bool:
    """Whether a card's number stands in it."""
    return bool(_STRETCH.search(text) and _cards(text))


def masked(text: str) -> str:
    """The text, with four digits left of every card number in it."""
    for card in _cards(text) if _STRETCH.search(text) else ():
        text = text.replace(card, f"****{card[-4:]}")
    return text


def _cards(text: str) -> list[str]:
    return [run[1] for written in _WRITTEN for run in written.finditer(text) if is_card(run[1])]
