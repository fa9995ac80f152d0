"""This is where the indexes of the supply wing are."""

from pymongo import IndexModel

HISTORY = [IndexModel([("sku", 1), ("day", 1)])]
FORECASTS = [
    IndexModel([("value_minor", -1), ("_id", 1), ("run", 1)]),  # all of it is read when classes are made
    IndexModel([("made_at", 1)]),
]
LINES = [
    IndexModel([("made_at", 1)]),
    IndexModel([("days_left", 1), ("_id", 1)]),
    IndexModel([("stock_class", 1), ("days_left", 1), ("_id", 1)]),
    IndexModel([("to_order", 1), ("days_left", 1), ("_id", 1)]),
    IndexModel([("waiting", 1), ("_id", 1)], partialFilterExpression={"waiting": True}),
    IndexModel([("batch", 1), ("supplier_id", 1), ("_id", 1)], partialFilterExpression={"batch": {"$gt": ""}}),
]
