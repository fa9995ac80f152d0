"""This is where problems are named that concern prices: rules, proposals, competitors."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_PRICE_RULE": Text(
        400,
        "The price rule is not right",
        "价格规则无效",
        "Each entry of `errors` points at a part of the rule; mend it.",
    ),
    "PRICE_RULE_NOT_FOUND": Text(404, "There is no such price rule", "价格规则不存在", "See GET /v1/price-rules."),
    "INVALID_PRICE_FORMULA": Text(
        400, "The price formula is not right", "定价公式无效", "Each entry of `errors` points at a part of it; mend it."
    ),
    "PRICE_FORMULA_NOT_FOUND": Text(
        404, "There is no such price formula", "定价公式不存在", "See GET /v1/price-formulas."
    ),
    "PROPOSAL_NOT_FOUND": Text(
        404,
        "There is no such open proposal",
        "没有该待决定价建议",
        "See GET /v1/price-proposals for those that are open.",
    ),
    "ELASTICITY_NOT_KNOWN": Text(
        404,
        "The elasticity is not known",
        "尚无法估计价格弹性",
        "It takes eight weeks with sales at different prices. Estimates are made weekly, or by POST /v1/price-proposals.",
    ),
    "COMPETITOR_ITEM_NOT_FOUND": Text(
        404, "There is no such item of a competitor", "竞品条目不存在", "See GET /v1/competitors/matches."
    ),
    "INVALID_COMPETITOR_FACT": Text(
        400,
        "The campaign or share is not right",
        "竞品活动或份额数据无效",
        "Each entry of `errors` points at one; mend it.",
    ),
    "TOO_MANY_ROWS": Text(
        400, "Too many rows at once", "一次提交的行数过多", "Send at most 500 rows a call, or a file."
    ),
}
