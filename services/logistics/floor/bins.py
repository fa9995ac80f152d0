"""This is where it is known in which zone and bin of a warehouse a SKU lies."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.errors import AlreadyExists, FieldError, Invalid
from services.kit.store import Store
from services.logistics.words import is_code, is_text


@dataclass
class Bin:
    """A SKU's place; `id` is the warehouse's code and the SKU."""

    id: str
    zone: str
    bin: str
    version: int = 0


class InvalidBin(Invalid):
    """No place."""


class Bins:
    """The places."""

    def __init__(self, kept: Store[Bin]) -> None:
        self._kept = kept

    async def put(self, warehouse: str, sku: str, zone: str, place: str) -> Bin:
        """A SKU lies there now. Refuses with `InvalidBin`."""
        if not (is_code(warehouse) and is_text(sku, 64, 1) and is_text(zone, 32, 1) and is_text(place, 32, 1)):
            raise InvalidBin("no such place", errors=[FieldError("/bin", "zone and bin: 1 to 32 characters")])
        moved = Bin(f"{warehouse}|{sku}", zone, place)
        there = {"$set": {"zone": zone, "bin": place}}
        if known := await self._kept.change({"_id": moved.id}, there):
            return known
        try:
            return await self._kept.insert(moved)
        except AlreadyExists:
            return await self._kept.change({"_id": moved.id}, there) or moved

    async def of(self, warehouse: str, skus: Sequence[str]) -> dict[str, Bin]:
        """Those that are known, by SKU."""
        found = await self._kept.get_many([f"{warehouse}|{sku}" for sku in skus])
        return {key.partition("|")[2]: one for key, one in found.items()}
