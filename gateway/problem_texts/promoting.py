"""This is where problems are named that concern promotions."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "PROMOTION_OVER": Text(409, "The promotion has ended", "促销活动已结束", "Make another."),
    "OTHER_KIND": Text(409, "A promotion's kind never changes", "促销类型不可更改", "Make another, and end this one."),
    "PROMOTION_USED_UP": Text(
        409,
        "What was left at this price is gone",
        "优惠名额已被抢完",
        "Look at the cart again: it shows what the goods cost now.",
    ),
    "COUNT_BUSY": Text(None, "Too many buy this at once", "抢购人数过多", "Send the same request again."),
}
