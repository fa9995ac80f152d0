"""This is where problems are named that concern offers and whom they are for."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_SIMULATION": Text(None, "The simulation is not valid", "试算请求无效", "Correct what `errors` points at."),
    "INVALID_PERIOD": Text(None, "The period is not valid", "时间段无效", "Correct what `errors` points at."),
    "NOT_ISSUING": Text(
        409,
        "No voucher of this coupon is to be had",
        "该优惠券当前不可发放",
        "It takes no vouchers, cannot be claimed or granted, is over or suspended: look at it.",
    ),
    "INVALID_BATCH": Text(None, "The batch is not valid", "批次无效", "Ask for 1 to 100,000 codes."),
    "NOT_FOR_YOU": Text(409, "This coupon is for others", "您不符合领取条件", "See `GET /v1/claimable-coupons`."),
    "CLAIMED_ALREADY": Text(
        409, "You have claimed it already", "您已领取过", "It is in `GET /v1/customers/me/coupons`."
    ),
    "CLAIMED_OUT": Text(409, "None is left", "已被领完", "See what else there is: `GET /v1/claimable-coupons`."),
    "INVALID_GRANT": Text(None, "The grant is not valid", "发券请求无效", "Correct what `errors` points at."),
    "GRANTS_USED_UP": Text(
        429,
        "You have granted as much today as one may",
        "今日发券额度已用完",
        "Ask a colleague, or wait for tomorrow (UTC).",
    ),
    "UNKNOWN_TEMPLATE": Text(None, "There is no such template", "优惠券模板不存在", "See `GET /v1/coupon-templates`."),
    "AMOUNT_MISSING": Text(None, "What it gives is missing", "缺少优惠金额", "Tell us: this is a bug of ours."),
    "INVALID_GROUP": Text(None, "The group is not valid", "客户分组无效", "Correct what `errors` points at."),
    "GROUP_NOT_FOUND": Text(None, "There is no such customer group", "客户分组不存在", "Make it first."),
    "TOO_MANY_GROUPS": Text(409, "There are 500 groups already", "客户分组过多", "Use one that is there."),
}
