"""This is where the indexes of what the pricing wing keeps are."""

from pymongo import IndexModel

RULES = [
    IndexModel([("open", 1), ("_id", -1)]),
    IndexModel([("open", 1), ("ends_at", 1)]),
    IndexModel([("wide", 1), ("open", 1)]),
    IndexModel([("spread_at", 1)]),
]
ROWS = [
    IndexModel([("open", 1), ("due_at", 1)]),
    IndexModel([("sku", 1), ("open", 1)]),
    IndexModel([("rule_id", 1), ("_id", 1)]),
    IndexModel([("rule_id", 1), ("refused", 1)]),
    IndexModel([("counting", 1)], partialFilterExpression={"counting": True}),
]
