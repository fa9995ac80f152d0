"""This is where problems are named that concern merchants: applications, licences, penalty points, what is whose."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_ACCOUNT": Text(
        400,
        "The account is not valid",
        "账号信息无效",
        "Give a merchant's account its `merchant_id` and the role `merchant` alone; the shop's own people have other roles.",
    ),
    "ONLY_AFTER_REVIEW": Text(
        403,
        "A merchant's listings go on sale after review",
        "商家商品须经审核后上架",
        "Import without `publish`, then hand each listing in with POST /v1/products/{id}/submit.",
    ),
    "INVALID_APPLICATION": Text(
        400, "The application is not valid", "入驻申请无效", "Correct what `errors` points at and send it again."
    ),
    "APPLICATION_NOT_FOUND": Text(404, "There is no such application", "入驻申请不存在", "Check the id."),
    "APPLICATION_SETTLED": Text(
        409,
        "The application is being looked at, or was decided",
        "申请正在审核或已有结果",
        "Read its state: it is mended while nobody has taken it up or when it was returned, and decided once.",
    ),
    "APPLICATION_INCOMPLETE": Text(
        409,
        "The application lacks what it cannot be approved without",
        "申请材料不完整",
        "Return it with what `errors` points at, or name the categories of its scope.",
    ),
    "MERCHANT_EXISTS": Text(
        409, "There is a merchant of this credit code", "该统一社会信用代码已入驻", "Use the merchant there is."
    ),
    "MERCHANT_NOT_FOUND": Text(404, "There is no such merchant", "商家不存在", "Check the id."),
    "MERCHANT_CLOSED": Text(
        409, "The merchant is closed", "商家已清退", "Nothing more can be held against it; the owner may reopen it."
    ),
    "INVALID_MERCHANT": Text(
        400, "What is said of the merchant is not valid", "商家信息无效", "Correct what `errors` points at."
    ),
    "LICENCE_NOT_FOUND": Text(404, "The merchant has no such licence", "资质不存在", "Read the merchant's licences."),
    "INVALID_LICENCE": Text(400, "The licence is not valid", "资质信息无效", "Correct what `errors` points at."),
    "INVALID_PENALTY": Text(400, "The penalty is not valid", "扣分信息无效", "Correct what `errors` points at."),
    "PENALTY_NOT_FOUND": Text(
        404, "The merchant has no such penalty", "扣分记录不存在", "Read the merchant's penalties."
    ),
    "PENALTY_SETTLED": Text(
        409,
        "The penalty is settled",
        "扣分记录已处理",
        "Read it: it was appealed or decided already, or its points do not count any more.",
    ),
    "INVALID_REQUIREMENTS": Text(400, "Not kinds of licences", "资质类型无效", "Use the kinds that `errors` names."),
}
