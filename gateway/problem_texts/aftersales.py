"""This is where problems are named that concern what comes after a sale."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "PHOTOS_NEEDED": Text(400, "Photos are needed", "请上传照片", "Add photos that show what is wrong."),
    "NOT_RETURNABLE": Text(
        409,
        "These goods do not come back without a fault",
        "该商品不支持无理由退货",
        "See `excluded`; a fault still counts.",
    ),
    "WINDOW_CLOSED": Text(
        409, "The days for this are over", "已超过申请期限", "See `until`; ask support about a fault."
    ),
    "KIND_NOT_ALLOWED": Text(
        409, "That cannot be asked for this reason", "该原因不支持此售后类型", "Read /v1/return-reasons for what can."
    ),
    "ALREADY_EXCHANGED": Text(
        409, "It was exchanged already", "该商品已换过货", "Return it for its money instead of exchanging it again."
    ),
    "LIMIT_EXCEEDED": Text(
        409, "More than you may let go without the goods", "超出免退货权限", "Let the goods come back, or ask finance."
    ),
    "NOTHING_INSTEAD": Text(
        409, "What was wanted cannot be sent", "无法补发该商品", "See `why`; refund it, or try again later."
    ),
    "DIFFERENCE_CHANGED": Text(
        409, "It costs another amount now", "差价已变动", "Read the return again and pay the new difference."
    ),
    "INVALID_RETURN_PARCEL": Text(
        400, "That parcel cannot come back", "退货包裹信息无效", "Correct what `errors` points at."
    ),
    "INSURANCE_CHANGED": Text(
        409,
        "Insuring the way back costs another amount",
        "运费险价格已变动",
        "Read /v1/carts/{cart_id}/return-insurance again.",
    ),
    "INVALID_COMPENSATION": Text(
        400, "The compensation is not valid", "赔偿信息无效", "Correct what `errors` points at."
    ),
    "NOTHING_DUE": Text(409, "Nothing is due for that", "未达到赔偿条件", "Read /v1/compensation-rules."),
    "COMPENSATION_EXHAUSTED": Text(
        409, "The order has been given all that it may be", "该订单赔偿已达上限", "See `most`."
    ),
    "INVALID_STATISTICS": Text(
        400, "Statistics do not answer that", "统计参数无效", "Correct what `errors` points at."
    ),
    "MORE_THAN_PAID": Text(
        409, "More would go back than was paid", "退款超过实付金额", "Read the order's adjustments."
    ),
    "ORDER_GONE": Text(404, "There is no such order", "订单不存在", "Check the id."),
    "ORDER_KEEPS_CHANGING": Text(409, "The order is being changed", "订单正在更新", "Try again in a moment."),
    "RETURN_PARCELS_AWAY": Text(503, "It cannot be booked at the moment", "暂时无法预约退货", "Try again in a moment."),
    "VOUCHERS_AWAY": Text(503, "No voucher can be granted now", "暂时无法发放优惠券", "Try again in a moment."),
}
