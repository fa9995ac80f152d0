"""This is where problems are named that concern addresses, customs and parcels that come back."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_ADDRESS_TEXT": Text(
        400,
        "There is nothing to read, or too much",
        "地址为空或过长",
        "Send the address in `line` (up to 500 characters) or in its fields.",
    ),
    "RETURN_PARCEL_NOT_FOUND": Text(
        404,
        "No parcel is booked for this return",
        "该退货尚未安排寄回",
        "POST /v1/returns/{id}/way-back books one.",
    ),
    "RETURN_PARCEL_LEFT": Text(
        409, "The carrier has the parcel", "包裹已被承运商揽收", "Follow it under GET /v1/returns/{id}/parcel."
    ),
    "RETURN_PARCEL_CANCELLED": Text(
        409, "The parcel was called off", "该包裹已取消寄回", "`context` names the return; see which parcel it has now."
    ),
    "NOT_COME_BACK": Text(
        409, "The parcel does not come back", "该包裹并未退回", "GET /v1/shipments/{id}/tracking shows where it is."
    ),
    "INVALID_RESTOCK": Text(
        400,
        "This was not in the parcel",
        "与包裹内容不符",
        "Each entry of `errors` points at a line; see what was in it.",
    ),
    "PICKUP_NOT_OPEN": Text(
        409, "Nobody is to come for it any more", "该取件已无法改期", "GET /v1/returns/{id}/parcel shows where it is."
    ),
    "PICKUP_WINDOW_NOT_FOUND": Text(
        404, "No carrier comes then", "该时段不可预约", "Choose one of GET /v1/pickup-windows."
    ),
    "PICKUP_FULL": Text(
        409, "The carrier has no time left then", "该时段已约满", "Choose another of GET /v1/pickup-windows."
    ),
    "INVALID_PICKUP_PLAN": Text(
        400, "No plan can be so", "取件计划有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "INVALID_RETURN_STATE": Text(400, "There is no such state", "状态有误", "See the parameter's description."),
    "INVALID_CUSTOMS_GOODS": Text(
        400, "Customs cannot be told this", "海关信息有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "CUSTOMS_GOODS_NOT_FOUND": Text(
        404,
        "The SKU is not described for customs",
        "该商品尚无海关信息",
        "PUT /v1/customs/goods/{sku}, or import a CSV file.",
    ),
    "INVALID_RESTRICTION": Text(
        400,
        "No restriction can be so",
        "限制规则有误",
        "Each entry of `errors` points at what is wrong; say which goods by `hs_prefix` or `battery`.",
    ),
    "RESTRICTION_NOT_FOUND": Text(
        404, "There is no such restriction", "限制规则不存在", "See GET /v1/customs/restrictions."
    ),
    "INVALID_DUTY_TABLE": Text(
        400, "No table of duties can be so", "关税表有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "INVALID_CROSSING": Text(
        400, "Nothing that could cross a border", "无法跨境的货物", "Each entry of `errors` points at what is wrong."
    ),
    "NOT_ABROAD": Text(
        409,
        "The parcel has no customs papers",
        "该包裹无需报关",
        "Only parcels that cross a border and are planned have them.",
    ),
    "DECLARATION_INCOMPLETE": Text(
        409,
        "Customs data of its goods is missing",
        "商品海关信息不完整",
        "`context` says the SKU and what is missing; PUT /v1/customs/goods/{sku}.",
    ),
    "INVALID_PAPER": Text(
        400, "There is no such paper", "单据类型有误", "commercial-invoice, packing-list or declaration."
    ),
    "GOODS_PROHIBITED": Text(
        409,
        "Something in it may not be sent to that country",
        "部分商品禁止寄往该国家或地区",
        "`context` says which and why; take it out, or send it elsewhere.",
    ),
}
