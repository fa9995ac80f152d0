"""This is where subscriptions get their indexes."""

from pymongo import IndexModel

from services.orders.leases import EPOCH

SUBSCRIPTIONS = [
    IndexModel([("request_id", 1)], name="once_a_request", unique=True),
    IndexModel([("customer_id", 1), ("_id", -1)], name="of_a_customer"),
    IndexModel([("wake_at", 1)], name="due", partialFilterExpression={"wake_at": {"$gt": EPOCH}}),
]
