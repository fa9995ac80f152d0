"""This is where what comes in is measured: codes, texts, pages. Pure."""

import re

from services.kit.errors import FieldError, Invalid

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_WAYBILL = re.compile(r"[A-Za-z0-9-]{1,40}")
MOST_A_PAGE = 100
_USUAL_PAGE = 20


class InvalidPage(Invalid):
    """No such page of this list."""


def page_limit(limit: int) -> int:
    """How many items a page has; 0 means 20. Refuses with `InvalidPage` outside 0–100."""
    if not 0 <= limit <= MOST_A_PAGE:
        raise InvalidPage("a page has 1 to 100 items", errors=[FieldError("/page/limit", "must be from 1 to 100")])
    return limit or _USUAL_PAGE


def is_code(text: str) -> bool:
    """Whether it can name a warehouse or a template."""
    return _CODE.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Whether it can be an id at all."""
    return _ID.fullmatch(text) is not None


def is_country(text: str) -> bool:
    """Whether it has the shape of an ISO 3166-1 alpha-2 code."""
    return _COUNTRY.fullmatch(text) is not None


def is_waybill(text: str) -> bool:
    """Whether it has the shape of a waybill number."""
    return _WAYBILL.fullmatch(text) is not None


def is_text(text: str, most: int, least: int = 0) -> bool:
    """Whether it is printable, one line, and from `least` to `most` characters long."""
    return least <= len(text) <= most and (text.isprintable() or not text)


def tidied(text: str, most: int) -> str:
    """A foreign text made harmless: one printable line of at most `most` characters."""
    return "".join(c if c.isprintable() else " " for c in text[:most]).strip()
