"""This is where problems are named that concern pictures and the storefront that shows them."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_MEDIA": Text(
        400,
        "Not a picture this shop takes",
        "图片不符合要求",
        "Send a JPEG, PNG or WebP that stands still, at most 5 MB and 40 million pixels; `detail` says what is wrong.",
    ),
    "MEDIA_NOT_FOUND": Text(404, "There is no such picture", "图片不存在", "See GET /v1/media."),
    "MEDIA_IN_USE": Text(
        409,
        "The picture is still shown",
        "图片仍在使用中",
        "`detail` says where; take it out there, then delete it.",
    ),
    "INVALID_RIGHTS": Text(
        400,
        "The declaration says too little",
        "图片权利声明不完整",
        "Name the holder; for a licence or an authorisation also its number, its end and its evidence.",
    ),
    "PAGE_NOT_FOUND": Text(
        404,
        "The product has no page yet",
        "商品详情页尚未编写",
        "POST /v1/products/{id}/detail-draft drafts one, PUT /v1/products/{id}/page keeps it.",
    ),
    "INVALID_PAGE_CONTENT": Text(
        400, "The page cannot be like this", "详情页内容有误", "Each entry of `errors` points at a section; mend it."
    ),
    "STORE_NOT_FOUND": Text(404, "The shop has no profile yet", "门店信息尚未填写", "PUT /v1/store writes it."),
    "INVALID_STORE": Text(
        400,
        "The profile cannot be like this",
        "门店信息有误",
        "Each entry of `errors` points at a part of it; mend it.",
    ),
    "INVALID_MODULES": Text(
        400, "The modules cannot be like this", "首页模块有误", "Each entry of `errors` points at a module; mend it."
    ),
}
