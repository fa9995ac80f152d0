"""This is where problems are named that concern what customers think of goods and ask about them."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_REVIEW": Text(
        400,
        "The review is not valid",
        "评价无效",
        "1 to 5 stars, at most 4,000 characters and 9 pictures; see `errors`.",
    ),
    "REVIEW_NOT_FOUND": Text(404, "There is no such review", "评价不存在", "Check the id; it may have been withdrawn."),
    "REVIEW_DECIDED": Text(
        409, "The review is decided on", "评价已处理", "Rejected and withdrawn reviews stay as they are."
    ),
    "INVALID_QUESTION": Text(
        400, "The text is not valid", "内容无效", "2 to 1,000 characters, without contacts, advertising or insults."
    ),
    "QUESTION_NOT_FOUND": Text(404, "There is no such question", "问题不存在", "Check the id."),
    "NOT_BOUGHT": Text(
        403, "Only those who bought it answer", "仅限已购买的顾客回答", "Staff and buyers answer questions."
    ),
    "ENOUGH_ANSWERS": Text(429, "It has answers enough", "回答已满", "A question has at most fifty answers."),
}
