"""This is where every problem the gateway can answer is named: its title in two languages, and what to do about it.

A row is: status (None: the status of the refusal's kind), title, title in Chinese, what to do.
"""

from typing import NamedTuple


class Text(NamedTuple):
    """What there is to say about a problem."""

    status: int | None
    title: str
    title_zh: str
    todo: str


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
    # Products, prices, stock.
    "PRODUCT_NOT_FOUND": Text(
        None, "There is no such product", "商品不存在", "Check the id or SKU; customers see products on sale only."
    ),
    "SKU_NOT_FOUND": Text(None, "There is no such SKU", "SKU 不存在", "Check the SKU."),
    "SKU_TAKEN": Text(None, "That SKU exists already", "SKU 已存在", "Choose another SKU."),
    "UNKNOWN_CATEGORY": Text(
        None, "There is no such category", "类目不存在", "Make the category first: PUT /v1/categories/{id}."
    ),
    "INVALID_PRODUCT": Text(None, "The product is not valid", "商品信息无效", "Correct what `errors` points at."),
    "LISTING_INCOMPLETE": Text(
        None, "The listing is not complete", "商品资料不完整", "Add what `errors` names, then try again."
    ),
    "INVALID_PRICE": Text(
        None, "The price is not valid", "价格无效", "Use whole minor units of the SKU's own currency, zero or more."
    ),
    "INVALID_QUANTITY": Text(None, "The quantity is not valid", "数量无效", "Use a whole number within the bounds."),
    "INVALID_PAGE": Text(
        None,
        "There is no such page",
        "分页参数无效",
        "Use `limit` from 1 to 100 and a `next_cursor` of this very list.",
    ),
    "CURSOR_INVALID": Text(
        None,
        "The cursor is not of this list",
        "游标无效",
        "Use the `next_cursor` of the page before, with the same filters.",
    ),
    "OUT_OF_STOCK": Text(
        409, "Not enough left", "库存不足", "`context` names the SKU and how many there are; lower the quantity."
    ),
    "PRICE_CHANGED": Text(
        409, "The price has changed", "价格已变动", "Read the cart again and show the customer the new price."
    ),
    "NOT_ON_SALE": Text(409, "Not on sale", "商品未上架", "Take it out of the cart."),
    "WAREHOUSE_SHORT": Text(None, "The warehouse has too little", "仓库库存不足", "Choose another warehouse."),
    "HOLD_NOT_FOUND": Text(None, "There is no such hold", "库存占用不存在", "Hold the stock again."),
    # Carts and checkout.
    "CART_NOT_FOUND": Text(None, "There is no such cart", "购物车不存在", "Make a new one: POST /v1/carts."),
    "CART_CLOSED": Text(None, "The cart has become an order", "购物车已结算", "Make a new one: POST /v1/carts."),
    "CART_EMPTY": Text(409, "The cart is empty", "购物车为空", "Put something in first."),
    "CART_FULL": Text(None, "The cart is full", "购物车已满", "Order what is in it first."),
    "OTHER_CURRENCY": Text(None, "The cart is in another currency", "货币不一致", "Order it in a cart of its own."),
    "INVALID_ADDRESS": Text(None, "The address is not valid", "地址无效", "Correct what `errors` points at."),
    "ADDRESS_MISSING": Text(409, "Where to is not said", "缺少收货地址", "PUT /v1/carts/{id}/address first."),
    "ADDRESS_NOT_FOUND": Text(None, "There is no such address", "地址不存在", "Check the address's id."),
    "ADDRESS_BOOK_FULL": Text(None, "The address book is full", "地址簿已满", "Take one out first; twenty fit."),
    "DELIVERY_MISSING": Text(
        409, "No delivery option is chosen", "未选择配送方式", "PUT /v1/carts/{id}/delivery first."
    ),
    "UNKNOWN_DELIVERY_OPTION": Text(
        None, "There is no such delivery option", "配送方式不存在", "Choose one of GET /v1/carts/{id}/delivery-options."
    ),
    "EMAIL_MISSING": Text(
        None, "An e-mail address is needed", "缺少邮箱", "Guests send `email`, so that they hear of their order."
    ),
    "PAYMENT_DECLINED": Text(
        402,
        "The payment was declined",
        "支付被拒绝",
        "Use another means of payment; the cart is as it was. A new try needs a fresh Idempotency-Key.",
    ),
    "UNKNOWN_PAYMENT_METHOD": Text(None, "There is no such payment method", "支付方式不存在", "Use `card`."),
    "NOTHING_TO_CONFIRM": Text(
        None, "There is nothing to confirm", "没有待确认的支付", "Read the order; its payment is settled."
    ),
    "CONFIRMATION_EXPIRED": Text(None, "The confirmation came too late", "支付确认已过期", "Order again."),
    "INVALID_WEBHOOK": Text(None, "The webhook is not valid", "回调无效", "Send what the provider's protocol says."),
    "COUPON_USED_UP": Text(409, "The coupon is used up", "优惠券已用完", "Take it out of the cart."),
    "COUPON_NOT_FOUND": Text(None, "There is no such coupon", "优惠券不存在", "Check the code."),
    "COUPON_EXISTS": Text(None, "That coupon exists already", "优惠券已存在", "Choose another code."),
    "INVALID_COUPON": Text(None, "The coupon is not valid", "优惠券无效", "Correct what `errors` points at."),
    "INVALID_PROMOTION": Text(None, "The promotion is not valid", "促销活动无效", "Correct what `errors` points at."),
    "PROMOTION_NOT_FOUND": Text(None, "There is no such promotion", "促销活动不存在", "Check the id."),
    "POINTS_SHORT": Text(409, "Not enough points", "积分不足", "GET /v1/customers/me/points says how many there are."),
    # Orders, returns, shipments.
    "ORDER_NOT_FOUND": Text(
        None, "There is no such order", "订单不存在", "Check the id, and that you are signed in as its customer."
    ),
    "TOO_LATE_TO_CANCEL": Text(
        409, "It has left already", "订单已发货，无法取消", "Open a return once it is delivered."
    ),
    "ALREADY_SHIPPED": Text(None, "It has left already", "已发货", "Open a return once it is delivered."),
    "NOT_DELIVERED": Text(None, "It is not delivered yet", "尚未签收", "Wait for it, or cancel the order."),
    "NOTHING_TO_RETURN": Text(None, "Nothing is left to return", "没有可退商品", "Read the order's lines and returns."),
    "INVALID_RETURN": Text(None, "The return is not valid", "退货申请无效", "Correct what `errors` points at."),
    "RETURN_NOT_FOUND": Text(None, "There is no such return", "退货单不存在", "Check the id."),
    "SHIPMENT_NOT_FOUND": Text(None, "There is no such shipment", "包裹不存在", "Check the id."),
    "WAYBILL_NOT_FOUND": Text(
        None, "There is no such waybill", "运单不存在", "Check the number; another carrier's are not found."
    ),
    "INVALID_FORMAT": Text(None, "There is no such format", "格式不支持", "Use `pdf` or `zpl`."),
    "INVALID_TEMPLATE": Text(
        None, "The freight template is not valid", "运费模板无效", "Correct what `errors` points at."
    ),
    "INVALID_WAREHOUSE": Text(None, "The warehouse is not valid", "仓库信息无效", "Correct what `errors` points at."),
    # People.
    "EMAIL_TAKEN": Text(None, "That e-mail address is taken", "邮箱已被注册", "Sign in, or use another one."),
    "INVALID_EMAIL": Text(None, "The e-mail address is not valid", "邮箱无效", "Correct it."),
    "INVALID_NAME": Text(None, "The name is not valid", "姓名无效", "Use 1 to 100 letters without control characters."),
    "WEAK_PASSWORD": Text(
        None, "The password is too weak", "密码过于简单", "Use at least 10 characters, and not one of the common ones."
    ),
    "CUSTOMER_NOT_FOUND": Text(None, "There is no such customer", "客户不存在", "Sign in again."),
    "STAFF_NOT_FOUND": Text(None, "There is no such account", "员工账号不存在", "Sign in again."),
    "TOTP_ENROLLED": Text(None, "A second factor is on already", "两步验证已开启", "Sign in with it."),
    "UNKNOWN_ROLE": Text(
        None,
        "There is no such role",
        "角色不存在",
        "Use owner, goods, orders, finance, marketing, support or read-only.",
    ),
    # Numbers and behaviour.
    "KPI_NOT_FOUND": Text(None, "There is no such KPI", "指标不存在", "GET /v1/kpis lists them."),
    "INVALID_RANGE": Text(
        None, "The range is not valid", "日期范围无效", "Use YYYY-MM-DD, from before to, at most 400 days."
    ),
    "INVALID_GRAIN": Text(None, "There is no such grain", "时间粒度无效", "Use hour, day, week, month or total."),
    "INVALID_DIMENSION": Text(None, "This KPI has no such dimension", "维度无效", "See the KPI's description."),
    "INVALID_EVENT": Text(None, "An event is not valid", "事件无效", "Correct what `errors` points at."),
}
