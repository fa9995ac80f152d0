"""This is where problems are named that concern those who follow orders from outside."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "TOO_MANY_LOOKUPS": Text(
        429, "This number was asked for too often", "查询次数过多", "Wait as long as Retry-After says, then try again."
    ),
    "FEED_BUSY": Text(
        409, "Others write all the time", "系统繁忙", "Nothing is lost; it is written down a moment later."
    ),
    "INVALID_ACKNOWLEDGEMENT": Text(
        400, "None, or too many of them", "回执数量有误", "Send 1 to 100 acknowledgements at a time."
    ),
}
