"""This is where problems are named that concern money: payments, refunds, methods, webhooks."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "PAYMENT_METHOD_NOT_OFFERED": Text(
        409,
        "This order cannot be paid so",
        "该订单不支持此支付方式",
        "`context` says why; GET /v1/payment-methods says what is on offer for the cart.",
    ),
    "INVALID_PAYMENT_METHOD": Text(
        400, "The payment method cannot be set so", "支付方式设置无效", "Correct what `errors` points at."
    ),
    "ORDER_NOT_LIVING": Text(
        409, "The order is not paid, or is over", "订单未支付或已结束", "Read the order; money moves while it lives."
    ),
    "NOTHING_TO_CAPTURE": Text(
        409, "Nothing is left to be taken", "没有可请款金额", "GET /v1/orders/{id}/payments says what is left."
    ),
    "NOTHING_TO_VOID": Text(
        409, "Nothing is left to be let go", "没有可撤销金额", "GET /v1/orders/{id}/payments says what is left."
    ),
    "NOTHING_TO_REFUND": Text(
        409, "More would go back than came", "退款金额超过已收金额", "`context` says how much can go back."
    ),
    "CANCEL_INSTEAD": Text(
        409, "Nothing is taken yet", "尚未请款", "Cancel the order: its authorisation is let go with it."
    ),
    "TOO_MUCH_CHARGED": Text(
        409, "More would be charged than it costs", "收款超过订单金额", "`context` says how much can be charged."
    ),
    "TOO_MANY_MOVEMENTS": Text(
        409, "Too much has moved on this order", "该订单资金变动过多", "Settle the rest outside the shop."
    ),
    "INVALID_REFUND": Text(400, "The refund is not valid", "退款申请无效", "Name an amount or lines, and a reason."),
    "INVALID_AMOUNT": Text(
        400, "The amount is not valid", "金额无效", "Use the order's own currency, and more than zero."
    ),
    "MONEY_UNFINISHED": Text(
        503,
        "The money moves as soon as possible",
        "资金处理中",
        "The provider is away. It is tried again by itself; the same request again goes on at once.",
    ),
    "ORDER_KEEPS_CHANGING": Text(409, "The order keeps changing", "订单正在更新", "Try again in a moment."),
    "NOT_CASH": Text(409, "The order is not paid at the door", "该订单非货到付款", "Read how it is paid."),
    "INVALID_SETTLEMENT": Text(400, "The settlement is not valid", "结算文件无效", "Correct what `errors` points at."),
    "SETTLEMENT_NOT_FOUND": Text(None, "There is no such settlement", "结算文件不存在", "Check the id."),
    "DIFFERENCE_NOT_FOUND": Text(None, "There is no such difference", "差异不存在", "Check the id."),
    "CARD_NUMBER_SENT": Text(
        400,
        "A card number must never be sent here",
        "请勿发送银行卡号",
        "`errors` points at it. Have the provider's own form take the card, and send its token. Nothing of it was kept.",
    ),
    "WEBHOOK_NOT_FOUND": Text(None, "There is no such webhook", "回调不存在", "Check the id."),
}
