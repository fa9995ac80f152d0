"""This is where problems are named that concern records: price protection, invoices and vouchers, the ledger."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "NOT_PROTECTED": Text(
        409,
        "Its price is not protected",
        "订单不在保价范围内",
        "GET the same address: `covered_until` and `claim_until` say how long it was.",
    ),
    "PROTECTION_BUSY": Text(409, "The order keeps changing", "订单正在更新", "Try again in a moment."),
    "PROTECTION_UNFINISHED": Text(
        503,
        "The difference is not paid yet",
        "差价退款尚未完成",
        "It will go back; asking again goes on at once.",
    ),
    "INVALID_VERIFICATION": Text(
        400, "That cannot be verified", "验证范围有误", "Entries are counted from 1; a noted entry needs its hash."
    ),
    "LEDGER_BUSY": Text(409, "The ledger is being written", "账本正在写入", "Try again in a moment."),
    "INVALID_PROTECTION_POLICY": Text(400, "No policy can be so", "保价策略有误", "Correct what `errors` points at."),
}
