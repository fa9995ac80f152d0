"""This is where problems are named that concern partner carriers: their keys, their webhooks."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "KEY_REVOKED": Text(401, "This key was revoked", "密钥已吊销", "Ask the shop for another key."),
    "SCOPE_MISSING": Text(
        403, "The key may not do that", "密钥权限不足", "Ask the shop for a key with the scope this call needs."
    ),
    "KEY_RATE_LIMITED": Text(
        429, "More calls than the key has", "密钥调用过于频繁", "Wait as long as Retry-After says; send batches."
    ),
    "PARTNER_KEY_NOT_FOUND": Text(404, "There is no such key", "密钥不存在", "List the keys."),
    "PARTNER_KEY_REVOKED": Text(409, "A revoked key stays revoked", "密钥已吊销", "Make another key."),
    "INVALID_PARTNER_KEY": Text(
        400, "Not a key that can be given", "密钥设置无效", "See `errors`: carrier, title, scopes, rate, overlap."
    ),
    "TOO_MANY_KEYS": Text(409, "There is no room for another key", "密钥数量已达上限", "Ask whoever runs the shop."),
    "INVALID_ENDPOINT": Text(
        400,
        "Not an endpoint",
        "回调地址无效",
        "An https address outside, without user, password or fragment; types as listed in the documentation.",
    ),
    "TOO_MANY_ENDPOINTS": Text(
        409, "A carrier has at most ten endpoints", "回调地址数量已达上限", "Change one of them."
    ),
    "ENDPOINT_NOT_FOUND": Text(404, "There is no such endpoint", "回调地址不存在", "List your endpoints."),
    "ENDPOINT_DISABLED": Text(
        409, "Nothing is sent to a disabled endpoint", "回调地址已停用", 'PATCH it with {"state": "enabled"} first.'
    ),
    "DELIVERY_NOT_FOUND": Text(404, "There is no such delivery", "推送记录不存在", "List the endpoint's deliveries."),
    "INVALID_RANGE": Text(
        400, "Not a span of time", "时间范围无效", "Two RFC 3339 times with a zone, `since` before `until`."
    ),
}
