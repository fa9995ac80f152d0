"""This is where problems are named that concern how it was asked, who asked, and the shop's own troubles."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    # The request itself.
    "NOT_JSON": Text(
        400,
        "The body is not JSON",
        "请求体不是有效的 JSON",
        "Send one JSON value in UTF-8: no NaN, no key twice, no lone surrogates, at most 32 levels deep.",
    ),
    "BAD_REQUEST": Text(
        400,
        "The request is malformed",
        "请求格式错误",
        "Correct the address or the headers; a request like this never succeeds.",
    ),
    "INVALID": Text(
        400, "The request cannot succeed as it is", "请求无效", "Correct what `errors` points at and send it again."
    ),
    "INVALID_PARAMETER": Text(
        400, "A parameter is not valid", "参数无效", "Correct the query parameter or header that `errors` names."
    ),
    "INVALID_BODY": Text(
        422,
        "The body does not fit",
        "请求体不符合要求",
        "Each entry of `errors` points (RFC 6901) at a part of the body and says what it should be.",
    ),
    "INVALID_CSV": Text(
        422,
        "The file cannot be read",
        "文件无法读取",
        "Send UTF-8 CSV with the columns sku,title,category,price_minor,cost_minor,currency,weight_g,stock.",
    ),
    "NOT_FOUND": Text(
        404, "There is no such thing", "未找到", "Check the id. What belongs to somebody else is not found either."
    ),
    "NO_SUCH_ROUTE": Text(404, "There is no such address", "地址不存在", "See /docs for the addresses there are."),
    "METHOD_NOT_ALLOWED": Text(405, "That cannot be done here", "不支持该方法", "Use a method the Allow header names."),
    "REQUEST_TIMEOUT": Text(
        408, "The body did not arrive in time", "请求体接收超时", "Send the whole body within ten seconds."
    ),
    "BODY_TOO_LARGE": Text(
        413, "The body is too large", "请求体过大", "Send at most 64 KB of JSON, or 5 MB of CSV; split what is larger."
    ),
    "URI_TOO_LONG": Text(414, "The address is too long", "地址过长", "Shorten the path or the query."),
    "UNSUPPORTED_MEDIA_TYPE": Text(
        415,
        "The body is of a kind not taken here",
        "不支持的内容类型",
        "Send application/json (text/csv for imports), in UTF-8, without Content-Encoding.",
    ),
    "HEADERS_TOO_LARGE": Text(
        431, "The headers are too large", "请求头过大", "Send at most 80 headers and 16 KB of them."
    ),
    "RATE_LIMITED": Text(
        429, "Too many requests", "请求过于频繁", "Wait as long as Retry-After says; RateLimit tells how much is left."
    ),
    "TOO_MANY_STREAMS": Text(429, "Too many live streams", "实时连接过多", "Close a stream before opening another."),
    # Who asks.
    "NOT_SIGNED_IN": Text(
        401,
        "Sign in first",
        "请先登录",
        "Send `Authorization: Bearer <access_token>` from POST /v1/sessions (staff: /v1/staff/sessions).",
    ),
    "INVALID_TOKEN": Text(401, "The access token is not valid", "访问令牌无效", "Sign in again."),
    "TOKEN_EXPIRED": Text(
        401, "The access token has ended", "访问令牌已过期", "Get a new one with POST /v1/sessions/refresh."
    ),
    "NOT_ALLOWED": Text(403, "This account may not do that", "无权执行此操作", "Ask somebody whose role permits it."),
    "WRONG_AUDIENCE": Text(
        403,
        "This kind of account has no business here",
        "账户类型不符",
        "Use a customer's token on the storefront and a staff token in the back office.",
    ),
    "WRONG_CREDENTIALS": Text(
        401, "E-mail address or password is wrong", "邮箱或密码错误", "Check both; which one is wrong is not told."
    ),
    "TOTP_REQUIRED": Text(
        401, "The second factor is needed", "需要两步验证码", "Send the six digits of the authenticator as `totp`."
    ),
    "WRONG_CODE": Text(None, "The code is wrong", "验证码错误", "Use the code shown now; each works once."),
    "TOO_MANY_TRIES": Text(429, "Too many tries", "尝试次数过多", "Wait as long as Retry-After says."),
    "INVALID_REFRESH_TOKEN": Text(
        401,
        "The refresh token is not valid",
        "刷新令牌无效",
        "Sign in again. A refresh token works once; used twice, all of its family end.",
    ),
    "BAD_SIGNATURE": Text(
        401,
        "The signature is not right",
        "签名错误",
        "Sign `id.timestamp.body` with HMAC-SHA256 and the shared secret (Standard Webhooks).",
    ),
    "STALE_TIMESTAMP": Text(
        401,
        "The signature is too old or too new",
        "签名时间超出范围",
        "Set the clock; five minutes either way are accepted.",
    ),
    "REPLAYED": Text(409, "This call was made before", "请求已被处理", "Use a fresh webhook-id for each call."),
    # Once only, and concurrent change.
    "IDEMPOTENCY_KEY_MISSING": Text(
        400,
        "An Idempotency-Key is needed",
        "缺少 Idempotency-Key",
        "Send a fresh key (a UUID, say) for each new intention, and the same key when you try it again.",
    ),
    "IDEMPOTENCY_KEY_INVALID": Text(
        400, "The Idempotency-Key is not valid", "Idempotency-Key 无效", "Use 1 to 255 visible ASCII characters."
    ),
    "KEY_REUSED": Text(
        422,
        "The key was used for another request",
        "Idempotency-Key 已用于其他请求",
        "Use a fresh key for a request with another body.",
    ),
    "KEY_IN_PROGRESS": Text(
        409,
        "The first request with this key still runs",
        "相同请求正在处理中",
        "Ask again in a moment; the answer will be the first one's.",
    ),
    "VERSION_MISMATCH": Text(
        None,
        "It has changed since it was read",
        "内容已被更改",
        "Read it again, then send your change with its new ETag in If-Match.",
    ),
    "PRECONDITION_REQUIRED": Text(
        428,
        "If-Match is needed",
        "缺少 If-Match",
        "Send the ETag you read in If-Match, so that nobody's change is lost.",
    ),
    "CONFLICT": Text(409, "It changed meanwhile", "内容已被更改", "Read it again and retry."),
    "ALREADY_EXISTS": Text(409, "There is one already", "已存在", "Use the one there is, or another name."),
    "WRONG_STATE": Text(409, "Not now", "当前状态不允许", "Read its state; what you ask for fits another one."),
    "ILLEGAL_TRANSITION": Text(
        409, "Not from this state", "当前状态不允许该操作", "Read its state; this step follows another one."
    ),
    "CART_BUSY": Text(409, "The cart is being changed", "购物车正在更新", "Try again in a moment."),
    "NOT_AS_SEEN": Text(409, "It changed meanwhile", "内容已被更改", "Read it again and retry."),
    # Trouble on our side.
    "EXHAUSTED": Text(429, "Too much of it", "已达上限", "Try again later."),
    "OVERLOADED": Text(
        503, "The shop is very busy", "系统繁忙", "Try again as Retry-After says; keep the Idempotency-Key."
    ),
    "UNAVAILABLE": Text(
        503, "Something the shop needs is away", "服务暂不可用", "Try again as it is, with the same Idempotency-Key."
    ),
    "NOT_READY": Text(503, "The gateway is not ready", "服务未就绪", "`context` names who is missing."),
    "TOO_LATE": Text(
        504,
        "It took too long",
        "处理超时",
        "What became of it is unknown: ask again with the same Idempotency-Key, or read it.",
    ),
    "INTERNAL": Text(
        500, "Something went wrong", "系统错误", "It is logged under `trace_id`; tell us that id if it goes on."
    ),
    "DATABASE_AWAY": Text(
        503, "The database does not answer", "数据库暂不可用", "Try again as it is, with the same Idempotency-Key."
    ),
    "KEYS_AWAY": Text(
        503, "Tokens cannot be checked now", "暂时无法验证令牌", "Try again as it is; the token is still good."
    ),
    "NEIGHBOUR_BROKEN": Text(
        503, "Part of the shop does not work now", "部分服务异常", "Try again later, with the same Idempotency-Key."
    ),
    "TOOK_TOO_LONG": Text(504, "It took too long", "处理超时", "Try again as it is; what was done is not done twice."),
    "SEAL_BROKEN": Text(
        400, "What was sealed cannot be opened", "密封数据无效", "Read it again and send it unchanged."
    ),
    "TIME_MISSING": Text(400, "The event does not say when", "事件缺少时间", "Say when it happened."),
    "INVALID_ID": Text(400, "That is no id", "编号无效", "Send the id as it was given."),
}
