"""This is where problems are named that concern addresses, customs and parcels that come back."""

from gateway.problem_texts.text import Text

TEXTS: dict[str, Text] = {
    "INVALID_ADDRESS_TEXT": Text(
        400,
        "There is nothing to read, or too much",
        "地址为空或过长",
        "Send the address in `line` (up to 500 characters) or in its fields.",
    ),
}
