"""This is where a payment card's number is looked for in all sorts of text, and in what only looks like one."""

import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.kit.cards import has_card, is_card, masked

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WRITTEN = {13: (13,), 14: (4, 6, 4), 15: (4, 6, 5), 16: (4, 4, 4, 4), 18: (6, 12), 19: (6, 13)}  # as people write them
ISSUERS = ["4", "51", "2221", "34", "37", "36", "3528", "62", "6011", "5018"]


def checked(digits: str) -> str:
    """With the last digit that makes it pass."""
    return next(digits + check for check in "0123456789" if is_card(digits + check))


@st.composite
def cards(draw: st.DrawFn) -> tuple[str, str]:
    """A card's number, and as it is written."""
    issuer = draw(st.sampled_from(ISSUERS))
    length = {"34": 15, "37": 15, "36": 14, "62": draw(st.sampled_from([16, 18, 19])), "4": 16}.get(issuer, 16)
    length = 13 if issuer == "4" and draw(st.booleans()) else length
    rest = length - len(issuer) - 1
    number = checked(issuer + draw(st.text("0123456789", min_size=rest, max_size=rest)))
    written, at, between = [], 0, draw(st.sampled_from(["", " ", "-"]))
    for group in WRITTEN[length]:
        written.append(number[at : at + group])
        at += group
    return number, between.join(written)


beside = st.sampled_from(
    ["", "card ", "card=", "tok_", "卡号", "(", "2026-11-22 ", "12 ", "+86 ", "a7 ", "0.5 ", "1234 5678 "]
)


@given(cards(), beside, st.sampled_from(["", "!", " 7", " 123", ", exp 12/29", "_x", "，谢谢"]))
def test_a_card_number_is_found_and_blotted_out_whatever_stands_beside_it(
    card: tuple[str, str], before: str, after: str
) -> None:
    number, written = card
    text = f"{before}{written}{after}"
    assert is_card(written) and has_card(text)
    assert written not in masked(text)
    assert number[:-4] not in re.sub("[ -]", "", masked(text))


@given(
    st.lists(st.tuples(st.text("0123456789", max_size=12), st.text(LETTERS, min_size=1, max_size=3)), max_size=12),
    st.sampled_from(["", "-", "_"]),
)
@example([(digit, "x") for digit in "4242424242424242"], "")
def test_digits_scattered_through_letters_are_no_card(parts: list[tuple[str, str]], between: str) -> None:
    token = between.join(digits + letters for digits, letters in parts)
    assert not has_card(token)
    assert masked(token) == token


@given(st.text("0123456789 -+.ax_", max_size=80))
def test_what_is_blotted_out_has_no_card_left_and_what_has_none_stays(text: str) -> None:
    hidden = masked(text)
    assert (hidden != text) == has_card(text)
    assert not has_card(hidden) or len(re.findall("[0-9]", hidden)) < len(re.findall("[0-9]", text))


def test_of_sixteen_digits_one_in_ten_is_a_card() -> None:
    dice = random.Random(1)
    for _ in range(50):
        digits = f"4{dice.randrange(10**14):014}"
        assert sum(is_card(digits + check) for check in "0123456789") == 1


@pytest.mark.parametrize("length", [24, 32, 40, 64])
def test_a_random_token_of_hex_is_none(length: int) -> None:
    dice = random.Random(length)
    assert sum(has_card(f"{dice.getrandbits(4 * length):0{length}x}") for _ in range(2_000)) == 0


def test_a_long_text_of_digits_costs_one_look() -> None:
    assert not has_card("1 " * 50_000 + "a")
    assert not has_card("0" * 100_000)
