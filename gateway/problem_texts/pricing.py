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
}
