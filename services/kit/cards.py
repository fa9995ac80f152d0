"""This is where a payment card's number is known when it is seen, and blotted out. Pure."""

import re

_ISSUED = (
    re.compile(  # Visa, Mastercard, American Express, Diners, JCB, and who begins with 5 or 6 (UnionPay, Discover …)
        r"4\d{12}(?:\d{3}){0,2}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14}|[56]\d{13,18}"
    )
)
RUN = r"(?<![\w+.])\d(?:[ -]?\d){12,18}(?![\w])"
_RUN = re.compile(RUN, re.ASCII)


def is_card(text: str) -> bool:
    """13 to 19 digits, spaces and dashes among them, of an issuer, that pass Luhn's test (ISO/IEC 7812-1)."""
    digits = text.replace(" ", "").replace("-", "")
    if not _ISSUED.fullmatch(digits):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + doubled) % 10 == 0


def masked(text: str) -> str:
    """The text, with four digits left of every card number in it."""
    return _RUN.sub(lambda run: f"****{run[0][-4:]}" if is_card(run[0]) else run[0], text)
