"""This is where what people type is judged."""

import pytest

from services.crm.passwords import WeakPassword, check_strength
from services.crm.people import (
    Address,
    InvalidAddress,
    InvalidEmail,
    InvalidId,
    InvalidName,
    checked_id,
    email_address,
    email_key,
    fit_address,
    person_name,
)

HOME = Address("CN", "浙江省", "杭州市", "西湖区", "文三路 1 号", "李梅", "+86 138-0013-8000")


@pytest.mark.parametrize("email", ["mei@example.com", "a.b+c@sub.example.co.uk", "x@пример.рф", "  mei@example.com "])
def test_an_address_anybody_could_be_written_to_is_taken(email: str) -> None:
    assert "@" in email_address(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "mei",
        "mei@",
        "@example.com",
        "mei@localhost",
        "mei@@example.com",
        "me i@example.com",
        "mei@example.com\x00",
        "mei@example.com\nBcc: all@example.com",
        "м@example.com",
        "mei\u202e@example.com",
        "mei\u200b@example.com",
        "m" * 65 + "@example.com",
        "mei@" + "e" * 300 + ".com",
        "x" * 100_000,
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidEmail):
        email_address(email)


@pytest.mark.parametrize("other", ["MEI@EXAMPLE.COM", "ｍｅｉ@example.com", " mei@Example.com "])
def test_spellings_of_one_address_are_one(other: str) -> None:
    assert email_key(other) == email_key("mei@example.com")


@pytest.mark.parametrize("name", ["李梅", "O'Neill", "José María", "می\u200cخواهم", "x" * 100])
def test_names_of_all_the_world_are_taken(name: str) -> None:
    assert person_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "a\x00b", "a\nb", "\u202eabc", "a\u200bb", "\u200c", "\x1b[31m", "..."]
)
def test_names_that_cannot_be_seen_are_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        person_name(name)


def test_an_address_is_tidied() -> None:
    assert fit_address(HOME).phone == "+8613800138000"


def test_everything_wrong_with_an_address_is_said_at_once() -> None:
    with pytest.raises(InvalidAddress) as refused:
        fit_address(Address("cn", "", "", "", "x" * 301, "李\x00梅", "13800138000"))
    pointers = {error.pointer for error in refused.value.errors}
    assert pointers == {"/address/country", "/address/city", "/address/street", "/address/name", "/address/phone"}


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "123456789",
        "1234567890",
        "Password123",
        "QWERTYUIOP",
        "aaaaaaaaaaaa",
        "abababababab",
        "x" * 257,
        "mei.li.1990@example.com",
        "MEI.LI.1990",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_strength(password, "mei.li.1990@example.com")
    assert password not in str(refused.value.errors)


@pytest.mark.parametrize("password", ["correct horse", "open-sesame-dev", "密码密码要够长才行的", "x9!kk2-pp0Q"])
def test_long_passwords_need_no_special_characters(password: str) -> None:
    check_strength(password, "mei@example.com")


@pytest.mark.parametrize(
    "text", ["", "cus", "cus_", "ord_1", "cus_a b", "cus_$ne", "cus_\x00", "cus_" + "a" * 65, "cus_a\n"]
)
def test_an_id_is_of_its_kind(text: str) -> None:
    with pytest.raises(InvalidId):
        checked_id(text, "cus", "/id")
