"""This is where problems are named that concern records: price protection, invoices and vouchers, the ledger."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "NOT_PROTECTED": Text(
        409,
        "Its price is not protected",
        "订单不在保价范围内",
        "GET the same address: `covered_until` and `claim_until` say how long it was.",
    ),
    "INVALID_GUARANTEE": Text(
        400, "Nobody can promise that", "无法作出该保价承诺", "`errors` says what; at most 180 days after payment."
    ),
    "PROTECTION_BUSY": Text(409, "The order keeps changing", "订单正在更新", "Try again in a moment."),
    "PROTECTION_UNFINISHED": Text(
        503,
        "The difference is not paid yet",
        "差价退款尚未完成",
        "It will go back; asking again goes on at once.",
    ),
    "INVALID_BUYER": Text(
        400, "No invoice can be made out to that", "发票抬头有误", "A company has a tax id, a person has none."
    ),
    "NOT_INVOICEABLE": Text(
        409, "There is nothing to invoice", "订单不可开票", "Only what was paid and has not gone back is invoiced."
    ),
    "INVOICE_EXISTS": Text(
        409,
        "An invoice is in force already",
        "该订单已开票",
        "`context` names it: POST …/invoices/{invoice_id}/reissue makes it out to somebody else.",
    ),
    "INVOICE_NOT_FOUND": Text(404, "There is no such invoice", "发票不存在", "See GET /v1/orders/{id}/invoices."),
    "INVOICES_BUSY": Text(409, "Too many invoices at once", "开票繁忙", "Try again in a moment."),
    "NO_INVOICE_PROFILE": Text(
        409, "Nobody has said who sells", "尚未设置销售方信息", "Finance puts it: PUT /v1/invoice-profile."
    ),
    "INVALID_INVOICE_PROFILE": Text(400, "No seller can be so", "销售方信息有误", "Correct what `errors` points at."),
    "INVALID_EXPORT": Text(400, "There is no such export", "导出格式不支持", "Use `json` or `xml`."),
    "INVALID_VERIFICATION": Text(
        400, "That cannot be verified", "验证范围有误", "Entries are counted from 1; a noted entry needs its hash."
    ),
    "LEDGER_BUSY": Text(409, "The ledger is being written", "账本正在写入", "Try again in a moment."),
    "INVALID_PROTECTION_POLICY": Text(400, "No policy can be so", "保价策略有误", "Correct what `errors` points at."),
}
