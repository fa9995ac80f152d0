"""This is where problems are named that concern scorecards, and devices on the way."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_WINDOW": Text(
        400, "There is no such scorecard", "无此评分卡", "By carrier, route, warehouse or lane; of 28 or 90 days."
    ),
    "DEVICE_NOT_FOUND": Text(404, "There is no such device", "设备不存在", "See GET /v1/iot/devices."),
    "INVALID_DEVICE": Text(
        400, "No device can be so", "设备信息有误", "It needs a title; it travels with a shipment or a vehicle."
    ),
    "TOO_MANY_READINGS": Text(400, "No readings, or too many", "读数数量有误", "Send 1 to 100 at once."),
    "INVALID_RULE": Text(
        400, "No rule can be so", "规则有误", "Each entry of `errors` points at what is wrong; mend it."
    ),
    "TRACK_NOT_FOUND": Text(
        404, "No device travelled with it", "没有设备随行记录", "Bind one: PUT /v1/iot/devices/{device_id}/binding."
    ),
}
