"""This is where paid orders are sorted: into classes, and by how soon somebody should look at them (O06). Pure."""

from datetime import timedelta

from .orders import Order

AT_RISK_FIRST, URGENT_FIRST, USUAL, PREORDER_LAST = 1, 2, 5, 8
URGENT, AT_RISK, STOCK_OUT, PREORDER = "urgent", "at_risk", "stock_out", "preorder"
_FAST = frozenset({"express", "same-city"})
_FAST_DAYS = 1
_SOON = timedelta(days=_FAST_DAYS)
# What a class is called where that is not the reason of the hold.
_CLASS_OF = {"fraud_review": "fraud_hold", "qc": "qc_hold"}


def class_of(reason: str) -> str:
    """The class an order is in while it is held for this reason."""
    return _CLASS_OF.get(reason, reason)


def sort(order: Order) -> None:
    """Puts an order where it belongs by what keeps it and how fast it was promised. Other marks stay."""
    marks = set(order.classes) - {class_of(hold.reason) for hold in order.holds}
    if _is_fast(order):
        marks.add(URGENT)
    classes = marks | {class_of(hold.reason) for hold in order.held}
    order.classes = sorted(classes)
    by_class = {AT_RISK: AT_RISK_FIRST, URGENT: URGENT_FIRST, PREORDER: PREORDER_LAST}
    usual = min((by_class[name] for name in classes if name in by_class), default=USUAL)
    order.priority = min(usual, order.priority or usual)
    order.rank = rank(order.priority, order.id)


def _is_fast(order: Order) -> bool:
    """Whether it is to be there soon: by its delivery window, else by the way it is sent."""
    if order.window:
        return order.window.from_at - (order.paid_at or order.placed_at) <= _SOON
    return order.delivery.id in _FAST or 0 < order.delivery.max_days <= _FAST_DAYS


def rank(priority: int, order_id: str) -> str:
    """What worklists are sorted by: the urgent first, of those the oldest."""
    return f"{priority}{order_id}"
