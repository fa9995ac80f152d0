"""This is where it is counted how long something may take: clocks in open hours that warn, breach and escalate. Pure.

A clock is a part of the document it concerns. It keeps the open time spent up to `since`; `next_at` is when it has something
to tell next, and indexed.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .calendars import Calendar

WARNED, BREACHED = "warned", "breached"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long something may take, in seconds of open time. It is warned `warn_s` before the end, or that share of the
    duration (`warn_bp`, in hundredths of a percent), whichever is given; after the breach it escalates whenever one more of
    `escalate_s` (counted from the breach, rising) has gone by."""

    duration_s: int
    warn_s: int = 0
    warn_bp: int = 0
    escalate_s: Sequence[int] = ()
    calendar: str = ""

    def steps(self) -> list[tuple[int, str, int]]:
        """What is told, in order: (open milliseconds since the start, `warned` or `breached`, level). A warning has level 0,
        the breach level 1, every escalation one more."""
        warn = self.warn_s * 1000 or self.duration_s * self.warn_bp // 10
        whole = self.duration_s * 1000
        warning = [(max(0, whole - warn), WARNED, 0)] if warn else []
        later = [(whole + 1000 * s, BREACHED, level) for level, s in enumerate(self.escalate_s, 2)]
        return [*warning, (whole, BREACHED, 1), *later]


@dataclass(frozen=True, slots=True)
class Terms:
    """What clocks run by since some moment: policies and the calendars they name. Never changed: a new revision follows."""

    revision: int
    since: datetime
    policies: Mapping[str, Policy]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def calendar_of(self, policy: str) -> Calendar:
        """The calendar of a policy; one without runs day and night."""
        return self.calendars.get(self.policies[policy].calendar, Calendar())


@dataclass(frozen=True, slots=True)
class Step:
    """Something a clock tells: `warned` or `breached`, at which level, and when it was due."""

    kind: str
    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SlaClock:
    """`spent_ms` of open time up to `since`; it runs while `since` is set. `told` are the steps told so far, `terms` the
    revision it runs by (none once it has stopped). `turn` rises with every change: each is written on condition of it."""

    policy: str
    started_at: datetime
    terms: int | None
    since: datetime | None
    spent_ms: int = 0
    paused: str = ""
    told: int = 0
    due_at: datetime | None = None
    next_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    turn: int = 1

    @property
    def state(self) -> str:
        """`running`, `paused` or `stopped`."""
        return "stopped" if self.stopped_at else "paused" if self.paused else "running"


def begun(policy: str, terms: Terms, at: datetime) -> SlaClock:
    """A clock that runs from this moment."""
    return _foreseen(SlaClock(policy, at, terms.revision, at), terms)


def spent(clock: SlaClock, terms: Terms, at: datetime) -> timedelta:
    """Open time it has run."""
    running = terms.calendar_of(clock.policy).open_between(clock.since, at) if clock.since else timedelta()
    return timedelta(milliseconds=clock.spent_ms) + running


def paused(clock: SlaClock, terms: Terms, reason: str, at: datetime) -> SlaClock:
    """It stands still; one that does already is left as it is."""
    if clock.state != "running":
        return clock
    return _changed(_settled(clock, terms, at), since=None, paused=reason, due_at=None, next_at=None)


def resumed(clock: SlaClock, terms: Terms, at: datetime) -> SlaClock:
    """It runs on."""
    return clock if clock.state != "paused" else _foreseen(_changed(clock, since=at, paused=""), terms)


def stopped(clock: SlaClock, terms: Terms, at: datetime) -> SlaClock:
    """What it waited for has happened; it tells nothing more. `due_at` stays as what had been promised."""
    if clock.stopped_at:
        return clock
    return _changed(_settled(clock, terms, at), since=None, paused="", next_at=None, stopped_at=at, terms=None)


def under(clock: SlaClock, old: Terms, new: Terms) -> SlaClock:
    """It runs by the next terms from the moment they are in force, and keeps what it has spent. What it had told and is not
    due by them will be told when it is."""
    if clock.terms != old.revision:
        return clock
    if clock.since:
        clock = _settled(clock, old, max(new.since, clock.since))
    due = [kind for ms, kind, _ in new.policies[clock.policy].steps() if ms <= clock.spent_ms]
    told = min(clock.told, len(due))
    breached_at = clock.breached_at if BREACHED in due[:told] else None
    return _foreseen(_changed(clock, terms=new.revision, told=told, breached_at=breached_at), new)


def struck(clock: SlaClock, terms: Terms, now: datetime) -> tuple[SlaClock, list[Step]]:
    """The clock after telling all that is due, and what that is."""
    steps: list[Step] = []
    while clock.next_at and clock.next_at <= now:
        _, kind, level = terms.policies[clock.policy].steps()[clock.told]
        steps.append(Step(kind, level, clock.next_at))
        seen = {"warned_at" if kind == WARNED else "breached_at": clock.next_at} if level < 2 else {}
        clock = _foreseen(_changed(clock, told=clock.told + 1, **seen), terms)
    return clock, steps


def _settled(clock: SlaClock, terms: Terms, at: datetime) -> SlaClock:
    """What has run up to now is spent."""
    whole = spent(clock, terms, at) // timedelta(milliseconds=1)
    return dataclasses.replace(clock, spent_ms=whole, since=max(at, clock.since) if clock.since else None)


def _foreseen(clock: SlaClock, terms: Terms) -> SlaClock:
    """With the moments it is due and tells next, if it runs."""
    if clock.since is None:
        return clock
    policy, calendar, since = terms.policies[clock.policy], terms.calendar_of(clock.policy), clock.since

    def moment(ms: int) -> datetime:
        if ms >= clock.spent_ms:
            return calendar.after(since, timedelta(milliseconds=ms - clock.spent_ms))
        return since  # it has been spent already

    steps = policy.steps()
    left = steps[clock.told :]
    due_at = moment(policy.duration_s * 1000)
    return dataclasses.replace(clock, due_at=due_at, next_at=moment(left[0][0]) if left else None)


def _changed(clock: SlaClock, **changes: object) -> SlaClock:
    return dataclasses.replace(clock, turn=clock.turn + 1, **changes)  # type: ignore[arg-type]
