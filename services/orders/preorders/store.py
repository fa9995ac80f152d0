"""This is where campaigns get their index."""

from pymongo import IndexModel

CAMPAIGNS = [IndexModel([("ended_at", 1), ("closes_at", 1)], name="selling")]
