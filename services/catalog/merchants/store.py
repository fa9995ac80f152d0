"""This is where the indexes of merchants and their applications are."""

from pymongo import IndexModel

MERCHANTS = [
    IndexModel([("credit_code", 1)], unique=True, partialFilterExpression={"credit_code": {"$gt": ""}}),
    IndexModel([("due_at", 1)]),
]
APPLICATIONS = [
    IndexModel([("request_id", 1)], unique=True),
    IndexModel([("state", 1), ("_id", -1)]),
]
