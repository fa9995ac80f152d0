"""This is where a unified social credit code (統一社會信用代碼) is told from eighteen characters that look like one. Pure.

GB 32100-2015: registering department, kind of organisation, six digits of division, nine of the organisation, and a check
character: 31 less the sum of weight 3^i mod 31 times value, mod 31.
"""

import re

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_FORM = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_WEIGHTS = [pow(3, i, 31) for i in range(17)]


def check_character(first: str) -> str:
    """The eighteenth character that belongs to the first seventeen."""
    total = sum(weight * _ALPHABET.index(each) for weight, each in zip(_WEIGHTS, first, strict=True))
    return _ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether `code` is eighteen characters of the right kinds and the last one fits the others."""
    return _FORM.fullmatch(code) is not None and check_character(code[:17]) == code[17]
