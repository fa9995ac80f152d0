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
    "EXCEPTION_NOT_FOUND": Text(404, "There is no such exception", "异常单不存在", "See GET /v1/exceptions."),
    "EXCEPTION_CLOSED": Text(
        409, "The exception is resolved already", "异常单已处理完毕", "Open another if it is not."
    ),
    "EXCEPTION_FULL": Text(
        409, "Nothing more can be written of the exception", "异常单记录已满", "Resolve it, and open another."
    ),
    "NOT_RESHIPPABLE": Text(
        409, "It cannot be sent once more", "无法补发", "It was not paid for, or there is none of it: refund it."
    ),
    "INVALID_RESHIP": Text(
        400, "Nothing like that is sent once more", "补发内容有误", "Name only what was ordered, and not more of it."
    ),
    "REFUND_FAILED": Text(
        409,
        "The provider does not give it back",
        "支付渠道退款失败",
        "See the order's payments: give it back another way.",
    ),
    "INVALID_REFUND": Text(
        400, "Nothing like that is refunded", "退款内容有误", "Name only what was ordered and has not come back."
    ),
    "TOO_LATE_TO_READDRESS": Text(
        409,
        "The order's address cannot be changed any more",
        "订单已无法修改地址",
        "Ask the carrier, or open an exception.",
    ),
    "ADDRESS_TOO_FAR": Text(
        400, "Sending it there costs something else", "新地址运费不同", "Cancel the order, and order again."
    ),
    "INVALID_SLA": Text(
        400,
        "Nothing can be timed like that",
        "时限设置有误",
        "Each entry of `errors` points at what is wrong; mend it.",
    ),
}
