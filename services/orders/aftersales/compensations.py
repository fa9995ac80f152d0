"""This is where it stands what customers are given: by reason and lateness, bounded an order, written down with who."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.errors import FieldError, Invalid
from services.orders import limits
from services.orders.orders import Order

KINDS = ("cash", "points", "coupon", "tier")
REASONS = ("late_shipment", "late_delivery", "damaged", "wrong_item", "missing", "quality", "service")
LATE = ("late_shipment", "late_delivery")
RULES = "rules"
_MOST_RULES = 50
_MOST = 10**9


class InvalidCompensation(Invalid):
    """Not a compensation, or not rules for them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is given for a reason, from so many hours late on.

    `kind`: `cash` and `coupon` are worth `minor`, or `percent_bp` hundredths of a per cent of what the goods cost; `points`:
    `points`; `tier`: `tier` for `tier_days`. A coupon is granted as a voucher of `coupon`; without one, or when it cannot be
    granted, in points of the same worth.
    """

    reason: str
    kind: str
    from_hours: int = 0
    minor: int = 0
    percent_bp: int = 0
    points: int = 0
    tier: str = ""
    tier_days: int = 0
    coupon: str = ""


def _first() -> list[Rule]:
    return [
        Rule("late_shipment", "points", 24, points=200),
        Rule("late_shipment", "cash", 72, percent_bp=500),
        Rule("late_delivery", "points", 24, points=200),
        Rule("late_delivery", "coupon", 72, minor=500),
        Rule("damaged", "cash", percent_bp=1000),
        Rule("wrong_item", "cash", percent_bp=500),
        Rule("missing", "points", points=300),
        Rule("quality", "cash", percent_bp=1000),
        Rule("service", "coupon", minor=5000),
    ]


@dataclass
class Rules:
    """The table. `order_max_minor`: what an order's compensations are worth together at most, points at their value."""

    id: str = RULES
    rules: list[Rule] = field(default_factory=_first)
    order_max_minor: int = 20_000
    currency: str = "CNY"
    by: str = "shop"
    updated_at: datetime | None = None
    version: int = 0

    def rule(self, reason: str, late_hours: int) -> Rule | None:
        """The one that holds: of the same reason the one that starts latest and has started."""
        started = [rule for rule in self.rules if rule.reason == reason and rule.from_hours <= late_hours]
        return max(started, key=lambda rule: rule.from_hours, default=None)


@dataclass
class Grant:
    """What was given, by which rule. `cash_minor` is what really went back; what of it could not is in `points`."""

    id: str
    reason: str
    rule: Rule
    late_hours: int
    worth_minor: int
    minor: int
    points: int
    by: str
    at: datetime
    return_id: str = ""
    cash_minor: int = 0
    voucher: str = ""
    done: bool = False


@dataclass
class Compensations:
    """All of an order's (the id is the order's), so that their bound is kept in one document."""

    id: str
    customer_id: str
    currency: str
    worth_minor: int = 0
    grants: list[Grant] = field(default_factory=list)
    due_at: datetime | None = None
    version: int = 0

    def of(self, reason: str) -> Grant | None:
        """The one for a reason: there is one at most."""
        return next((grant for grant in self.grants if grant.reason == reason), None)


def late_hours(order: Order, reason: str, now: datetime) -> int:
    """Whole hours beyond what was promised; 0 when in time, or when the reason is no lateness."""
    if reason == "late_shipment" and order.ship_by:
        left = [one.shipped_at for one in order.shipments.values() if one.shipped_at]
        done = max(left) if left and len(left) >= max(1, order.shipments_planned) else now
        return max(0, int((done - order.ship_by).total_seconds() // 3600))
    promises = [one.deliver_by for one in order.shipments.values() if one.deliver_by]
    if reason == "late_delivery" and promises:
        return max(0, int(((order.delivered_at or now) - max(promises)).total_seconds() // 3600))
    return 0


def worth(rule: Rule, goods_minor: int, point_value: int) -> int:
    """What a rule gives for goods that cost so much (minor units); a tier is worth nothing that could be added up."""
    if rule.kind in ("cash", "coupon"):
        return rule.minor or goods_minor * rule.percent_bp // 10_000
    return rule.points * point_value if rule.kind == "points" else 0


def check(rules: Sequence[Rule], order_max_minor: int) -> None:
    """Refuses with INVALID_COMPENSATION."""
    faults: list[FieldError] = []
    if len(rules) > _MOST_RULES:
        faults.append(FieldError("/rules", f"at most {_MOST_RULES}"))
    if not 0 <= order_max_minor <= _MOST:
        faults.append(FieldError("/order_max", f"0 to {_MOST}"))
    for number, rule in enumerate(rules):
        at = f"/rules/{number}"
        chosen: list[tuple[str, Any]] = [("reason", REASONS), ("kind", KINDS)]
        faults += [
            FieldError(f"{at}/{name}", f"one of {', '.join(allowed)}")
            for name, allowed in chosen
            if getattr(rule, name) not in allowed
        ]
        numbers = (rule.minor, rule.points, rule.from_hours, rule.tier_days)
        if any(not 0 <= value <= _MOST for value in numbers) or not 0 <= rule.percent_bp <= 10_000:
            faults.append(FieldError(at, "zero or more, and at most 100 %"))
        if rule.tier not in ("", "silver", "gold", "platinum") or bool(rule.tier) != (rule.kind == "tier"):
            faults.append(FieldError(f"{at}/tier", "silver, gold or platinum, for this kind alone"))
        limits.text(rule.coupon, f"{at}/coupon", 64, InvalidCompensation)
    if len({(rule.reason, rule.from_hours) for rule in rules}) != len(rules):
        faults.append(FieldError("/rules", "one a reason and lateness"))
    if faults:
        raise InvalidCompensation(faults[0].message, errors=faults)
