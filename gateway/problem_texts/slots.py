"""This is where problems are named that concern delivery windows."""

from gateway.problem_texts.text import Text

_OTHERS = "Choose another: `context.next` names the next free ones, all are in `GET /v1/carts/{id}/delivery-windows`."
TEXTS: dict[str, Text] = {
    "INVALID_DELIVERY_WINDOW": Text(
        400,
        "No delivery window can be so",
        "配送时段设置有误",
        "Each entry of `errors` points at what is wrong; mend it.",
    ),
    "DELIVERY_WINDOW_NOT_FOUND": Text(
        404, "There is no such window", "配送时段不存在", "See `GET /v1/delivery-windows`."
    ),
    "WINDOW_MISSING": Text(
        409,
        "When it is brought is not chosen",
        "请先选择配送时段",
        "Choose one of `GET /v1/carts/{id}/delivery-windows` with the delivery option.",
    ),
    "WINDOW_FULL": Text(409, "There is no place left then", "该配送时段已约满", _OTHERS),
    "WINDOW_CLOSED": Text(409, "Nobody comes then, or not any more", "该配送时段不可预约", _OTHERS),
    "WINDOW_FIXED": Text(
        409,
        "When it is brought cannot be changed any more",
        "配送时段已不能修改",
        "It is changed once, before its cut-off, while it waits to be sent: see the order's `window`.",
    ),
    "NO_WINDOW": Text(404, "It is not brought in a window", "该订单没有配送时段", "See the order's `window`."),
    "AHEAD_WITHOUT_WINDOW": Text(
        409, "What is sold ahead has no window", "预售商品不可选配送时段", "Choose another delivery option."
    ),
    "SLOTS_AWAY": Text(
        503, "Delivery windows cannot be asked about now", "暂时无法查询配送时段", "Try again in a moment."
    ),
}
