"""This is where problems are named that concern the goods: what is listed, reviewed, stocked and supplied."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "LISTING_REFUSED": Text(
        409,
        "The listing does not pass",
        "商品未通过审核",
        "Each entry of `errors` points at a part of the listing and says what is against it; mend it and try again.",
    ),
    "IMPORT_NOT_FOUND": Text(
        404, "There is no such import", "导入不存在", "Ask with the job's id; what became of rows is kept for 30 days."
    ),
    "IMPORT_BEGUN": Text(
        409,
        "The file is being taken in",
        "文件正在导入",
        "Follow its job; send another file with another Idempotency-Key.",
    ),
    "INVALID_BATCH": Text(400, "Not a batch of a file", "批次无效", "Send 1 to 500 rows a batch."),
    "JOB_NOT_FOUND": Text(404, "There is no such job", "任务不存在", "See GET /v1/jobs."),
    "UNKNOWN_JOB_KIND": Text(
        400, "Nobody knows how to do that", "未知的任务类型", "Use a kind the documentation names."
    ),
    "NOTICE_NOT_FOUND": Text(404, "There is no such notice", "通知不存在", "See GET /v1/notices."),
}
