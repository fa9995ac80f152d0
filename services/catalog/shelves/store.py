"""This is where the indexes of the shelves are."""

from pymongo import IndexModel

TURNS = [IndexModel([("sku", 1), ("at", 1)])]
STOCKOUTS = [
    IndexModel([("sku", 1), ("day", 1)]),
    IndexModel([("day", 1), ("sku", 1)]),
    IndexModel([("open", 1), ("day", 1)], partialFilterExpression={"open": True}),
]
CLASSES = [
    IndexModel([("currency", 1), ("value_minor", -1), ("_id", 1)]),
    IndexModel([("abc", 1), ("value_minor", -1), ("_id", 1)]),
    IndexModel([("value_minor", -1), ("_id", 1)]),
]
