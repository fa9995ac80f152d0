"""This is where the floor's indexes are."""

from pymongo import ASCENDING, IndexModel

WAVES = [IndexModel([("state", ASCENDING), ("created_at", ASCENDING)], name="state")]
LISTS = [
    IndexModel([("wave", ASCENDING)], name="wave"),
    IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="state"),
    IndexModel([("warehouse", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)], name="warehouse"),
]
MANIFESTS = [
    IndexModel(
        [("carrier", ASCENDING), ("warehouse", ASCENDING), ("cutoff_at", ASCENDING)], name="cutoff", unique=True
    ),
    IndexModel([("carrier", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)], name="carrier"),
    IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="state"),
]
