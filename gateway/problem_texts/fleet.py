"""This is where problems are named that concern what the shop brings itself: vehicles, plans, routes, stops, cash."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_VEHICLE": Text(
        400, "No vehicle can be so", "车辆信息有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "INVALID_DELIVERY": Text(
        400,
        "No place or window can be so",
        "配送地点或时段有误",
        "A window has both ends, at most 16 hours apart; a place is in degrees (WGS 84).",
    ),
    "ON_THE_WAY": Text(
        409, "A route brings it already", "包裹已在配送路线中", "Plan the day anew first, or let the rider bring it."
    ),
    "INVALID_PLAN": Text(
        400,
        "That day cannot be planned so",
        "路线规划条件有误",
        "Each entry of `errors` points at what is wrong; mend it.",
    ),
    "PLAN_NOT_FOUND": Text(404, "There is no such plan", "路线规划不存在", "See GET /v1/fleet/plans."),
    "PLAN_NOT_DRAFT": Text(
        409,
        "Only a draft is released",
        "仅草稿可发布",
        "Read the plan until its state is `draft`; plan anew if it failed.",
    ),
    "ROUTE_NOT_FOUND": Text(404, "There is no such route", "路线不存在", "See GET /v1/my-routes, or /v1/fleet/routes."),
    "ROUTE_NOT_OPEN": Text(
        409,
        "The route is not under way",
        "路线未在配送中",
        "Leave first (`depart`). A route that was recalled is replaced by a newer one: see GET /v1/my-routes.",
    ),
    "STOP_NOT_FOUND": Text(
        404, "The route has no such stop", "路线中无此站点", "Stops are named by their shipment's id."
    ),
    "STOP_DONE": Text(
        409,
        "Something else became of the stop",
        "站点状态不允许此操作",
        "Read the route: `state` says what became of it.",
    ),
    "STOPS_OPEN": Text(
        409,
        "Something is still to be brought",
        "仍有未完成的站点",
        "Say of each stop that it is delivered or failed first.",
    ),
    "CASH_DIFFERS": Text(
        409,
        "That is not the cash that is due",
        "收款金额不符",
        "`context` says what is due. Take all of it, or say `failed` with `no_cash`.",
    ),
    "INVALID_PROOF": Text(
        400,
        "That proves nothing",
        "签收凭证有误",
        "Send the SHA-256 of the photo or signature in small hex letters, and who took it.",
    ),
    "INVALID_FAILURE": Text(400, "No such reason", "失败原因有误", "One of the reasons the API describes."),
    "INVALID_FORM": Text(400, "No such form", "打印格式有误", "A route is printed as `sheet` or as `map`."),
    "INVALID_HAND_IN": Text(
        400, "No cash can be so", "交款信息有误", "Each currency once, in whole minor units from 0."
    ),
}
