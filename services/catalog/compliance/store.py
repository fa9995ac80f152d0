"""This is where the indexes of the word list are."""

from pymongo import IndexModel

WORDS = [
    # Of the words that stand, one a key.
    IndexModel([("key", 1)], unique=True, partialFilterExpression={"removed_in": 0}),
    IndexModel([("removed_in", 1), ("_id", 1)]),
    IndexModel([("removed_in", 1), ("kind", 1), ("_id", 1)]),
]
