"""This is where the indexes of reviews and questions are."""

from pymongo import IndexModel

REVIEWS = [
    IndexModel([("product_id", 1), ("state", 1), ("photo", -1), ("at", -1), ("_id", -1)]),
    IndexModel([("product_id", 1), ("state", 1), ("rating", 1)]),
    IndexModel([("state", 1), ("at", 1), ("_id", 1)]),
]
QUESTIONS = [
    IndexModel([("product_id", 1), ("state", 1), ("_id", -1)]),
    IndexModel([("state", 1), ("_id", -1)]),
]
