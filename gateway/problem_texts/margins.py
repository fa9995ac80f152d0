"""This is where problems are named that concern what things earn, and must."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "BELOW_MARGIN_FLOOR": Text(
        409,
        "It would sell below the margin floor",
        "将低于毛利底线",
        "Discount less, or select less; `errors` names each SKU, what it stacks with and what is missing. The owner may "
        "give `margin_override_reason`.",
    ),
    "COST_UNKNOWN": Text(409, "Nobody knows what it costs", "成本未知", "Import it with `cost_minor`."),
    "RULES_BUSY": Text(
        409,
        "Others are making promotions",
        "其他促销正在创建",
        "Try again in a second: rules are made one by one.",
    ),
    "MARGIN_UNTESTED": Text(
        503,
        "The margin floor could not be tested",
        "暂时无法校验毛利底线",
        "Try again in a moment; nothing is kept before it is tested.",
    ),
    "INVALID_COST_MODEL": Text(
        None, "The cost model is not valid", "成本模型无效", "Correct what `errors` points at, or the scope."
    ),
    "TOO_MANY_COST_MODELS": Text(
        None, "Too many SKUs have a cost model of their own", "单品成本模型过多", "Say what they share in a category."
    ),
    "INVALID_OVERRIDE": Text(None, "The leave is not valid", "低毛利授权无效", "Correct what `errors` points at."),
    "OVERRIDE_NOT_FOUND": Text(None, "No leave is in force", "没有生效的低毛利授权", "See its history."),
    "INVALID_ROLE": Text(None, "There is no such role", "商品角色无效", "Use `traffic`, `profit`, `image` or null."),
    "INVALID_AVERAGE": Text(
        None, "The average is not valid", "行业均价无效", "Use whole minor units above zero, of an ISO 4217 currency."
    ),
    "INVALID_DAYS": Text(None, "Not so many days", "天数无效", "Use 1 to 366."),
    "INVALID_DISCOUNT": Text(
        None, "The discounts cannot be looked at", "折扣无法校验", "Ask about fewer of them at once."
    ),
    "TOO_MANY_RULES": Text(
        409,
        "Too many promotions and coupons run at once",
        "同时生效的促销与优惠券过多",
        "End some, or make the new one shorter.",
    ),
}
