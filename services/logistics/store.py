"""This is where the collections' indexes and the queries beyond get and find are."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from google.protobuf.message import Message
from pymongo import ASCENDING, IndexModel, UpdateOne

from services.kit.store import Store, encode

from .fleet.carrier import OWN_FLEET
from .inserts import Card
from .shipments import DELIVERED, EXCEPTION, SHIPPED, WAITING, Shipment
from .tracking import RETURNED
from .warehouses import Planned, Used

SHIPMENTS = [
    IndexModel([("carrier", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)], name="carrier"),
    IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="state"),
    # Only what is under way is in these two.
    IndexModel(
        [("watch", ASCENDING), ("carrier", ASCENDING), ("tracking_state", ASCENDING), ("heard_at", ASCENDING)],
        name="watch",
        partialFilterExpression={"watch": {"$gt": ""}},
    ),
    IndexModel(
        [("carrier", ASCENDING), ("watch", ASCENDING), ("asked_at", ASCENDING)],
        name="asked",
        partialFilterExpression={"watch": {"$gt": ""}},
    ),
    IndexModel(
        [("warehouse", ASCENDING), ("priority", ASCENDING), ("ship_by", ASCENDING), ("_id", ASCENDING)],
        name="to_pick",
        partialFilterExpression={"state": "planned"},  # what leaves the floor leaves the index
    ),
    IndexModel(
        [("qc.state", ASCENDING), ("_id", ASCENDING)],
        name="qc",
        partialFilterExpression={"qc.state": {"$gt": ""}},
    ),
    IndexModel(
        [("moving.until", ASCENDING)], name="moving", partialFilterExpression={"moving.until": {"$exists": True}}
    ),
    IndexModel([("warehouse", ASCENDING), ("state", ASCENDING), ("created_at", ASCENDING)], name="warehouse"),
    IndexModel([("carrier", ASCENDING), ("shipped_at", ASCENDING), ("_id", ASCENDING)], name="handed"),
    IndexModel(
        [("waybill", ASCENDING), ("carrier", ASCENDING)],
        name="waybill",
        unique=True,
        partialFilterExpression={"waybill": {"$gt": ""}},  # what waits for staff has none
    ),
    # What changed since the scorecards counted it; few at any time.
    IndexModel(
        [("uncounted", ASCENDING), ("_id", ASCENDING)], name="uncounted", partialFilterExpression={"uncounted": True}
    ),
    IndexModel([("overdue", ASCENDING), ("state", ASCENDING), ("deliver_by", ASCENDING)], name="overdue"),
    IndexModel(  # what our own riders bring: nothing for an order that a carrier brings
        [("carrier", ASCENDING), ("warehouse", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)],
        name="own_fleet",
        partialFilterExpression={"carrier": OWN_FLEET},
    ),
    IndexModel(  # what nobody took, and what has become of it
        [("restocked_at", ASCENDING), ("_id", ASCENDING)],
        name="undelivered",
        partialFilterExpression={"tracking_state": RETURNED},
    ),
    IndexModel(
        [("warehouse", ASCENDING), ("_id", ASCENDING)], name="again", partialFilterExpression={"own.again": True}
    ),
]
CALLS = [IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=900)]  # well beyond the clock's five minutes
_MOST_PICKUPS = 5000
_GIVEN = (*WAITING, SHIPPED, DELIVERED)


def keep_together(
    shipments: Store[Shipment], planned: Callable[[Shipment], Message]
) -> Callable[[Sequence[tuple[Shipment, bool]]], Awaitable[None]]:
    """Keeps parcels in one transaction: an order divided over warehouses is rare, and half of it must not be seen."""

    async def keep(parcels: Sequence[tuple[Shipment, bool]]) -> None:
        client = shipments.collection.database.client
        async with client.start_session() as session, await session.start_transaction():
            for parcel, exists in parcels:
                write = shipments.save if exists else shipments.insert
                await write(parcel, planned(parcel), session=session)

    return keep


def waiting_for(shipments: Store[Shipment]) -> Callable[[str, datetime], Awaitable[Sequence[Mapping[str, Any]]]]:
    """A carrier's parcels that wait in a warehouse and were there before a moment: warehouse and waybill."""

    async def find(carrier: str, before: datetime) -> Sequence[Mapping[str, Any]]:
        where = {"carrier": carrier, "state": {"$in": list(WAITING)}, "created_at": {"$lt": before}}
        cursor = (
            shipments.collection.find(where, {"warehouse": 1, "waybill": 1, "return_id": 1})
            .sort("_id", 1)
            .limit(_MOST_PICKUPS)
        )
        return await cursor.to_list(_MOST_PICKUPS)

    return find


def planned_since(shipments: Store[Shipment]) -> Planned:
    """How many parcels a warehouse was given since a moment, and how many wait there."""

    async def count(warehouse: str, since: datetime) -> Used:
        there = shipments.collection
        given = {"warehouse": warehouse, "state": {"$in": list(_GIVEN)}, "created_at": {"$gte": since}}
        waiting = {"warehouse": warehouse, "state": {"$in": list(WAITING)}}
        return Used(
            await there.count_documents(given, hint="warehouse"), await there.count_documents(waiting, hint="warehouse")
        )

    return count


def exceptions(shipments: Store[Shipment]) -> Callable[[], Awaitable[int]]:
    """How many wait for staff."""

    async def count() -> int:
        return await shipments.collection.count_documents({"state": EXCEPTION}, hint="state")

    return count


def keep_cards(cards: Store[Card]) -> Callable[[Sequence[Card]], Awaitable[None]]:
    """Keeps the cards that are not kept yet."""

    async def keep(made: Sequence[Card]) -> None:
        if not made:
            return
        rows = [{name: value for name, value in encode(card).items() if name != "id"} | {"version": 1} for card in made]
        writes = [
            UpdateOne({"_id": card.id}, {"$setOnInsert": row}, upsert=True)
            for card, row in zip(made, rows, strict=True)
        ]
        await cards.collection.bulk_write(writes, ordered=False)

    return keep
