"""This is where problems are named that concern buying goods in: suppliers, orders, receipts, forecasts, replenishment."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "SUPPLIER_NOT_FOUND": Text(404, "There is no such supplier", "供应商不存在", "See GET /v1/suppliers."),
    "INVALID_SUPPLIER": Text(
        400, "No supplier can be so", "供应商信息有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "SUPPLIER_ITEM_NOT_FOUND": Text(
        404, "The supplier does not quote that SKU", "该供应商未报价此商品", "See GET /v1/suppliers/{id}/items."
    ),
    "INVALID_SUPPLIER_ITEM": Text(
        400,
        "No quote can be so",
        "报价信息有误",
        "Costs are in the supplier's currency; quantities are whole units from 1.",
    ),
    "NO_SUPPLIER": Text(
        400,
        "Nobody to order it from",
        "无可用供应商",
        "Each entry of `errors` points at a line. Let an approved supplier quote the SKU, or name a supplier that does.",
    ),
    "INVALID_PURCHASE_ORDER": Text(
        400, "No purchase order can be so", "采购单有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "PURCHASE_ORDER_NOT_FOUND": Text(
        404, "There is no such purchase order", "采购单不存在", "See GET /v1/purchase-orders."
    ),
    "PURCHASE_ORDER_BUSY": Text(
        409, "The order keeps changing", "采购单正被他人修改", "Try again in a moment, with the same Idempotency-Key."
    ),
    "APPROVAL_NEEDED": Text(
        403,
        "Worth more than you may approve",
        "金额超出审批权限",
        "The owner or finance must approve it; from which value stands in GET /v1/purchase-policy.",
    ),
    "SUPPLIER_NOT_APPROVED": Text(
        409, "The supplier is not approved", "供应商未获批准", "Set its state to `approved` first, or order elsewhere."
    ),
    "INVALID_PURCHASE_POLICY": Text(
        400, "No policy can be so", "采购策略有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "OVER_RECEIPT": Text(
        409,
        "More came than was ordered",
        "到货超出订购数量",
        "`context` says the SKU and how many more may come; book those, and send the rest back or order it.",
    ),
    "TOO_MANY_RECEIPTS": Text(
        409, "An order does not bear so many deliveries", "收货次数过多", "Close it and order what is left anew."
    ),
    "INVALID_COST": Text(
        400, "No cost can be so", "成本有误", "A cost is in the SKU's currency, in whole minor units."
    ),
    "FORECAST_NOT_FOUND": Text(
        404,
        "Nothing has been forecast for it yet",
        "暂无该商品的预测",
        "Look whether there is such a product; POST /v1/replenishment/runs forecasts all that is on sale.",
    ),
    "INVALID_SALES": Text(400, "Too many rows at once", "一次提交的行数过多", "Send at most 1,000 rows a batch."),
    "INVALID_REPLENISHMENT_POLICY": Text(
        400, "No policy can be so", "补货策略有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "REPLENISHMENT_POLICY_NOT_FOUND": Text(
        404, "This SKU has no policy of its own", "该 SKU 没有单独的补货策略", "See GET /v1/replenishment/policies."
    ),
    "LOT_NOT_FOUND": Text(
        404, "There is no such lot", "批次不存在", "The receipts of GET /v1/purchase-orders/{id} name theirs."
    ),
}
