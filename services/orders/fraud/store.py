"""This is where the indexes of the fraud wing are, and the few writes and reads the kit does not have."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, UpdateOne
from pymongo.write_concern import WriteConcern

from services.kit.clock import Clock
from services.kit.ids import id_of_moment
from services.kit.service import Ground
from services.kit.store import Document, Store, encode
from services.orders.leases import EPOCH

from .nightly import Past
from .policy import FraudPolicy
from .reports import FraudReport
from .reviews import Review
from .scoring import Model
from .trails import KEPT, MOST, Listing, Sighting, Trail

TRAILS = [
    IndexModel([("until", 1)], name="forgotten", expireAfterSeconds=0),
    IndexModel(
        [("listing.verdict", 1), ("_id", -1)],
        name="listed",
        partialFilterExpression={"listing.verdict": {"$exists": True}},
    ),
]
REVIEWS = [
    IndexModel([("state", 1), ("_id", -1)], name="by_state"),
    IndexModel(
        [("request_id", 1)],
        name="once_a_request",
        unique=True,
        partialFilterExpression={"request_id": {"$gt": ""}},
    ),
    IndexModel([("due_at", 1)], name="due", partialFilterExpression={"due_at": {"$gt": EPOCH}}),
]
REPORTS = [IndexModel([("at", 1)], name="by_time")]
_PAGE = 200  # orders read at once: the loop is nobody's for longer than some milliseconds
_OF_AN_ORDER = {
    "risk": 1,
    "state": 1,
    "currency": 1,
    "captured_minor": 1,
    "paid_at": 1,
    "lines.category": 1,
    "lines.unit_minor": 1,
    "lines.quantity": 1,
}


class Keeping:
    """This wing's collections."""

    def __init__(self, ground: Ground[Any], orders: Store[Any], clock: Clock) -> None:
        self.trails: Store[Trail] = ground.store("fraud_trails", Trail, TRAILS)
        self.reviews: Store[Review] = ground.store("fraud_reviews", Review, REVIEWS)
        self.reports: Store[FraudReport] = ground.store("fraud_reports", FraudReport, REPORTS)
        self.policies: Store[FraudPolicy] = ground.store("fraud_policies", FraudPolicy)
        self.models: Store[Model] = ground.store("fraud_models", Model)
        self._orders, self._clock, self._turnstile = orders, clock, ground.turnstile
        # A sighting lost with the primary is one of many; nobody waits for the journal because of it.
        self._sightings = self.trails.collection.with_options(write_concern=WriteConcern(w=1, j=False))

    async def add(self, seen: Mapping[str, Sequence[Sighting]]) -> None:
        """Adds sightings to their trails, each once by its key; one write."""
        now = self._clock.now()
        writes = [UpdateOne({"_id": mark}, _adding(sightings, now), upsert=True) for mark, sightings in seen.items()]
        async with self._turnstile.writes:
            await self._sightings.bulk_write(writes, ordered=False)

    async def of(self, marks: Sequence[str]) -> dict[str, Trail]:
        """Those of these trails that there are; one read."""
        return await self.trails.get_many(marks)

    async def came_to(self, marks: Sequence[str], key: str, outcome: str) -> None:
        """Says what a sighting came to, in each of these trails; one write."""
        async with self._turnstile.writes:
            await self.trails.collection.update_many(
                {"_id": {"$in": list(marks)}},
                {"$set": {"seen.$[it].outcome": outcome}},
                array_filters=[{"it.key": key}],
            )

    async def list_many(self, listings: Mapping[str, Listing], forgotten_at: datetime) -> None:
        """Sets the listing of each of these marks; one write."""
        writes = [
            UpdateOne(
                {"_id": mark},
                {"$set": {"listing": encode(listing)}, "$max": {"until": forgotten_at}, "$inc": {"version": 1}},
                upsert=True,
            )
            for mark, listing in listings.items()
        ]
        async with self._turnstile.writes:
            await self.trails.collection.bulk_write(writes, ordered=False)

    async def past(self, since: datetime) -> AsyncIterator[list[Past]]:
        """Orders placed since then, in order of time, a few at once."""
        after = id_of_moment("ord", since)
        while True:
            async with self._turnstile.reads:
                found = self._orders.collection.find({"_id": {"$gt": after}}, _OF_AN_ORDER).sort("_id", 1).limit(_PAGE)
                rows: list[Document] = await found.to_list(_PAGE)
            if rows:
                yield [_past(row) for row in rows]
            if len(rows) < _PAGE:
                return
            after = rows[-1]["_id"]

    async def reported(self, since: datetime) -> list[FraudReport]:
        """Losses written down since then; the newest 10,000."""
        return await self.reports.find({"at": {"$gt": since}}, sort=[("at", -1)], limit=10_000)

    async def decided(self, since: datetime) -> list[Review]:
        """Reviews of orders since then; the newest 10,000."""
        return await self.reviews.find({"_id": {"$gt": id_of_moment("ord", since)}}, sort=[("_id", -1)], limit=10_000)


def _adding(sightings: Sequence[Sighting], now: datetime) -> list[Document]:
    """The pipeline that adds what is not there yet and keeps the last of it."""
    seen = {"$ifNull": ["$seen", []]}
    new = {
        "$filter": {
            "input": {"$literal": encode(list(sightings))},
            "as": "one",
            "cond": {"$not": {"$in": ["$$one.key", {"$ifNull": ["$seen.key", []]}]}},
        }
    }
    return [
        {
            "$set": {
                "seen": {"$slice": [{"$concatArrays": [seen, new]}, -MOST]},
                "since": {"$ifNull": ["$since", now]},
                "until": {"$max": ["$until", _day_after(now + KEPT)]},
                "version": {"$add": [{"$ifNull": ["$version", 0]}, 1]},
            }
        }
    ]


def _day_after(at: datetime) -> datetime:
    # To the day: the index that forgets trails need not be written at every sighting.
    return (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _past(row: Document) -> Past:
    lines = [(line["category"], line["unit_minor"], line["quantity"]) for line in row["lines"]]
    return Past(
        row["_id"], row["state"], row["currency"], row["captured_minor"], row["paid_at"], row.get("risk", b""), lines
    )
