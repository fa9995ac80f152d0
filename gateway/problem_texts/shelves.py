"""This is where problems are named that concern what lies on the shelves: transfers, counts, stock policies, readings."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "TRANSFER_NOT_FOUND": Text(404, "There is no such transfer", "调拨单不存在", "See GET /v1/stock/transfers."),
    "INVALID_TRANSFER": Text(
        400, "The transfer is not valid", "调拨单无效", "Each entry of `errors` points at what cannot be so."
    ),
    "TRANSFER_CLOSED": Text(
        409, "The transfer is not in a state for that", "调拨单当前状态不允许此操作", "Read it again: `state` says it."
    ),
    "COUNT_NOT_FOUND": Text(404, "There is no such count sheet", "盘点单不存在", "See GET /v1/stock/counts."),
    "INVALID_COUNT": Text(
        400, "That cannot be counted so", "盘点内容无效", "Each entry of `errors` says what cannot be so."
    ),
    "COUNT_CLOSED": Text(409, "The count sheet is closed", "盘点单已关闭", "Open a new one."),
    "SECOND_PERSON_NEEDED": Text(
        409,
        "Somebody else must approve it",
        "差异金额较大，须由另一人审批",
        "Let somebody approve it who did not count.",
    ),
    "INVALID_STOCK_POLICY": Text(
        400, "The stock policy is not valid", "库存策略无效", "Each entry of `errors` points at what cannot be so."
    ),
    "DEVICE_KEY_WRONG": Text(
        401,
        "No device of ours",
        "设备密钥无效",
        "Send the key of the shop's devices in X-Device-Key, or sign in as staff.",
    ),
}
