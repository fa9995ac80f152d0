"""This is where problems are named that concern subscriptions."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_PLAN": Text(
        400, "Nothing can be subscribed to like that", "订阅方案无效", "Correct what `errors` points at."
    ),
    "PLAN_NOT_FOUND": Text(404, "There is no such plan", "订阅方案不存在", "See `GET /v1/subscription-plans`."),
    "INVALID_SUBSCRIPTION": Text(
        400, "Nothing one can subscribe to", "订阅请求无效", "Correct what `errors` points at."
    ),
    "SUBSCRIPTION_NOT_FOUND": Text(404, "There is no such subscription", "订阅不存在", "See `GET /v1/subscriptions`."),
    "SUBSCRIPTION_OVER": Text(
        409, "It is not as it must be for that", "订阅当前状态不允许", "See its state; a cancelled one is over."
    ),
    "SUBSCRIPTION_BUSY": Text(409, "It is being renewed", "订阅正在续订", "Try again in a moment."),
    "TOO_MANY_SUBSCRIPTIONS": Text(409, "There are 20 already", "订阅数量已达上限", "Cancel one, or change it."),
}
