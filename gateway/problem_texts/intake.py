"""This is where problems are named that concern channels and what comes in through them."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_CHANNEL": Text(
        400,
        "No channel can be so",
        "渠道信息有误",
        "A code is a slug of at most 32; a store names its warehouse, no other kind has one.",
    ),
    "CHANNEL_NOT_FOUND": Text(404, "There is no such channel", "渠道不存在", "See GET /v1/channels."),
    "CHANNEL_KEY_WRONG": Text(
        401,
        "Neither the channel's key nor staff",
        "渠道密钥无效",
        "Send the channel's key as X-Channel-Key; staff makes a new one by POST /v1/channels/{channel}/keys.",
    ),
    "CHANNEL_CLOSED": Text(
        409, "The channel takes no orders in", "渠道已关闭", "Open it by PUT /v1/channels/{channel}, then send again."
    ),
    "INVALID_CHANNEL_SKU": Text(
        400,
        "No channel can call a SKU so",
        "渠道商品映射有误",
        "A name is 1 to 128 visible characters; a price is above zero.",
    ),
    "INVALID_CHANNEL_ORDER": Text(
        400,
        "No channel can mean that",
        "渠道订单格式有误",
        "The detail says what is wrong; mend it and send it again under the same number.",
    ),
    "CHANNEL_ORDER_NOT_FOUND": Text(404, "Nothing such came in", "渠道订单不存在", "See GET /v1/intake."),
    "NOT_AN_EXCEPTION": Text(
        409, "It is no exception, or no more", "该渠道订单不在异常队列", "Look at it again: GET /v1/intake/{id}."
    ),
    "UNKNOWN_SKU": Text(
        409,
        "Nobody knows which SKU that is",
        "无法识别的商品",
        "Say what the channel means by PUT /v1/channels/{channel}/skus/{channel_sku}, then try it again.",
    ),
    "AMOUNTS_DIFFER": Text(
        409,
        "The amounts do not add up",
        "金额不一致",
        "The lines' `paid_minor` and `freight_minor` are together `total`; ask the channel, mend it and try it again.",
    ),
    "INVALID_ACCOUNT": Text(
        400, "No account can be so", "企业账户信息有误", "The detail points at what is wrong; mend it."
    ),
    "ACCOUNT_NOT_FOUND": Text(404, "There is no such account", "企业账户不存在", "Its contacts see it, and staff."),
    "ACCOUNT_CLOSED": Text(409, "The account may not order", "企业账户已停用", "Ask the shop's finance people."),
    "CREDIT_EXCEEDED": Text(
        409,
        "The account would owe more than it may",
        "超出信用额度",
        "Pay what is due, or have the limit raised; then it is tried again.",
    ),
    "MINIMUM_NOT_REACHED": Text(
        409, "Less than the least order", "未达到最低订购量", "`context` says the least; order as much."
    ),
    "RECEIVABLE_NOT_FOUND": Text(
        404, "Nothing is owed for such an order", "该订单无应收账款", "See GET /v1/receivables."
    ),
    "MORE_THAN_OWED": Text(
        409, "More came in than is owed", "收款超过应收金额", "`context` says what is open; book the rest elsewhere."
    ),
    "INVALID_AMOUNT": Text(400, "An amount is above zero", "金额有误", "Send whole minor units, from 1."),
    "INVALID_SETTLEMENT": Text(400, "No settlement can be so", "结算单有误", "It has a number and 1 to 500 rows."),
}
