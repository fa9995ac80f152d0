"""This is where it is judged how sound a SKU's stock is: dead, too much, too little or healthy; and what to do. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

UNTOLD = -1  # no number can be given


class Flag(StrEnum):
    """How it stands with a SKU's stock; the first that holds."""

    OUT = "out"  # nothing can be ordered
    DEAD = "dead"  # nobody wanted one for long
    LOW = "low"  # below its line
    OVERSTOCK = "overstock"  # lasts longer than it should
    HEALTHY = "healthy"


class Action(StrEnum):
    """What is proposed."""

    NONE = "none"
    REORDER = "reorder"
    TRANSFER = "transfer"
    PROMOTE = "promote"
    RETURN = "return_to_supplier"


SAID: Mapping[Action, tuple[str, str]] = {
    Action.NONE: ("Leave it", "无需处理"),
    Action.REORDER: ("Reorder", "补货"),
    Action.TRANSFER: ("Transfer to the warehouse that runs low", "调拨到缺货仓库"),
    Action.PROMOTE: ("Clear it by a promotion", "通过促销清仓"),
    Action.RETURN: ("Return it to the supplier", "退回供应商"),
}
_NEW_DAYS = 60  # what came so lately a supplier may still take back


@dataclass(frozen=True, slots=True)
class Age:
    """How long units have been here, first in first out: in the mean, and the oldest."""

    mean_days: int = UNTOLD
    oldest_days: int = UNTOLD


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a SKU's stock."""

    units: int
    available: int
    daily_milli: int
    last_sale: str  # day; empty when nothing was sold within a year
    age: Age
    target_days: int
    low: bool
    low_elsewhere: bool  # one warehouse is below its line

    @property
    def cover_tenths(self) -> int:
        """Days the stock lasts, in tenths; `UNTOLD` when it does not sell."""
        return self.units * 10_000 // self.daily_milli if self.daily_milli else UNTOLD

    @property
    def excess(self) -> int:
        """Units above the target."""
        return max(0, self.units - -(-self.daily_milli * self.target_days // 1000)) if self.units else 0


def flag_of(standing: Standing, today: date, dead_after_days: int) -> Flag:
    """The first flag that holds."""
    if not standing.units:
        return Flag.OUT
    if _idle_days(standing, today) >= dead_after_days:
        return Flag.DEAD
    if standing.available <= 0:
        return Flag.OUT
    if standing.low:
        return Flag.LOW
    if standing.cover_tenths > standing.target_days * 10:
        return Flag.OVERSTOCK
    return Flag.HEALTHY


def _idle_days(standing: Standing, today: date) -> int:
    """Days without a sale although it was there: since the last sale, or since the oldest unit came."""
    since_sale = (today - date.fromisoformat(standing.last_sale)).days if standing.last_sale else 10**6
    return min(since_sale, standing.age.oldest_days) if standing.age.oldest_days != UNTOLD else 0


def action_of(flag: Flag, standing: Standing) -> Action:
    """What to do about it."""
    if flag is Flag.HEALTHY:
        return Action.TRANSFER if standing.low_elsewhere else Action.NONE
    if flag in (Flag.LOW, Flag.OUT):
        return Action.REORDER
    if standing.low_elsewhere:
        return Action.TRANSFER
    if standing.age.mean_days != UNTOLD and standing.age.mean_days <= _NEW_DAYS:
        return Action.RETURN
    return Action.RETURN if flag is Flag.DEAD and not standing.last_sale else Action.PROMOTE


def age_of(units: int, came: Sequence[tuple[datetime, int]], now: datetime) -> Age:
    """The age of what lies there, when the first to come are the first to go: what is left came last.

    `came`: receipts, newest first. What no receipt explains is as old as the oldest one.
    """
    left, days_units, oldest = units, 0, UNTOLD
    for at, quantity in came:
        if left <= 0:
            break
        oldest = max(0, (now - at) // timedelta(days=1))
        taken = min(left, quantity)
        days_units, left = days_units + taken * oldest, left - taken
    if oldest == UNTOLD or not units:
        return Age()
    return Age((days_units + max(0, left) * oldest) // units, oldest)
