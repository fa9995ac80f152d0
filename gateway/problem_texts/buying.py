"""This is where problems are named that concern goods, carts and checkout."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
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
    "INVALID_CATEGORY": Text(400, "The category is not valid", "类目信息无效", "Correct what `errors` points at."),
    "INVALID_PATCH": Text(
        400, "The patch is not valid", "修改内容无效", "Send a JSON Merge Patch over the fields that may change."
    ),
    "CURRENCY_MISMATCH": Text(400, "Two currencies do not add up", "货币不一致", "Use the SKU's own currency."),
    "HOLD_DIFFERS": Text(
        400, "The order holds another quantity", "库存占用数量不符", "Give the hold back, then hold what is wanted."
    ),
    "HOLD_GONE": Text(404, "Nothing is held any more", "库存占用已释放", "Read the order: it was cancelled."),
    "TOO_MANY_HOLDS": Text(
        429, "Too many are buying it at once", "抢购人数过多", "Try again in a moment; what is not paid comes back."
    ),
    "ALLOCATION_DIFFERS": Text(
        400,
        "Together it is not what is held",
        "分配数量与占用不符",
        "Allocate exactly what the order holds, SKU by SKU.",
    ),
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
    "PAYMENT_DECLINED": Text(
        402,
        "The payment was declined",
        "支付被拒绝",
        "Use another means of payment; the cart is as it was. A new try needs a fresh Idempotency-Key.",
    ),
    "UNKNOWN_PAYMENT_METHOD": Text(
        None, "There is no such payment method", "支付方式不存在", "GET /v1/payment-methods says which."
    ),
    "NOTHING_TO_CONFIRM": Text(
        None, "There is nothing to confirm", "没有待确认的支付", "Read the order; its payment is settled."
    ),
    "CONFIRMATION_EXPIRED": Text(409, "The confirmation came too late", "支付确认已过期", "Order again."),
    "INVALID_WEBHOOK": Text(None, "The webhook is not valid", "回调无效", "Send what the provider's protocol says."),
    "COUPON_USED_UP": Text(409, "The coupon is used up", "优惠券已用完", "Take it out of the cart."),
    "COUPON_NOT_FOUND": Text(None, "There is no such coupon", "优惠券不存在", "Check the code."),
    "COUPON_EXISTS": Text(None, "That coupon exists already", "优惠券已存在", "Choose another code."),
    "INVALID_COUPON": Text(400, "The coupon is not valid", "优惠券无效", "Correct what `errors` points at."),
    "INVALID_PROMOTION": Text(None, "The promotion is not valid", "促销活动无效", "Correct what `errors` points at."),
    "PROMOTION_NOT_FOUND": Text(None, "There is no such promotion", "促销活动不存在", "Check the id."),
    "POINTS_SHORT": Text(409, "Not enough points", "积分不足", "GET /v1/customers/me/points says how many there are."),
    "INVALID_CART": Text(400, "The cart is not valid", "购物车无效", "Correct what `errors` points at."),
    "TOO_MANY_CODES": Text(400, "Too many codes", "优惠码过多", "Take some out of the cart."),
    "CHECKOUT_UNFINISHED": Text(
        503,
        "The checkout is not finished yet",
        "结算尚未完成",
        "Send the same again with the same Idempotency-Key: it goes on where it stopped.",
    ),
    "CHECKOUT_EXPIRED": Text(
        409,
        "The checkout came to nothing",
        "结算已过期",
        "Nothing was charged. Order again with a fresh Idempotency-Key.",
    ),
    "DISCOUNTS_UNKNOWN": Text(
        503,
        "What the coupon gives cannot be found out now",
        "暂时无法计算优惠",
        "Try again, or take the coupon out of the cart.",
    ),
    "DELIVERY_UNKNOWN": Text(
        503, "What sending costs cannot be found out now", "暂时无法计算运费", "Try again in a moment."
    ),
    "PAYMENT_MISMATCH": Text(
        409, "Something else was charged", "支付金额不符", "The money goes back by itself. Order again."
    ),
    "PROVIDER_REFUSED": Text(
        409,
        "The payment provider did not take it",
        "支付渠道拒绝受理",
        "Nothing was charged. Use another means of payment.",
    ),
    "PROVIDER_AWAY": Text(
        503,
        "The payment provider does not answer",
        "支付渠道暂不可用",
        "Try again as it is, with the same Idempotency-Key.",
    ),
    "PROVIDER_CONFLICT": Text(
        409, "The payment is in another state", "支付状态已变化", "Read the order, then try again."
    ),
    "OUTCOME_UNKNOWN": Text(
        504,
        "What became of the payment is not known yet",
        "支付结果未知",
        "Send the same again with the same Idempotency-Key: nothing is charged twice.",
    ),
    "UNKNOWN_PROVIDER": Text(
        404, "There is no such payment provider", "支付渠道不存在", "Use the address the provider was given."
    ),
    "INVALID_POINTS": Text(
        400, "That many points cannot be spent", "积分数量无效", "Spend a whole number of points, one or more."
    ),
    "POINTS_SPENT": Text(
        409,
        "The order has spent other points already",
        "该订单已使用其他积分",
        "Read the order; its points are settled.",
    ),
    "POINTS_RETURNED": Text(
        409, "The order's points were given back", "该订单积分已退回", "The order is over: order again."
    ),
}
