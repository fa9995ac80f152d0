"""This is where it stands how long things may take until staff say otherwise, and what they may say. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

from services.kit.calendars import Calendar, NeverOpen, Span
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, VersionMismatch
from services.kit.sla import Policy, Terms
from services.orders.timers import TermsBook

_HOUR = 3600
SHIP_BY, CONTACT, RETURN_REVIEW = "ship_by", "exception_contact", "return_review"
POLICIES: dict[str, Policy] = {
    SHIP_BY: Policy(24 * _HOUR, warn_s=4 * _HOUR, escalate_s=[24 * _HOUR]),
    CONTACT: Policy(24 * _HOUR, warn_s=2 * _HOUR, escalate_s=[4 * _HOUR, 24 * _HOUR]),
    RETURN_REVIEW: Policy(24 * _HOUR, warn_s=2 * _HOUR, escalate_s=[24 * _HOUR]),
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LONGEST_S = 366 * 24 * _HOUR
_MOST = 50
_SOON = timedelta(days=730)


class InvalidSla(Invalid):
    """Nothing can be timed like that."""


def _no(pointer: str, message: str) -> InvalidSla:
    return InvalidSla(message, errors=[FieldError(pointer, message)])


class Deadlines:
    """What staff say about how long things may take: every change is a new revision of the terms."""

    def __init__(self, book: TermsBook, clock: Clock) -> None:
        self._book, self._clock = book, clock

    async def terms(self) -> Terms:
        """The newest."""
        return await self._book.refresh()

    async def put_policy(self, name: str, policy: Policy, if_revision: int) -> Terms:
        """The terms with this policy. Refuses with INVALID_SLA, VERSION_MISMATCH."""
        terms = await self._seen(if_revision)
        _check(name, policy, terms)
        self._check_ends(policy, terms.calendars.get(policy.calendar, Calendar()))
        return await self._book.add({**terms.policies, name: policy}, terms.calendars, terms.revision)

    async def put_calendar(self, name: str, calendar: Calendar, if_revision: int) -> Terms:
        """The terms with this calendar. Refuses with INVALID_SLA, VERSION_MISMATCH."""
        terms = await self._seen(if_revision)
        _check_calendar(name, calendar, terms)
        for policy in terms.policies.values():
            if policy.calendar == name:
                self._check_ends(policy, calendar)
        return await self._book.add(terms.policies, {**terms.calendars, name: calendar}, terms.revision)

    def _check_ends(self, policy: Policy, calendar: Calendar) -> None:
        """A clock that is never due must not be begun."""
        now, whole = self._clock.now(), timedelta(milliseconds=policy.steps()[-1][0])
        try:
            ends = calendar.after(now, whole)
        except NeverOpen:
            ends = now + 2 * _SOON
        if ends > now + _SOON:
            raise _no("/week", "open too seldom: what runs by it would take more than two years")

    async def _seen(self, if_revision: int) -> Terms:
        terms = await self._book.refresh()
        if if_revision and terms.revision != if_revision:
            raise VersionMismatch(f"the terms have changed since revision {if_revision}")
        return terms


def _check(name: str, policy: Policy, terms: Terms) -> None:
    _check_name(name, terms.policies)
    if not 60 <= policy.duration_s <= _LONGEST_S:
        raise _no("/duration_s", "a minute to a year")
    if not 0 <= policy.warn_s < policy.duration_s:
        raise _no("/warn_s", "less than the duration")
    if not 0 <= policy.warn_bp < 10_000 or (policy.warn_s and policy.warn_bp):
        raise _no("/warn_bp", "0 to 9999, and not beside `warn_s`")
    rising = [0, *policy.escalate_s]
    if len(rising) > 6 or any(b <= a for a, b in pairwise(rising)) or rising[-1] > _LONGEST_S:
        raise _no("/escalate_s", "at most five, above zero and rising, a year at most")
    if policy.calendar and policy.calendar not in terms.calendars:
        raise _no("/calendar", "no such calendar")


def _check_calendar(name: str, calendar: Calendar, terms: Terms) -> None:
    _check_name(name, terms.calendars)
    if calendar.zone not in available_timezones():
        raise _no("/zone", "an IANA time zone: Asia/Shanghai")
    if len(calendar.week) != 7 or not any(calendar.week):
        raise _no("/week", "seven days, Monday first, open on one at least")
    if len(calendar.special) > 400:
        raise _no("/special", "at most 400 dates")
    for day in calendar.special:
        if not _is_date(day):
            raise _no("/special", "dates: 2026-10-01")
    for spans in (*calendar.week, *calendar.special.values()):
        _check_day(spans)


def _check_day(spans: Sequence[Span]) -> None:
    edges = [edge for span in spans for edge in (span.opens, span.closes)]
    if len(spans) > 6 or edges != sorted(edges) or any(not 0 <= s.opens < s.closes <= 1440 for s in spans):
        raise _no("/week", "at most six spans of a day, in order, none into another")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_name(name: str, known: Mapping[str, object]) -> None:
    if not _NAME.fullmatch(name):
        raise _no("/id", "1 to 40 lower-case letters, digits, `_`, `-`")
    if name not in known and len(known) >= _MOST:
        raise _no("/id", f"at most {_MOST} of them")
