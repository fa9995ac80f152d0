"""This is where a price rule is: what it takes off, when, and by which steps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from services.catalog.fields import MAX_MINOR, MAX_UNITS, Faults
from services.catalog.price_history import BY_RULE
from services.kit.errors import Invalid, NotFound
from services.kit.money import Money

from .selections import Selection

_MOST_STEPS = 20
_MOST_MINUTES = 366 * 24 * 60


class InvalidPriceRule(Invalid):
    """The rule is not what a price rule must be."""


class PriceRuleNotFound(NotFound):
    """There is no such rule."""


class RuleKind(StrEnum):
    """When a rule is in force."""

    LIMITED_TIME = "limited_time"  # once, from a moment to another
    SEASONAL = "seasonal"  # every year, from a day to another
    FLASH_STEPS = "flash_steps"  # once, and its price goes by steps


@dataclass
class Cut:
    """What is taken off the regular price: one of a share, an amount, or all above a fixed price."""

    percent_bp: int = 0
    amount_off: Money | None = None
    price: Money | None = None

    def of(self, regular: Money) -> Money | None:
        """The price that is left, rounded down; None when the cut does not lower this one, or leaves nothing of it."""
        fixed = self.price or self.amount_off
        if fixed is not None and fixed.currency != regular.currency:
            return None
        left = regular.minor * (10_000 - self.percent_bp) // 10_000
        if self.amount_off is not None:
            left = regular.minor - self.amount_off.minor
        if self.price is not None:
            left = self.price.minor
        return Money(regular.currency, left) if 0 < left < regular.minor else None


@dataclass
class Step:
    """From so many minutes, or so many units sold, on it costs this much."""

    cut: Cut
    after_minutes: int | None = None
    after_units: int | None = None

    @property
    def after(self) -> int:
        """What it counts."""
        return int(self.after_minutes if self.after_minutes is not None else self.after_units or 0)


@dataclass
class Season:
    """Days of every year as `MM-DD`, the last one included, in a zone so far east of UTC; may run over New Year."""

    first_day: str
    last_day: str
    utc_offset_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, the other not included."""

    begins: datetime
    ends: datetime


@dataclass
class PriceRule:
    """A rule; what it does is worked out from the time, so nothing is lost while nobody looks."""

    id: str
    title: str
    kind: RuleKind
    selection: Selection
    cut: Cut | None
    steps: list[Step]
    season: Season | None
    starts_at: datetime
    ends_at: datetime | None  # only a season may come again for ever
    priority: int
    by: str
    created_at: datetime
    open: bool = True
    ended_by: str = ""
    wide: bool = False  # what is listed later may be among its SKUs
    # How far its SKUs are made known; None when they are.
    spread_at: datetime | None = None
    spread_after: str = ""
    version: int = 0

    @property
    def signature(self) -> str:
        """The `by` of the prices it sets."""
        return f"{BY_RULE}{self.id}"

    @property
    def counts_units(self) -> bool:
        """Whether it steps by what is sold."""
        return any(step.after_units is not None for step in self.steps)


def check(rule: PriceRule) -> None:
    """Refuses with INVALID_PRICE_RULE, naming each fault."""
    faults = Faults()
    rule.title = faults.text("/title", rule.title, 200, least=1)
    rule.selection.check(faults)
    faults.number("/priority", rule.priority, -1_000, 1_000)
    if rule.ends_at is not None and rule.ends_at <= rule.starts_at:
        faults.add("/ends_at", "must be after starts_at")
    if rule.ends_at is None and rule.kind is not RuleKind.SEASONAL:
        faults.add("/ends_at", "must say when it ends")
    if (rule.kind is RuleKind.SEASONAL) != (rule.season is not None):
        faults.add("/season", "must be there for a seasonal rule, and only then")
    if rule.season is not None:
        _check_season(faults, rule.season)
    if rule.kind is RuleKind.FLASH_STEPS:
        if rule.cut is not None:
            faults.add("/steps", "must say the prices: a stepped rule has none of its own")
        _check_steps(faults, rule.steps)
    else:
        if rule.steps:
            faults.add("/steps", "must be empty but for flash_steps")
        _check_cut(faults, "", rule.cut)
    faults.refuse(InvalidPriceRule)


def _check_cut(faults: Faults, pointer: str, cut: Cut | None) -> None:
    given = [name for name in ("percent_bp", "amount_off", "price") if cut and getattr(cut, name)]
    if cut is None or len(given) != 1:
        faults.add(f"{pointer}/percent_bp", "must be given, or else amount_off, or else price: one of them")
        return
    if cut.percent_bp:
        faults.number(f"{pointer}/percent_bp", cut.percent_bp, 1, 9_999)
    for name, amount in (("amount_off", cut.amount_off), ("price", cut.price)):
        if amount is not None:
            faults.number(f"{pointer}/{name}/minor", amount.minor, 1, MAX_MINOR)
            faults.currency(f"{pointer}/{name}/currency", amount.currency)


def _check_steps(faults: Faults, steps: Sequence[Step]) -> None:
    if not 1 <= len(steps) <= _MOST_STEPS:
        faults.add("/steps", f"must be 1 to {_MOST_STEPS}")
    by_units = {step.after_units is not None for step in steps}
    by_minutes = {step.after_minutes is not None for step in steps}
    if len(by_units) > 1 or by_units == by_minutes:
        faults.add("/steps", "must all go by minutes, or all by units")
    for i, step in enumerate(steps):
        most = MAX_UNITS if step.after_units is not None else _MOST_MINUTES
        faults.number(f"/steps/{i}/after", step.after, 0, most)
        if i and step.after <= steps[i - 1].after:
            faults.add(f"/steps/{i}", "must come after the step before it")
        _check_cut(faults, f"/steps/{i}", step.cut)


def _check_season(faults: Faults, season: Season) -> None:
    for name in ("first_day", "last_day"):
        try:
            date.fromisoformat(f"2024-{getattr(season, name)}")  # a leap year: it has them all
        except ValueError:
            faults.add(f"/season/{name}", "must be a day of the year: MM-DD")
    faults.number("/season/utc_offset_minutes", season.utc_offset_minutes, -12 * 60, 14 * 60)


def span_of(rule: PriceRule, now: datetime) -> Span | None:
    """The span it is in force now, or the next one; None when there is none left."""
    if rule.season is None:
        spans = [Span(rule.starts_at, rule.ends_at)] if rule.ends_at else []
    else:
        spans = [_season(rule.season, year) for year in range(now.year - 1, now.year + 3)]
    for span in spans:
        begins = max(span.begins, rule.starts_at)
        ends = min(span.ends, rule.ends_at or span.ends)
        if begins < ends and now < ends:
            return Span(begins, ends)
    return None


def _season(season: Season, year: int) -> Span:
    last_year = year + (season.last_day < season.first_day)
    east = timedelta(minutes=season.utc_offset_minutes)
    return Span(
        _midnight(year, season.first_day) - east, _midnight(last_year, season.last_day) - east + timedelta(days=1)
    )


def _midnight(year: int, day: str) -> datetime:
    """29 February of a year without one is its last of February."""
    if day == "02-29" and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        day = "02-28"
    return datetime.fromisoformat(f"{year}-{day}").replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next within a stepped sale: at a moment, or once so many more are sold."""

    cut: Cut
    at: datetime | None = None
    units_left: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule does at a moment: its cut, when that ends by itself, and what comes next."""

    cut: Cut | None
    span: Span | None
    due_at: datetime | None  # when time changes something about it; None: never again
    next_step: NextStep | None = None


def standing(rule: PriceRule, now: datetime, sold: int) -> Standing:
    """What the rule does now; `sold` are the units sold since it began."""
    span = span_of(rule, now) if rule.open else None
    if span is None:
        return Standing(None, None, None)
    if now < span.begins:
        return Standing(None, span, span.begins)
    if not rule.steps:
        return Standing(rule.cut, span, span.ends)
    by_units = rule.counts_units
    so_far = sold if by_units else int((now - span.begins) / timedelta(minutes=1))
    reached = [step for step in rule.steps if step.after <= so_far]
    coming = [step for step in rule.steps if step.after > so_far]
    due_at, following = span.ends, None
    if coming and by_units:
        following = NextStep(coming[0].cut, units_left=coming[0].after - sold)
    elif coming:
        at = span.begins + timedelta(minutes=coming[0].after)
        if at < span.ends:
            due_at, following = at, NextStep(coming[0].cut, at=at)
    return Standing(reached[-1].cut if reached else None, span, due_at, following)
