"""This is where the indexes of the fleet are."""

from pymongo import IndexModel

VEHICLES = [IndexModel([("depot", 1), ("_id", 1)])]
PLANS = [
    IndexModel([("depot", 1), ("_id", 1)]),
    IndexModel([("busy", 1), ("_id", 1)], partialFilterExpression={"busy": True}),
]
ROUTES = [
    IndexModel([("depot", 1), ("day", 1), ("_id", 1)]),
    IndexModel([("rider", 1), ("leaves_at", 1)], partialFilterExpression={"open": True}),
    IndexModel([("owes", 1), ("_id", 1)], partialFilterExpression={"owes": True}),
]
