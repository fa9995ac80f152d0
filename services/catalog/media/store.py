"""This is where the indexes of the media library are."""

from pymongo import IndexModel

ASSETS = [
    IndexModel([("merchant_id", 1), ("created_at", -1), ("_id", -1)]),
    IndexModel([("merchant_id", 1), ("purpose", 1), ("created_at", -1), ("_id", -1)]),
    IndexModel(
        [("rights.told", 1), ("rights.valid_until", 1)],
        partialFilterExpression={"rights.valid_until": {"$exists": True}},
    ),
    IndexModel([("rights.evidence_id", 1)], partialFilterExpression={"rights.evidence_id": {"$exists": True}}),
]
