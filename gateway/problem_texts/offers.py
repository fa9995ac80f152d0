"""This is where problems are named that concern offers and whom they are for."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "UNKNOWN_TEMPLATE": Text(None, "There is no such template", "优惠券模板不存在", "See `GET /v1/coupon-templates`."),
    "AMOUNT_MISSING": Text(None, "What it gives is missing", "缺少优惠金额", "Tell us: this is a bug of ours."),
    "INVALID_GROUP": Text(None, "The group is not valid", "客户分组无效", "Correct what `errors` points at."),
    "GROUP_NOT_FOUND": Text(None, "There is no such customer group", "客户分组不存在", "Make it first."),
    "TOO_MANY_GROUPS": Text(409, "There are 500 groups already", "客户分组过多", "Use one that is there."),
}
