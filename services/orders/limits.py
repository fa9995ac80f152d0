"""This is where what comes in is bounded before anybody believes it. Pure."""

import re
import unicodedata
from typing import TypeVar

from services.kit.cards import has_card
from services.kit.errors import FieldError, Invalid

MOST_LINES = 1_000
MOST_OF_A_SKU = 99_999
MOST_COUPONS = 10

_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ID = re.compile(r"[a-z]{3}_[0-9a-z]{1,60}")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,200}")
_TOKEN = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_Error = TypeVar("_Error", bound=Invalid)


def refused(pointer: str, message: str, kind: type[_Error]) -> _Error:
    """A refusal about one field; what was sent is not repeated in it."""
    return kind(message, errors=[FieldError(pointer, message)])


def text(value: str, pointer: str, most: int, kind: type[Invalid] = Invalid, *, needed: bool = False) -> str:
    """`value` without space around it. Refuses control characters, surrogates, reordering marks and what is too long."""
    clean = value.strip()
    if len(clean) > most:
        raise refused(pointer, f"at most {most} characters", kind)
    if any(unicodedata.category(c) in ("Cc", "Cs") or c in _REORDERING for c in clean):
        raise refused(pointer, "no control characters", kind)
    if needed and not clean:
        raise refused(pointer, "is needed", kind)
    return clean


def sku(value: str, pointer: str = "/sku") -> str:
    """A SKU: letters, digits, `.`, `_`, `-`; 64 at most."""
    if not _SKU.fullmatch(value):
        raise refused(pointer, "not a SKU", Invalid)
    return value


def is_id(value: str, prefix: str) -> bool:
    """Whether this could be an id of ours with that prefix."""
    return bool(_ID.fullmatch(value)) and value.startswith(f"{prefix}_")


def code(value: str, pointer: str) -> str:
    """A reason code: lower-case letters, digits, `_`; 40 at most."""
    if not _CODE.fullmatch(value):
        raise refused(pointer, "a reason code: lower-case letters, digits, `_`", Invalid)
    return value


CHANNELS = ("storefront", "app", "mini_program", "live", "store", "phone")  # where a person fills a cart


class InvalidChannel(Invalid):
    """No cart is filled there."""


def channel(value: str) -> str:
    """Where a cart is filled. Refuses with INVALID_CHANNEL."""
    if value not in CHANNELS:
        raise refused("/channel", f"one of {', '.join(CHANNELS)}", InvalidChannel)
    return value


def customer_id(value: str) -> str:
    """`cus_…` or empty."""
    if value and not is_id(value, "cus"):
        raise refused("/customer_id", "not a customer's id", Invalid)
    return value


def request_id(value: str) -> str:
    """1 to 200 visible ASCII characters."""
    if not _REQUEST_ID.fullmatch(value):
        raise refused("/request_id", "1 to 200 visible ASCII characters", Invalid)
    return value


def email(value: str) -> str:
    """An e-mail address, roughly; empty stays empty. Whether it exists only a letter can tell."""
    clean = text(value, "/email", 254)
    if clean and not _EMAIL.fullmatch(clean):
        raise refused("/email", "not an e-mail address", Invalid)
    return clean


def payment_token(value: str) -> str:
    """A provider's token. A card number is refused before it can be kept or logged anywhere."""
    if has_card(value):
        raise refused("/payment/token", "a card number is never sent here: send the provider's token", Invalid)
    if not _TOKEN.fullmatch(value):
        raise refused("/payment/token", "not a payment token", Invalid)
    return value
