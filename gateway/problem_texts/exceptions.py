"""This is where problems are named that concern holds, deadlines and exceptions."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "NOT_HOLDABLE": Text(
        409,
        "The order cannot be held or let go now",
        "订单当前无法暂停或放行",
        "Only what is paid and not sent can be.",
    ),
    "TOO_LATE_TO_HOLD": Text(
        409, "A parcel of the order has left", "订单已有包裹发出", "Open an exception, or ask the carrier to stop it."
    ),
    "HOLD_NOT_FOUND": Text(
        404,
        "The order was never held for this reason",
        "订单未因此原因被暂停",
        "GET the order: `holds` has the reasons.",
    ),
    "SHIPMENT_HELD": Text(
        409, "The order of the parcel is held", "包裹所属订单已暂停", "GET the order: let go of its holds first."
    ),
    "NOT_PLANNED_YET": Text(503, "The order is not planned yet", "订单尚未安排发货", "Try again in a moment."),
    "INVALID_TRIAGE_RULE": Text(
        400,
        "No order can be sorted by that",
        "分拣规则有误",
        "Each entry of `errors` points at what is wrong; mend it.",
    ),
    "INVALID_SLA": Text(
        400,
        "Nothing can be timed like that",
        "时限设置有误",
        "Each entry of `errors` points at what is wrong; mend it.",
    ),
}
