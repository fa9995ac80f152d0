"""This is where problems are named that concern searching and what is learnt from it."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INDEX_BUILDING": Text(
        503, "The search index is being made", "搜索索引正在建立", "Try again in a second; buying is not affected."
    ),
    "INVALID_SYNONYMS": Text(
        400,
        "Not a set of words",
        "同义词无效",
        "Send 2 to 30 terms, each with a word in it, at most 60 characters long.",
    ),
    "SYNONYMS_NOT_FOUND": Text(404, "There is no such set of words", "同义词不存在", "See GET /v1/search/synonyms."),
    "SUGGESTION_NOT_FOUND": Text(
        404, "There is no such proposal", "建议不存在", "See GET /v1/search/title-suggestions."
    ),
    "SUGGESTION_DECIDED": Text(
        409, "It is decided already", "建议已处理", "Edit the product itself to change its title."
    ),
}
