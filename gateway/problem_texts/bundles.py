"""This is where problems are named that concern goods sold together."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "BUNDLE_NOT_FOUND": Text(
        404, "That is no bundle", "该商品不是组合装", "PUT /v1/skus/{sku}/bundle makes one of it."
    ),
    "INVALID_BUNDLE": Text(
        400, "It cannot be made of that", "组合内容无效", "Each entry of `errors` points at a part that cannot be one."
    ),
    "BUNDLE_IN_USE": Text(
        409,
        "It has stock or was ordered",
        "该 SKU 已有库存或已被下单，组合内容不可再改",
        "Take it off sale and make the bundle of a fresh SKU: what came with an order must stay true for its return.",
    ),
    "BUNDLE_HAS_NO_STOCK": Text(
        409,
        "A bundle has no stock of its own",
        "组合装没有独立库存",
        "Book the SKUs it is made of: GET /v1/skus/{sku}/bundle.",
    ),
}
