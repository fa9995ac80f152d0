"""This is where problems are named that concern carriers and parcels under way."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "CARRIER_NOT_FOUND": Text(
        404,
        "No such carrier",
        "没有此承运商",
        "See /v1/carriers; a partner is added with title, prefix and vocabulary.",
    ),
    "INVALID_CONNECTION": Text(
        400, "Not a carrier as it is described", "承运商设置有误", "Correct what `errors` point at."
    ),
    "ACCOUNT_INCOMPLETE": Text(
        409, "The account with this carrier is not complete", "承运商账户信息不全", "Send the fields that are missing."
    ),
    "LAST_CARRIER": Text(
        409, "The last carrier that is on stays on", "至少保留一家承运商", "Turn another one on first."
    ),
    "CARRIER_NOT_CONNECTED": Text(
        503, "The account with this carrier is not complete", "承运商未接通", "Complete it at /v1/carriers."
    ),
    "CARRIER_AWAY": Text(503, "The carrier does not answer", "承运商暂无响应", "Nothing happened there; try again."),
    "OUTCOME_UNKNOWN": Text(
        503, "The carrier's answer is lost", "承运商回应丢失", "Ask again: what was ordered once is found."
    ),
    "CARRIER_REFUSED": Text(409, "The carrier will not have it", "承运商拒绝受理", "See the carrier's own code."),
    "NOT_OFFERED": Text(409, "This carrier cannot be asked that", "承运商不支持此操作", "See its abilities."),
    "INVALID_WATCH": Text(400, "Neither stuck nor lost", "状态参数有误", "Ask for `stuck`, `lost`, or leave it out."),
}
