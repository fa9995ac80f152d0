"""This is where the indexes of slots and windows are."""

from pymongo import IndexModel

WINDOWS = [IndexModel([("warehouse", 1), ("_id", 1)], name="warehouse")]
SLOTS = [
    IndexModel([("places.order_id", 1)], name="of_an_order"),
    IndexModel([("look_at", 1)], name="look_at"),
    IndexModel([("gone_at", 1)], name="gone_at", expireAfterSeconds=0),
]
