"""This is where problems are named that concern fraud. What a buyer reads says nothing of how it is found out."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    # As PAYMENT_DECLINED in all but name: nobody learns here what was the matter.
    "PAYMENT_NOT_ACCEPTED": Text(
        402,
        "This payment is not accepted",
        "支付未被接受",
        "Nothing was charged and the cart is as it was. Write to customer service; a new try needs a fresh Idempotency-Key.",
    ),
    "FRAUD_REVIEW_NOT_FOUND": Text(
        404,
        "There is no such review",
        "审核记录不存在",
        "GET /v1/fraud/reviews has what was held or refused.",
    ),
    "FRAUD_REVIEW_CLOSED": Text(
        409,
        "It was decided otherwise",
        "该审核已有其他结论",
        "Read the review: somebody was faster.",
    ),
    "INVALID_FRAUD_REVIEW": Text(
        400, "No review can be so", "审核请求有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "INVALID_FRAUD_REPORT": Text(
        400,
        "No loss can be so",
        "损失登记有误",
        "The order must have been charged; a loss is in its currency and at most what was charged.",
    ),
    "FRAUD_REPORTED_ALREADY": Text(
        409,
        "Another loss is written down for it",
        "该订单已登记其他损失",
        "An order is lost once: ask who wrote it down.",
    ),
    "INVALID_FRAUD_LISTING": Text(
        400,
        "Nobody can be listed so",
        "名单条目有误",
        "A customer or an e-mail address by `value`, anything else by an order it was seen with; at most five years.",
    ),
    "FRAUD_LISTING_NOT_FOUND": Text(404, "There is no such listing", "名单条目不存在", "See GET /v1/fraud/listings."),
    "INVALID_FRAUD_POLICY": Text(
        400, "No policy can be so", "风控策略有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
}
