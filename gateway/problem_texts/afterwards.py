"""This is where problems are named that concern orders, returns and shipments, people and numbers."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
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
    "ORDER_BUSY": Text(409, "The order is being paid for", "订单正在支付", "Try again in a moment."),
    "RETURN_BUSY": Text(409, "The order is being changed", "订单正在更新", "Try again in a moment."),
    "CANCEL_UNFINISHED": Text(
        503,
        "The cancellation is not finished yet",
        "取消尚未完成",
        "It will be cancelled; asking again goes on at once.",
    ),
    "REFUND_UNFINISHED": Text(
        503, "The refund is not finished yet", "退款尚未完成", "The money will go back; asking again goes on at once."
    ),
    "BEING_ALLOCATED": Text(503, "Its goods are being taken", "正在分配库存", "Try again in a moment."),
    "INVALID_ORDER": Text(400, "That is no order's id", "订单号无效", "Send the id as it was given."),
    "INVALID_STATE": Text(
        400, "There is no such state", "状态无效", "Use one of the states the list of shipments names."
    ),
    "INVALID_CONSIGNMENT": Text(400, "That cannot be sent", "货物信息无效", "Correct what `errors` points at."),
    "INVALID_LABELS": Text(400, "These labels cannot be made", "面单请求无效", "Name 1 to 500 shipments, each once."),
    "NO_LABEL": Text(
        409, "The shipment has no label", "包裹没有面单", "Read the shipment: it was stopped, or waits for staff."
    ),
    "INVALID_DATE": Text(400, "That is no day", "日期无效", "Use YYYY-MM-DD."),
    "TOO_MANY_SCANS": Text(400, "Too many scans at once", "扫描记录过多", "Send at most a hundred at once."),
    "INVALID_SECRET": Text(400, "The secret is not valid", "密钥无效", "Use a `whsec_` secret (Standard Webhooks)."),
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
        "Use owner, goods, orders, finance, marketing, support, read-only or merchant.",
    ),
    "INVALID_CREDENTIALS": Text(
        400, "These cannot be credentials", "登录信息无效", "Send an e-mail address and a password of usual length."
    ),
    "OWNERS_ONLY": Text(403, "Only an owner may do that", "仅限店主操作", "Ask an owner."),
    "FORGOTTEN": Text(
        404, "This person is forgotten", "个人信息已删除", "There is nothing to read: it was erased for good."
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
