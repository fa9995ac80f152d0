"""This is where problems are named that concern what a listing may say and must show."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "LISTING_RETIRED": Text(
        409, "It is off sale for good", "商品已永久下架", "Nothing of it changes any more: list a new product."
    ),
    "INVALID_REPLACEMENT": Text(
        400,
        "That cannot take its place",
        "替代商品无效",
        "Name another product that is not retired itself, or none.",
    ),
    "INVALID_POLICY": Text(400, "The policy is not valid", "售后政策无效", "Correct what `errors` points at."),
    "INVALID_SCHEMA": Text(400, "The schema is not valid", "类目属性模板无效", "Correct what `errors` points at."),
    "INVALID_WORD": Text(400, "The word is not valid", "词条无效", "Correct what `errors` points at."),
    "WORD_EXISTS": Text(
        409,
        "That word is on the list already",
        "该词已在词库中",
        "Find it with GET /v1/compliance/words; take it off the list before you put it on differently.",
    ),
    "WORD_NOT_FOUND": Text(404, "There is no such word", "词条不存在", "See GET /v1/compliance/words."),
    "TOO_MANY_WORDS": Text(409, "The list is full", "词库已满", "Take words off the list that nobody needs."),
}
