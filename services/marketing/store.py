"""This is where marketing's indexes are named."""

from pymongo import IndexModel

# What runs is what has not ended; the history of what has stays out of the way.
PROMOTIONS = [IndexModel([("ends_at", 1), ("starts_at", 1)], name="running")]
COUPONS = [IndexModel([("made", -1)], name="newest")]
TAKINGS = [IndexModel([("tidy_at", 1)], name="tidy")]
