"""This is where problems are named that concern the fulfilment floor and the cards in parcels."""

from gateway.problem_texts.text import Text

_MEND = "Each entry of `errors` points at what is wrong; mend it."
TEXTS: dict[str, Text] = {
    "INSERT_NOT_FOUND": Text(404, "There is no such card", "卡片不存在", "Type the code as it is printed on the card."),
    "INSERT_REDEEMED": Text(
        409, "The card was redeemed already", "卡片已被使用", "Each card gives once, to whom it came."
    ),
    "NO_INSERT_OFFER": Text(
        409,
        "Nothing is offered on cards",
        "未设置包裹卡活动",
        "PUT /v1/insert-offer first, or print without `inserts`.",
    ),
    "INVALID_INSERT_OFFER": Text(400, "No card can say that", "包裹卡内容有误", _MEND),
    "INVALID_WAVE": Text(400, "No wave can be so", "波次条件有误", _MEND),
    "NOTHING_TO_PICK": Text(
        409, "No parcel waits that fits", "没有符合条件的待拣包裹", "Ask for more, or wait for orders."
    ),
    "WAVE_NOT_FOUND": Text(404, "There is no such wave", "波次不存在", "See GET /v1/waves."),
    "PICK_LIST_NOT_FOUND": Text(404, "There is no such pick list", "拣货单不存在", "See GET /v1/pick-lists."),
    "PICK_LIST_TAKEN": Text(409, "The pick list is not yours", "拣货单由他人负责", "Claim one that is open."),
    "PICK_LIST_DONE": Text(409, "The pick list is worked off", "拣货单已完成", "Claim one that is open."),
    "INVALID_PICK": Text(400, "It cannot be picked so", "拣货数量有误", _MEND),
    "INVALID_BIN": Text(400, "There is no such place", "库位有误", "A zone and a bin have 1 to 32 characters."),
    "NOTHING_THE_MATTER": Text(409, "Nothing keeps the parcel", "包裹没有异常", "Pack it."),
    "SHIPMENT_SET_ASIDE": Text(
        409,
        "The parcel was set aside",
        "包裹已被搁置",
        "`context` says why. Once its goods are there: POST /v1/shipments/{id}/take-up; or send it from elsewhere.",
    ),
    "SHIPMENT_IN_QC": Text(
        409, "The parcel must be looked at first", "包裹待质检", "POST /v1/shipments/{id}/qc/pass or …/fail."
    ),
    "PACK_MISMATCH": Text(
        400, "Other goods were scanned than belong in it", "扫描商品与包裹不符", "`errors` names each SKU; count again."
    ),
    "WEIGHT_OFF": Text(
        409,
        "The box is not as heavy as it should be",
        "包裹重量异常",
        "Look into it; when it is right all the same, send it once more with a `reason`.",
    ),
    "INVALID_PACKING": Text(400, "Nothing can be packed so", "打包信息有误", _MEND),
    "INVALID_PACK_RULES": Text(400, "No box can be checked so", "打包规则有误", _MEND),
    "INVALID_MANIFEST": Text(400, "No manifest can be so", "交接单有误", _MEND),
    "MANIFEST_NOT_FOUND": Text(
        404, "There is no such manifest", "交接单不存在", "Only closed ones are a carrier's to see."
    ),
    "MANIFEST_EMPTY": Text(
        409, "Nothing is packed for it", "没有可交接的包裹", "Pack something for this carrier first."
    ),
    "MANIFEST_OPEN": Text(409, "The manifest is not closed", "交接单尚未关闭", "Close it first."),
    "INVALID_QC_POLICY": Text(400, "No policy can be so", "质检策略有误", _MEND),
    "NOT_IN_QC": Text(409, "Nobody need look at the parcel", "包裹无需质检", "See GET /v1/qc/checks."),
    "QC_INCOMPLETE": Text(400, "A point of the checklist is not fine", "质检项未全部通过", "Fail it, or look again."),
    "INVALID_QC_OUTCOME": Text(400, "No such outcome", "质检结果有误", "`replace` or `exception`."),
}
