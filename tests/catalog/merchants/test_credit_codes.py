"""This is where a unified social credit code is told from one with a slip of the pen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.merchants.credit_codes import check_character, is_credit_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_first = st.tuples(
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map("".join)
codes = _first.map(lambda first: first + check_character(first))


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", "91230184MA1BUFLT44", "92371000MA3MXH0E3W", "91110000600037341L"]
)
def test_codes_that_others_hold_good_are_good(code: str) -> None:
    assert is_credit_code(code)


@given(codes)
def test_a_code_with_its_check_character_is_good(code: str) -> None:
    assert is_credit_code(code)


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(code: str, at: int, other: str) -> None:
    wrong = code[:at] + other + code[at + 1 :]
    assert is_credit_code(wrong) == (wrong == code)


@given(codes, st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_always_found(code: str, at: int) -> None:
    wrong = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert is_credit_code(wrong) == (wrong == code)


@pytest.mark.parametrize(
    "text", ["", "91350211M000100Y4", "91350211m000100y43", "I1350211M000100Y43", "9135021AM000100Y43"]
)
def test_what_is_not_of_the_form_is_none(text: str) -> None:
    assert not is_credit_code(text)


@pytest.mark.parametrize("text", ["\u0661" * 18, "９１３５０１００Ｍ０００１００Ｙ４３", "\n" * 18])
def test_digits_of_other_scripts_are_none(text: str) -> None:
    assert not is_credit_code(text)
