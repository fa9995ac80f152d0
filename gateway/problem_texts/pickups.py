"""This is where problems are named that concern orders that are picked up."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "PICKUP_POINT_NOT_FOUND": Text(
        404, "No store of that code gives out orders", "自提点不存在", "See `GET /v1/carts/{id}/pickup-points`."
    ),
    "STORE_SHORT": Text(
        409, "The store has not enough of it", "门店库存不足", "Choose another store, or have it sent."
    ),
    "TOO_MUCH_TO_PICK_UP": Text(409, "Too many lines to pick up", "自提商品行数过多", "Pick up at most 100 lines."),
    "PICKUP_PREPAID": Text(
        409, "What is picked up is paid before", "自提订单须先付款", "Choose another method of payment."
    ),
    "NOT_PICKED_UP": Text(
        404, "It is not picked up, or not paid", "非自提订单或未付款", "See the order's `fulfilment` and `state`."
    ),
    "PICKUP_NOT_READY": Text(
        409, "It cannot be done as it is", "自提单当前状态不允许", "See its state: `GET /v1/pickups`."
    ),
    "PICKUP_HELD": Text(409, "Something keeps the order", "订单被挂起", "Let its holds go first."),
    "PICKUP_CODE_WRONG": Text(409, "Not its code", "提货码错误", "Look at the code again; `left` says how often."),
    "PICKUP_LOCKED": Text(
        429, "The code was tried too often", "提货码尝试次数过多", "Make a new one: `POST /v1/pickups/{id}/code`."
    ),
    "STORES_AWAY": Text(503, "Stores cannot be asked now", "暂时无法查询门店", "Try again in a moment."),
}
