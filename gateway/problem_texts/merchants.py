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
}
