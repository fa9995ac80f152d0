"""This is where waybill numbers are made for carriers that have none of their own. Pure."""

import secrets

_DIGITS = 11


def check_digit(digits: str) -> str:
    """Luhn's (ISO/IEC 7812-1): it catches a wrong digit and nearly every exchange of neighbours."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def waybill(prefix: str) -> str:
    """The prefix, eleven digits nobody can guess (the first is no 0), a check digit."""
    digits = f"{10 ** (_DIGITS - 1) + secrets.randbelow(9 * 10 ** (_DIGITS - 1))}"
    return f"{prefix}{digits}{check_digit(digits)}"
