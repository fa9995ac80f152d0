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
TRANSFERS = [IndexModel([("request_id", 1)], unique=True), IndexModel([("state", 1), ("_id", -1)])]
COUNTS = [IndexModel([("state", 1), ("_id", -1)])]
COUNT_LINES = [IndexModel([("count_id", 1), ("sku", 1)])]
PROPOSALS = [
    IndexModel([("open", 1), ("rank", 1), ("due_at", 1), ("_id", 1)], partialFilterExpression={"open": True}),
]
LOW_LINES = [
    IndexModel([("sku", 1)]),
    IndexModel([("low", 1), ("cover_tenths", 1), ("_id", 1)], partialFilterExpression={"low": True}),
]
HEALTH = [
    IndexModel([("value_minor", -1), ("_id", 1)]),
    IndexModel([("flag", 1), ("value_minor", -1), ("_id", 1)]),
]
READINGS = [
    IndexModel([("told", 1), ("differs_since", 1)]),
    IndexModel([("warehouse", 1), ("_id", 1)]),
    IndexModel([("sku", 1), ("_id", 1)]),
]
