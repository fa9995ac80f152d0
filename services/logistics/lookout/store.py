"""This is where what was learned of lanes is added up: one upsert a lane, whatever came before."""

from collections.abc import Awaitable, Callable
from typing import Any

from pymongo import DESCENDING, IndexModel

from services.kit.store import Store
from services.logistics.estimates import DoorTimes

LANES = [IndexModel([("parcels", DESCENDING)], name="parcels")]
_MOST = 10_000


def adding(lanes: Store[DoorTimes]) -> Callable[[str, dict[str, Any]], Awaitable[None]]:
    """Adds numbers to a lane."""

    async def add(lane: str, numbers: dict[str, Any]) -> None:
        await lanes.collection.update_one({"_id": lane}, {"$inc": {**numbers, "version": 1}}, upsert=True)

    return add


def busiest(lanes: Store[DoorTimes], most: int = _MOST) -> Callable[[], Awaitable[list[DoorTimes]]]:
    """The lanes with most parcels."""

    async def find() -> list[DoorTimes]:
        return await lanes.find({"parcels": {"$gt": 0}}, [("parcels", -1)], most)

    return find
