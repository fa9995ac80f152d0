"""This is where it is said whether a line may come back: the terms frozen at purchase, the days since delivery. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from services.kit.errors import WrongState

from .reasons import GOODS_COME_BACK, Group, Kind, Reason

NO_REASON_DAYS = 7  # the consumer's right
FAULT_DAYS = 15
DELIVERY_DAYS = 7
EXCLUSIONS = ("custom", "perishable", "hygiene", "digital", "listed")  # `listed`: the product's own page says so


class NotReturnable(WrongState):
    """Goods of this sort do not come back without a fault (metadata: sku, excluded)."""


class WindowClosed(WrongState):
    """The days for this reason are over (metadata: sku, days, until)."""


class KindNotAllowed(WrongState):
    """Not for this reason (metadata: kind)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was promised of a line when it was bought. Days count from the day after delivery, by the calendar."""

    policy: str = "shop"
    version: int = 0
    no_reason_days: int = NO_REASON_DAYS
    fault_days: int = FAULT_DAYS
    delivery_days: int = DELIVERY_DAYS
    excluded: str = ""  # one of EXCLUSIONS: not without a fault
    freight: str = "customer"  # who pays the way back when nothing is wrong: `customer` or `shop`
    insured: bool = False  # the way back is insured, at no charge

    def days(self, group: Group) -> int:
        """How many days a reason of this group may be given."""
        return {
            Group.PREFERENCE: self.no_reason_days,
            Group.FAULT: self.fault_days,
            Group.DELIVERY: self.delivery_days,
        }[group]


USUAL = Terms()


def until(delivered_at: datetime, days: int, zone: tzinfo) -> datetime:
    """The first moment that is too late: the end of the `days`th day after the day of delivery, where the shop is."""
    day = delivered_at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone)


def check(
    sku: str, terms: Terms, reason: Reason, kind: Kind, delivered_at: datetime | None, now: datetime, zone: tzinfo
) -> None:
    """Refuses with KIND_NOT_ALLOWED, NOT_RETURNABLE, WINDOW_CLOSED. What was never delivered has no window."""
    if kind not in reason.kinds:
        raise KindNotAllowed(f"{kind.value} is not for this reason", kind=kind.value)
    if terms.excluded and reason.group is Group.PREFERENCE:
        raise NotReturnable(f"{sku} does not come back without a fault", sku=sku, excluded=terms.excluded)
    if delivered_at is None:
        return
    end = until(delivered_at, terms.days(reason.group), zone)
    if now >= end:
        days = terms.days(reason.group)
        raise WindowClosed(f"{days} days are over", sku=sku, days=days, until=end.isoformat())


def freight_payer(terms: Terms, reason: Reason, kind: Kind) -> str:
    """Who pays the way back: `shop` for every fault; empty when nothing comes back."""
    if kind not in GOODS_COME_BACK:
        return ""
    return terms.freight if reason.group is Group.PREFERENCE else "shop"
