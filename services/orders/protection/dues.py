"""This is where it is worked out what a fallen price owes a line. Pure.

What was paid counts as it was frozen at purchase: after discounts and coupons, without what points paid. Units that have
come back, or are on their way, get nothing; what was given back before is gone. So two drops give what the lower one alone
would.
"""

from datetime import datetime, timedelta

from services.orders.orders import STOREFRONT, Order, OrderLine, State
from services.orders.pricing import paid_for_units

from .drops import Drop
from .policy import ProtectionPolicy

_BOUGHT = (State.PAID, State.SHIPPED, State.DELIVERED)


def covered_until(order: Order, policy: ProtectionPolicy) -> datetime | None:
    """Until when a fall counts; None when it is not protected. What support promised holds whatever the policy."""
    promised = max((each.until for each in order.guarantees), default=None)
    if order.paid_at is None or policy.mode == "off":
        return promised
    if (order.channel or STOREFRONT) in policy.excluded_channels:
        return promised
    if (not order.customer_id and not policy.guests) or (order.customer_type == "b2b" and not policy.businesses):
        return promised
    usual = order.paid_at + policy.span
    return max(usual, promised) if promised else usual


def claimed_until(order: Order, policy: ProtectionPolicy) -> datetime | None:
    """Until when what fell may be claimed: a few days after the last fall that counts."""
    until = covered_until(order, policy)
    return until + timedelta(days=policy.claim_days) if until else None


def covered(line: OrderLine, policy: ProtectionPolicy) -> int:
    """How many units of a line are protected."""
    if line.sku in policy.excluded_skus or line.category in policy.excluded_categories:
        return 0
    return min(line.kept, policy.most_units)


def due(order: Order, drop: Drop, policy: ProtectionPolicy) -> int:
    """What the order is owed for a drop (minor units), as far as the order itself goes; 0 once it has been reserved."""
    line, until = order.line(drop.sku), covered_until(order, policy)
    if line is None or order.paid_at is None or until is None or order.state not in _BOUGHT or order.held:
        return 0
    if order.currency != drop.currency or not order.paid_at <= drop.at <= until or reserved(order, drop):
        return 0
    units = covered(line, policy)
    if not units:
        return 0
    paid = paid_for_units(line.paid, line.quantity, line.returned, units) - line.protected_minor
    owed = min(paid - units * drop.new_minor, line.left, order.captured_minor - order.refunded_minor)
    if policy.cap_order_minor:
        owed = min(owed, policy.cap_order_minor - sum(each.minor for each in order.protections))
    return max(0, owed)


def reserved(order: Order, drop: Drop) -> int:
    """What is reserved, or paid, for a drop already."""
    return sum(each.minor for each in order.protections if each.drop_id == drop.id)
