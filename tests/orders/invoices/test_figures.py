"""This is where amounts in capitals and tax in amounts are held against slower ways to work them out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orders.invoices.capitals import capitals
from services.orders.invoices.taxes import next_part, split, tax_in

DIGITS = {word: number for number, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1_000}


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (0, "零圆整"),
        (1, "壹分"),
        (10, "壹角整"),
        (140_950, "壹仟肆佰零玖圆伍角整"),
        (600_714, "陆仟零柒圆壹角肆分"),
        (32_504, "叁佰贰拾伍圆零肆分"),
        (1_640_902, "壹万陆仟肆佰零玖圆零贰分"),
        (10_050_000, "壹拾万零伍佰圆整"),
        (10_000_000_100, "壹亿零壹圆整"),
        (1_234_500_000_000_00, "壹万贰仟叁佰肆拾伍亿圆整"),
        (-8_800, "（负数）捌拾捌圆整"),
    ],
)
def test_amounts_are_written_as_banks_ask(minor: int, words: str) -> None:
    assert capitals(minor) == words


def read(words: str) -> int:
    """The amount again, read from the left."""
    sign = -1 if words.startswith("（负数）") else 1
    total = section = digit = minor = 0
    for letter in words.removeprefix("（负数）"):
        if letter in DIGITS:
            digit = DIGITS[letter]
        elif letter in PLACES:
            section, digit = section + digit * PLACES[letter], 0
        elif letter == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif letter == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif letter == "圆":
            minor, digit = (total + section + digit) * 100, 0
        elif letter in "角分":
            minor, digit = minor + digit * (10 if letter == "角" else 1), 0
    return sign * minor


@given(st.integers(-(10**15), 10**15))
def test_what_is_written_is_read_as_the_same_amount(minor: int) -> None:
    words = capitals(minor)
    assert read(words) == minor
    assert "零零" not in words and not words.startswith("零圆零")


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_tax_is_what_the_rate_says_to_half_a_fen(minor: int, rate: int) -> None:
    exact = Fraction(minor * rate, 10_000 + rate)
    assert abs(tax_in(minor, rate) - exact) <= Fraction(1, 2)
    parts = split(minor, rate)
    assert parts.net + parts.tax == minor and tax_in(-minor, rate) == -parts.tax


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=9), st.integers(0, 10_000))
def test_taxes_of_the_parts_add_up_to_the_tax_of_the_whole(parts: list[int], rate: int) -> None:
    taken, tax = 0, 0
    for part in parts:
        tax += next_part(taken, part, rate).tax
        taken += part
    assert tax == tax_in(taken, rate)
