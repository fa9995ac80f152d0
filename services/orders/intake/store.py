"""This is where the indexes of what comes in are."""

from pymongo import IndexModel

from services.orders.leases import EPOCH

CHANNEL_ORDERS = [
    IndexModel([("channel", 1), ("channel_order_id", 1)], name="once_a_number", unique=True),
    IndexModel([("state", 1), ("_id", -1)], name="by_state"),
    IndexModel([("channel", 1), ("state", 1), ("_id", -1)], name="of_a_channel"),
    IndexModel([("due_at", 1)], name="due", partialFilterExpression={"due_at": {"$gt": EPOCH}}),
]
EXTERNAL_PAYMENTS = [
    IndexModel([("channel", 1), ("channel_order_id", 1)], name="of_a_number"),
    IndexModel([("settlement", 1), ("_id", -1)], name="by_settlement"),
    IndexModel([("channel", 1), ("settlement", 1), ("_id", -1)], name="of_a_channel"),
]
