"""This is where marketing's indexes are named, and the query that finds what runs at the same time."""

from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.kit.store import Store

from .choices import Rule
from .coupons import Coupon
from .promotions import Promotion
from .stackable import rule_of_coupon, rules_of

# What runs is what has not ended; the history of what has stays out of the way.
PROMOTIONS = [IndexModel([("ends_at", 1), ("starts_at", 1)], name="running")]
COUPONS = [
    IndexModel([("made", -1)], name="newest"),
    IndexModel([("ends_at", 1), ("starts_at", 1)], name="running"),
    IndexModel([("ends_at", 1)], name="claimable", partialFilterExpression={"claims_per_customer": {"$gt": 0}}),
]
JOBS = [
    IndexModel([("request_id", 1)], name="once_a_request", unique=True),
    IndexModel([("state", 1), ("_id", 1)], name="by_state"),
    IndexModel([("kind", 1), ("_id", -1)], name="of_a_kind"),
]
TAKINGS = [IndexModel([("tidy_at", 1)], name="tidy")]
_SET = {name: {name: {"$gt": ""}} for name in ("customer_id", "batch", "slot", "request_id")}
VOUCHERS = [
    IndexModel([("code", 1)], name="code", unique=True),
    IndexModel([("customer_id", 1), ("_id", -1)], name="of_a_customer", partialFilterExpression=_SET["customer_id"]),
    IndexModel([("batch", 1), ("_id", 1)], name="of_a_batch", partialFilterExpression=_SET["batch"]),
    IndexModel([("source", 1), ("_id", -1)], name="granted", partialFilterExpression={"source": "agent"}),
    IndexModel([("slot", 1)], name="one_a_claim", unique=True, partialFilterExpression=_SET["slot"]),
    IndexModel([("request_id", 1)], name="once_a_request", unique=True, partialFilterExpression=_SET["request_id"]),
]
_ALIKE = ("currency", "amount_off_minor", "percent_bp", "threshold_minor", "skus", "categories", "exclusive")
# Those made before there was this limit have it too.
_ALIKE_PER_ORDER = {"alike_per_order": {"$ifNull": ["$alike_per_order", 1]}}


class RulesMet:
    """What runs at the same time as something else."""

    def __init__(self, promotions: Store[Promotion], coupons: Store[Coupon]) -> None:
        self._promotions, self._coupons = promotions, coupons

    async def during(self, start: datetime, end: datetime, most: int) -> list[Rule]:
        """Promotions, and coupons with uses left: a hundred thousand codes of one campaign are one rule."""
        overlapping = {"ends_at": {"$gt": start}, "starts_at": {"$lt": end}}
        promotions = await self._promotions.find(overlapping, [("ends_at", 1)], most)
        left = {"$expr": {"$or": [{"$eq": ["$limit", 0]}, {"$lt": ["$uses", "$limit"]}]}}
        period = {"starts_at": {"$max": ["$starts_at", start]}, "ends_at": {"$min": ["$ends_at", end]}}
        stages: list[dict[str, Any]] = [
            {"$match": overlapping | left},
            {
                "$group": {
                    "_id": {**{name: f"${name}" for name in _ALIKE}, **_ALIKE_PER_ORDER, **period},
                    "code": {"$min": "$_id"},
                    "alike": {"$sum": 1},
                }
            },
            {"$limit": most},
        ]
        found = await (await self._coupons.collection.aggregate(stages)).to_list(None)
        coupons = [rule_of_coupon(Coupon(id=each["code"], title="", **each["_id"]), each["alike"]) for each in found]
        return ([rule for each in promotions for rule in rules_of(each)] + coupons)[:most]
