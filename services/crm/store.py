"""This is where crm's indexes are named."""

from pymongo import IndexModel

CUSTOMERS = [
    IndexModel([("email_index", 1)], name="email", unique=True),
    IndexModel(
        [("addresses.phone_index", 1)],
        name="phone",
        partialFilterExpression={"addresses.phone_index": {"$exists": True}},
    ),
]
STAFF = [IndexModel([("email_index", 1)], name="email", unique=True)]
SESSIONS = [
    IndexModel([("expires_at", 1)], name="ended", expireAfterSeconds=0),
    IndexModel([("subject", 1)], name="of"),
]
TRIES = [IndexModel([("forget_at", 1)], name="forgotten", expireAfterSeconds=0)]
MEMBERSHIPS = [IndexModel([("groups", 1), ("_id", 1)], name="of_a_group")]
WALLETS = [
    IndexModel([("expires_next", 1)], name="due", partialFilterExpression={"expires_next": {"$type": "date"}}),
]
