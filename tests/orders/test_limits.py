"""This is where what comes in is bounded."""

import pytest

from services.kit.errors import Invalid
from services.orders import limits
from services.orders.carts import coupon_code


@pytest.mark.parametrize(
    "number",
    ["4242424242424242", "tok_4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005"],
)
def test_a_card_number_is_no_token(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        limits.payment_token(number)
    assert number not in f"{refused.value} {refused.value.errors}"


@pytest.mark.parametrize("token", ["tok_ok", "tok_timeout_captured", "4242424242424241", "pm_1OqRp2", "1234"])
def test_a_token_is_no_card_number(token: str) -> None:
    assert limits.payment_token(token) == token


@pytest.mark.parametrize(
    "bad", ["a@b", "@example.com", "a b@example.com", "a@example.com\n.b@c.de", "x" * 300 + "@a.de"]
)
def test_what_is_no_address_for_mail_is_refused(bad: str) -> None:
    with pytest.raises(Invalid):
        limits.email(bad)


@pytest.mark.parametrize("bad", ["a\x00b", "a\x1bb", "\ud800", "a\u202eb"])
def test_what_cannot_be_read_is_refused(bad: str) -> None:
    with pytest.raises(Invalid) as refused:
        limits.text(bad, "/name", 10)
    assert refused.value.errors[0].pointer == "/name"


def test_a_code_is_read_as_it_was_meant() -> None:
    assert coupon_code("  ｓａｖｅ-10 ") == "SAVE-10"
    assert coupon_code("$ne") == coupon_code("a" * 65) == ""
