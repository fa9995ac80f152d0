"""This is where what staff sends is checked, field by field, so that all that is wrong is said at once. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from services.kit.clock import parse_time
from services.kit.errors import FieldError, Invalid

from .shoppers import CHANNELS

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)  # kept instead of "no end": one index then answers what runs
MOST_MINOR = 10**15
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CATEGORY = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_STAFF = re.compile(r"[\x21-\x7e]{0,64}")
_PROMOTION = re.compile(r"prm_[a-z0-9]{1,40}")
_WORD = re.compile(r"[\w.-]{1,64}")
_TITLE_LENGTH = 200
_MOST_NAMED = 50
_MOST_SELECTED = 1_000


class InvalidPage(Invalid):
    """A page has 1 to 100 items; 0 means 20."""


def page_limit(limit: int) -> int:
    """How many items are wanted. Refuses with `InvalidPage`."""
    if not 0 <= limit <= 100:
        raise InvalidPage("a page has 1 to 100 items", errors=[FieldError("/page/limit", "from 1 to 100")])
    return limit or 20


class Check:
    """Collects what is wrong with one input."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def demand(self, fine: bool, pointer: str, message: str) -> None:
        """Notes `message` unless it is fine."""
        if not fine:
            self.errors.append(FieldError(pointer, message))

    def refuse_as(self, refusal: type[Invalid], detail: str) -> None:
        """Refuses when anything was wrong."""
        if self.errors:
            raise refusal(detail, errors=self.errors)

    def title(self, text: str) -> str:
        """What people read; may be empty."""
        self.demand(len(text) <= _TITLE_LENGTH and text.isprintable(), "/title", "at most 200 printable characters")
        return text.strip()

    def by(self, staff_id: str) -> str:
        """Who does it."""
        self.demand(bool(_STAFF.fullmatch(staff_id)), "/by", "a staff id")
        return staff_id

    def time(self, text: str, pointer: str, default: datetime) -> datetime:
        """An RFC 3339 time, or the default for an empty one."""
        try:
            return parse_time(text) or default
        except (ValueError, OverflowError):
            self.demand(False, pointer, "an RFC 3339 time with a zone")
            return default

    def period(self, starts_at: str, ends_at: str, now: datetime) -> tuple[datetime, datetime]:
        """From when until when; not over before it begins, nor already."""
        start, end = self.time(starts_at, "/starts_at", now), self.time(ends_at, "/ends_at", FOREVER)
        self.demand(start < end, "/ends_at", "after starts_at")
        self.demand(now < end, "/ends_at", "in the future")
        return start, end

    def amount(self, currency: str, minor: int, pointer: str) -> None:
        """An amount above zero."""
        self.demand(bool(_CURRENCY.fullmatch(currency)), f"{pointer}/currency", "three capital letters")
        self.demand(0 < minor <= MOST_MINOR, f"{pointer}/minor", f"from 1 to {MOST_MINOR}")

    def percent(self, basis_points: int, at: str = "") -> None:
        """Hundredths of a percent."""
        self.demand(1 <= basis_points <= 9_999, f"{at}/percent_bp", "from 1 to 9,999 hundredths of a percent")

    def word(self, text: str, pointer: str) -> None:
        """A name of one word; may be empty."""
        self.demand(not text or is_word(text), pointer, "1 to 64 letters, digits, _ . -")

    def selected(self, skus: Sequence[str], categories: Sequence[str]) -> None:
        """Which goods."""
        for name, given, pattern in (("skus", skus, _SKU), ("categories", categories, _CATEGORY)):
            self.demand(len(given) <= _MOST_SELECTED, f"/{name}", "at most 1,000")
            for place, text in enumerate(given[:_MOST_SELECTED]):
                self.demand(bool(pattern.fullmatch(text)), f"/{name}/{place}", "not well-formed")

    def audience(self, tiers: Sequence[str], groups: Sequence[str], channels: Sequence[str]) -> None:
        """For whom, and where."""
        for pointer, given in (("/audience/tiers", tiers), ("/audience/groups", groups)):
            self.demand(len(given) <= _MOST_NAMED, pointer, f"at most {_MOST_NAMED}")
            for place, text in enumerate(given[:_MOST_NAMED]):
                self.demand(is_word(text), f"{pointer}/{place}", "1 to 64 letters, digits, _ . -")
        for place, text in enumerate(channels):
            self.demand(text in CHANNELS, f"/channels/{place}", f"one of {', '.join(CHANNELS)}")


def is_word(text: str) -> bool:
    """Whether a tier, a group or a channel could be written so."""
    return bool(_WORD.fullmatch(text))


def is_promotion(text: str) -> bool:
    """Whether a promotion's id could be written so."""
    return bool(_PROMOTION.fullmatch(text))


def is_sku(text: str) -> bool:
    """Whether a SKU could be written so."""
    return bool(_SKU.fullmatch(text))


def is_category(text: str) -> bool:
    """Whether a category's id could be written so; empty for goods of none."""
    return not text or bool(_CATEGORY.fullmatch(text))


def is_currency(text: str) -> bool:
    """Whether an ISO 4217 code could be written so."""
    return bool(_CURRENCY.fullmatch(text))
