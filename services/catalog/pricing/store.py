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
FORMULAS = [IndexModel([("open", 1), ("_id", -1)])]
PROPOSALS = [
    IndexModel([("open", 1), ("kind", 1), ("_id", 1)]),
    IndexModel([("open", 1), ("_id", 1)]),
    IndexModel([("formula_id", 1), ("open", 1)]),
]
COMPETITOR_ITEMS = [
    IndexModel([("sku", 1), ("last_at", -1)]),
    IndexModel([("matched_by", 1), ("_id", 1)]),
    IndexModel([("last_at", -1)]),
]
COMPETITOR_PRICES = [
    IndexModel([("item_id", 1), ("at", -1), ("_id", -1)]),
    IndexModel([("has_traffic", 1), ("at", 1)], partialFilterExpression={"has_traffic": True}),
]
CAMPAIGNS = [IndexModel([("starts_at", 1)])]
SHARES = [IndexModel([("month", -1), ("_id", 1)])]
ELASTICITIES = [IndexModel([("run", 1), ("_id", 1)])]
