"""This is where problems are named that concern goods that are sold ahead."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_CAMPAIGN": Text(
        400, "Nothing can be sold ahead like that", "预售活动无效", "Correct what `errors` points at."
    ),
    "CAMPAIGN_NOT_FOUND": Text(404, "There is no such campaign", "预售活动不存在", "See `GET /v1/preorders`."),
    "SOLD_AHEAD_ALREADY": Text(
        409, "It is sold ahead already", "商品已在预售中", "End the other campaign first: a SKU is in one at a time."
    ),
    "PREORDER_SOLD_OUT": Text(
        409, "Not so many are left to be sold ahead", "预售名额不足", "Order fewer: see `GET /v1/preorders/{id}`."
    ),
    "PREORDER_ALONE": Text(
        409, "It is ordered by itself", "预售商品须单独下单", "Take other goods out of the cart, order them apart."
    ),
    "PREORDER_PREPAID": Text(
        409, "It is paid by card or wallet", "预售商品不支持货到付款", "Choose another method of payment."
    ),
    "NO_BALANCE": Text(409, "There is no balance to pay", "没有待付尾款", "See the order's `preorder`."),
    "BALANCE_NOT_DUE": Text(
        409, "The balance is not due yet", "尾款支付尚未开始", "Pay from `preorder.pay_from` of the order on."
    ),
    "BALANCE_OVERDUE": Text(409, "It is too late to pay the balance", "尾款支付已截止", "The order is being closed."),
    "BALANCE_IN_PROGRESS": Text(
        409, "Another payment of it is on its way, or done", "尾款支付处理中", "Look at the order before you try again."
    ),
}
