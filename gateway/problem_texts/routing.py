"""This is where problems are named that concern warehouses and the ways goods take."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_REROUTE": Text(
        400, "The parcel cannot be moved like that", "改仓请求无效", "Correct what `errors` points at."
    ),
}
