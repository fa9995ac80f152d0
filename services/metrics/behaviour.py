"""This is where what visitors do is taken in: checked, stripped of what could name somebody, recorded once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock, parse_time
from services.kit.errors import FieldError, Invalid

from .facts import Fact, Facts

BEHAVIOUR = "behaviour"
MOST_EVENTS = 100
_MOST_SKUS = 100
_MOST_DWELL_MS = 24 * 3600 * 1000
_A_DAY_OFF = timedelta(days=1)
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PAGE = re.compile(r"/[^\s?#\x00-\x1f\x7f]{0,199}")
_CHANNEL = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAMES_SOMEBODY = re.compile(r"@|\d[\d\s()+-]{6,}")  # an e-mail or a number: not kept, whatever it was searched for

# The stages of the funnel (K10), by the GA4 names that show a visitor has reached them.
STAGES: dict[str, tuple[str, ...]] = {
    "impression": ("view_item_list", "view_promotion", "view_search_results"),
    "click": ("select_item", "view_item", "select_promotion"),
    "cart": ("add_to_cart",),
    "checkout": ("begin_checkout", "add_shipping_info", "add_payment_info"),
    "pay": ("purchase",),
}
STAGE_OF = {name: stage for stage, names in STAGES.items() for name in names}
NAMES = frozenset(STAGE_OF) | {
    *("page_view", "session_start", "first_visit", "user_engagement", "scroll", "click", "search", "view_cart"),
    *("remove_from_cart", "add_to_wishlist", "refund", "login", "sign_up", "share", "generate_lead", "exception"),
}
# Where a visit may come from (M21); anything else counts as `other`, so that a label stays bounded.
CHANNELS = frozenset(
    (
        *("direct", "search", "search_ads", "feed_ads", "live", "kol", "wechat", "weibo", "douyin", "kuaishou"),
        *("xiaohongshu", "zhihu", "toutiao", "sms", "email", "push", "referral", "social", "store", "offline"),
        *("storefront", "mini_program", "app", "other"),
    )
)


class InvalidEvent(Invalid):
    """Not something a visitor can have done."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a visitor did, as the front end tells it. `at` is RFC 3339, `dwell_ms` milliseconds."""

    event_id: str
    name: str
    at: str
    visitor_id: str
    session_id: str
    channel: str = ""
    page: str = ""
    skus: tuple[str, ...] = ()
    query: str = ""
    dwell_ms: int = 0


class Behaviour:
    """Takes behaviour events in."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    async def record(self, events: Sequence[Seen]) -> tuple[int, int]:
        """How many were new, and how many had been seen before. Refuses all of them with `InvalidEvent`."""
        if len(events) > MOST_EVENTS:
            raise InvalidEvent("too many events", errors=[FieldError("/events", f"has more than {MOST_EVENTS}")])
        now = self._clock.now()
        wrong = [error for index, event in enumerate(events) for error in _wrongs(event, f"/events/{index}", now)]
        if wrong:
            raise InvalidEvent("some of it cannot have happened", errors=wrong[:20])
        new = await self._facts.record([_fact(event) for event in events])
        return sum(new), len(new) - sum(new)


def _wrongs(event: Seen, pointer: str, now: datetime) -> list[FieldError]:
    checks: list[tuple[str, Callable[[], bool], str]] = [
        ("event_id", lambda: bool(_ID.fullmatch(event.event_id)), "is not an id"),
        ("name", lambda: event.name in NAMES, "is not a known event"),
        ("at", lambda: _is_near(event.at, now), "is not a time within a day of now"),
        ("visitor_id", lambda: bool(_ID.fullmatch(event.visitor_id)), "is not an id"),
        ("session_id", lambda: bool(_ID.fullmatch(event.session_id)), "is not an id"),
        ("channel", lambda: not event.channel or bool(_CHANNEL.fullmatch(event.channel)), "is not a channel's name"),
        ("page", lambda: not event.page or bool(_PAGE.fullmatch(event.page)), "is not a path without its query"),
        ("skus", lambda: len(event.skus) <= _MOST_SKUS and all(map(_SKU.fullmatch, event.skus)), "are not SKUs"),
        ("query", lambda: len(event.query) <= 200 and not _CONTROL.search(event.query), "is too long or no text"),
        ("dwell_ms", lambda: 0 <= event.dwell_ms <= _MOST_DWELL_MS, "is not within a day"),
    ]
    return [FieldError(f"{pointer}/{name}", message) for name, is_fine, message in checks if not is_fine()]


def _is_near(text: str, now: datetime) -> bool:
    try:
        at = parse_time(text)
    except (ValueError, OverflowError):
        return False
    return at is not None and abs(at - now) <= _A_DAY_OFF


def channel_of(name: str) -> str:
    """A channel of the list; `direct` for none, `other` for an unknown one."""
    return name if name in CHANNELS else "other" if name else "direct"


def _fact(event: Seen) -> Fact:
    at = parse_time(event.at)
    assert at is not None  # noqa: S101 - checked above
    values: dict[str, object] = {
        "name": event.name,
        "visitor": event.visitor_id,
        "session": event.session_id,
        "channel": channel_of(event.channel),
    }
    if event.page:
        values["page"] = event.page
    if event.skus:
        values["skus"] = list(event.skus)
    if event.query and not _NAMES_SOMEBODY.search(event.query):
        values["query"] = event.query.casefold()
    if event.dwell_ms:
        values["dwell_ms"] = event.dwell_ms
    return Fact(f"beh_{event.event_id}", BEHAVIOUR, at, "", values)
