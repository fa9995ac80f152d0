"""This is where webhooks get their indexes."""

from pymongo import IndexModel

_KEPT_S = 400 * 24 * 3600  # longer than a payment may be disputed for

WEBHOOKS = [
    IndexModel([("ref", 1)], name="once_an_id", unique=True),
    IndexModel([("state", 1), ("_id", -1)], name="by_state"),
    IndexModel([("received_at", 1)], name="forgotten", expireAfterSeconds=_KEPT_S),
]
